import type { TypeName } from './target.ts';

/** Types the server shows by SQL words instead of by the name of their row. */
const SQL_WORDS: Readonly<Record<string, string>> = {
  bigint: 'int8',
  bit: 'bit',
  'bit varying': 'varbit',
  boolean: 'bool',
  character: 'bpchar',
  'character varying': 'varchar',
  'double precision': 'float8',
  integer: 'int4',
  real: 'float4',
  smallint: 'int2',
  'time with time zone': 'timetz',
  'time without time zone': 'time',
  'timestamp with time zone': 'timestamptz',
  'timestamp without time zone': 'timestamp',
  '"char"': 'char',
};

const PLAIN = /^[a-z_][a-z0-9_$]*$/;
const PART = String.raw`([a-z_][a-z0-9_$]*|"(?:[^"]|"")+")`;
const QUALIFIED = new RegExp(`^${PART}\\.${PART}$`);

function unquote(part: string): string {
  return part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part;
}

function readType(text: string): TypeName | undefined {
  const isArray = text.endsWith('[]');
  const base = isArray ? text.slice(0, -2) : text;
  const word = SQL_WORDS[base] ?? (PLAIN.test(base) ? base : undefined);
  if (word !== undefined) return { schema: 'pg_catalog', name: word, isArray };
  const [, schema, name] = QUALIFIED.exec(base) ?? [];
  if (schema === undefined || name === undefined) return undefined;
  return { schema: unquote(schema), name: unquote(name), isArray };
}

function splitOutsideQuotes(text: string): readonly string[] {
  return text.match(/(?:"(?:[^"]|"")*"|[^,"])+/g)?.map((part) => part.trim()) ?? [];
}

/** Reads the argument types of a function as the server lists them; undefined when one is not understood. */
export function readArgumentTypes(text: string): readonly TypeName[] | undefined {
  const types = splitOutsideQuotes(text).map(readType);
  return types.every((type) => type !== undefined) ? types : undefined;
}
