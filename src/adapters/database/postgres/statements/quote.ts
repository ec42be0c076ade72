import { OperationError } from '../../../../core/model/operation-error.ts';

/** The server silently cuts longer names, so that a statement would reach something else. */
const MAXIMUM_NAME_BYTES = 63;

function refuse(what: string, shown: string, why: string): never {
  throw new OperationError('NAME_REFUSED', `cannot write ${what} ${shown} into a statement: ${why}`, {
    retry: 'no',
    next: 'name something that PostgreSQL can hold, or change it by hand',
  });
}

function checkText(text: string, what: string): void {
  const shown = JSON.stringify(text.slice(0, 80));
  if (text.includes('\0')) refuse(what, shown, 'it holds a NUL character');
  if (!text.isWellFormed()) refuse(what, shown, 'it holds half of a surrogate pair');
}

/** An identifier, always in double quotes. */
export function quoteIdentifier(name: string): string {
  checkText(name, 'the name');
  const bytes = Buffer.byteLength(name, 'utf8');
  if (bytes === 0) refuse('the name', '""', 'it is empty');
  if (bytes > MAXIMUM_NAME_BYTES) {
    refuse('the name', JSON.stringify(name), `it has ${bytes} bytes, and a name has at most ${MAXIMUM_NAME_BYTES}`);
  }
  return `"${name.replaceAll('"', '""')}"`;
}

/** A qualified name, each part quoted. */
export function quoteQualified(schema: string, name: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** A text literal. Right only while `standard_conforming_strings` is on, which every transaction of Kedge sets. */
export function quoteLiteral(text: string): string {
  checkText(text, 'the value');
  return `'${text.replaceAll("'", "''")}'`;
}

/** An integer within the range of the server's `int4`. */
export function integerLiteral(value: number): string {
  if (!Number.isInteger(value) || value < -2_147_483_648 || value > 2_147_483_647) {
    refuse('the number', String(value), 'it is no 32-bit integer');
  }
  return String(value);
}
