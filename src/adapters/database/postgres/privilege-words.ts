import type { DeclaredPrivilege } from '../documents/schema.ts';
import type { TargetKind } from './state.ts';

/** Every privilege a kind of thing can carry, by the version that knows it. */
const BY_KIND: Readonly<Record<TargetKind, readonly string[]>> = {
  database: ['CREATE', 'CONNECT', 'TEMPORARY'],
  schema: ['USAGE', 'CREATE'],
  table: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN'],
  column: ['SELECT', 'INSERT', 'UPDATE', 'REFERENCES'],
  sequence: ['USAGE', 'SELECT', 'UPDATE'],
  function: ['EXECUTE'],
  type: ['USAGE'],
  language: ['USAGE'],
  server: ['USAGE'],
  wrapper: ['USAGE'],
  tablespace: ['CREATE'],
  largeobject: ['SELECT', 'UPDATE'],
  parameter: ['SET', 'ALTER SYSTEM'],
};

const MAINTAIN_SINCE = 17;

/** The privileges of a kind on a version. */
export function privilegesOf(kind: TargetKind, version: number): readonly string[] {
  return BY_KIND[kind].filter((privilege) => privilege !== 'MAINTAIN' || version >= MAINTAIN_SINCE);
}

/** Declared words as the server means them: `ALL` expanded, `TEMP` written out, those that the kind does not know left out. */
export function expandPrivileges(words: readonly string[], kind: TargetKind, version: number): readonly string[] {
  const known = privilegesOf(kind, version);
  const upper = words.map((word) => word.trim().toUpperCase());
  if (upper.includes('ALL') || upper.includes('ALL PRIVILEGES')) return known;
  const meant = upper.map((word) => (word === 'TEMP' ? 'TEMPORARY' : word));
  return known.filter((privilege) => meant.includes(privilege));
}

/** One thing a declaration speaks of, before it is looked up. */
export interface DeclaredTarget {
  readonly kind: 'database' | 'schema' | 'table' | 'sequence' | 'function';
  readonly database: string;
  readonly schema?: string;
  /** `*`: all of the schema, later ones too. */
  readonly name?: string;
  readonly privileges: readonly string[];
}

const SCHEMA_WORDS: ReadonlySet<string> = new Set(['USAGE', 'CREATE', 'ALL', 'ALL PRIVILEGES']);

function named(
  declared: DeclaredPrivilege,
  kind: 'table' | 'sequence' | 'function',
  names: readonly string[] | undefined,
): readonly DeclaredTarget[] {
  return (names ?? []).map((name) => ({
    kind,
    database: declared.database,
    schema: declared.schema ?? 'public',
    name,
    privileges: declared.privileges,
  }));
}

/** What one declared privilege means: named things, or the schema, or the database, by what is said. */
export function declaredTargets(declared: DeclaredPrivilege): readonly DeclaredTarget[] {
  const things = [
    ...named(declared, 'table', declared.tables),
    ...named(declared, 'sequence', declared.sequences),
    ...named(declared, 'function', declared.functions),
  ];
  if (things.length > 0) return things;
  const { database, schema, privileges } = declared;
  if (schema === undefined) return [{ kind: 'database', database, privileges }];
  const onSchema = privileges.filter((word) => SCHEMA_WORDS.has(word.trim().toUpperCase()));
  const onTables = privileges.filter((word) => !SCHEMA_WORDS.has(word.trim().toUpperCase()));
  return [
    ...(onSchema.length === 0 ? [] : [{ kind: 'schema' as const, database, schema, privileges: onSchema }]),
    ...(onTables.length === 0 ? [] : [{ kind: 'table' as const, database, schema, name: '*', privileges: onTables }]),
  ];
}
