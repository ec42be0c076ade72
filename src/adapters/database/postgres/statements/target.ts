import { z } from 'zod';
import { OperationError } from '../../../../core/model/operation-error.ts';
import { ACL_FACTS, type AclKind } from './privilege.ts';
import { quoteIdentifier, quoteQualified } from './quote.ts';

/** A data type by the names of its catalog row; an array is named `_int4` there. */
export const TypeName = z.strictObject({ schema: z.string(), name: z.string() });
export type TypeName = Readonly<z.infer<typeof TypeName>>;

const all = <K extends AclKind>(kind: K) =>
  z.strictObject({ kind: z.literal(kind), database: z.string(), schema: z.string() });

const named = <K extends AclKind>(kind: K) =>
  z.strictObject({ kind: z.literal(kind), database: z.string(), schema: z.string(), name: z.string() });

/** One thing that carries an ACL. `database` is where a connection must stand to reach it. */
export const AclTarget = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('database'), database: z.string() }),
  z.strictObject({ kind: z.literal('schema'), database: z.string(), schema: z.string() }),
  named('table'),
  named('sequence'),
  named('type'),
  named('function').extend({ arguments: z.array(TypeName) }),
  all('all-tables'),
  all('all-sequences'),
  all('all-functions'),
  z.strictObject({ kind: z.literal('tablespace'), name: z.string() }),
  z.strictObject({ kind: z.literal('parameter'), name: z.string() }),
  z.strictObject({ kind: z.literal('large-object'), database: z.string(), oid: z.string().regex(/^\d{1,10}$/) }),
]);
export type AclTarget = Readonly<z.infer<typeof AclTarget>>;

const PARAMETER_NAME = /^[a-z_][a-z0-9_$]*(\.[a-z_][a-z0-9_$]*)*$/i;

/** A setting's name, each part quoted; custom ones have two parts. */
export function quoteSettingName(name: string): string {
  if (!PARAMETER_NAME.test(name)) {
    throw new OperationError(
      'NAME_REFUSED',
      `cannot write the setting ${JSON.stringify(name)}: no setting has such a name`,
      {
        retry: 'no',
        next: 'change it by hand',
      },
    );
  }
  return name.split('.').map(quoteIdentifier).join('.');
}

function renderName(target: AclTarget): string {
  switch (target.kind) {
    case 'database':
      return quoteIdentifier(target.database);
    case 'schema':
    case 'all-tables':
    case 'all-sequences':
    case 'all-functions':
      return quoteIdentifier(target.schema);
    case 'tablespace':
      return quoteIdentifier(target.name);
    case 'parameter':
      return quoteSettingName(target.name);
    case 'large-object':
      return target.oid;
    case 'function':
      return `${quoteQualified(target.schema, target.name)}(${target.arguments
        .map((type) => quoteQualified(type.schema, type.name))
        .join(', ')})`;
    default:
      return quoteQualified(target.schema, target.name);
  }
}

/** `TABLE "shop"."orders"`. */
export function renderTarget(target: AclTarget): string {
  return `${ACL_FACTS[target.kind].keyword} ${renderName(target)}`;
}

/** The database a connection must stand in, or undefined where any will do. */
export function databaseOf(target: AclTarget): string | undefined {
  if (target.kind === 'database' || target.kind === 'tablespace' || target.kind === 'parameter') return undefined;
  return target.database;
}

/** A stable text of a target, for keys; equal targets have equal texts. */
export function targetKey(target: AclTarget): string {
  const parts = Object.entries(target).sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify(parts.map(([, value]) => value));
}
