import { z } from 'zod';

/** What a privilege is given on. */
export const ACL_KINDS = [
  'database',
  'schema',
  'table',
  'sequence',
  'function',
  'type',
  'tablespace',
  'large-object',
  'parameter',
  'all-tables',
  'all-sequences',
  'all-functions',
] as const;
export type AclKind = (typeof ACL_KINDS)[number];

/** Every privilege word a statement may hold. */
export const Privilege = z.enum([
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'TRUNCATE',
  'REFERENCES',
  'TRIGGER',
  'MAINTAIN',
  'USAGE',
  'CREATE',
  'CONNECT',
  'TEMPORARY',
  'EXECUTE',
  'SET',
  'ALTER SYSTEM',
]);
export type Privilege = z.infer<typeof Privilege>;

interface AclFacts {
  readonly privileges: readonly Privilege[];
  /** The words after `ON`. */
  readonly keyword: string;
  /** The letter of `acldefault`. */
  readonly letter: string;
}

const TABLE: readonly Privilege[] = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'TRUNCATE',
  'REFERENCES',
  'TRIGGER',
  'MAINTAIN',
];
const SEQUENCE: readonly Privilege[] = ['USAGE', 'SELECT', 'UPDATE'];

/** The closed privilege set of each kind of target. */
export const ACL_FACTS: Readonly<Record<AclKind, AclFacts>> = {
  database: { privileges: ['CREATE', 'CONNECT', 'TEMPORARY'], keyword: 'DATABASE', letter: 'd' },
  schema: { privileges: ['USAGE', 'CREATE'], keyword: 'SCHEMA', letter: 'n' },
  table: { privileges: TABLE, keyword: 'TABLE', letter: 'r' },
  sequence: { privileges: SEQUENCE, keyword: 'SEQUENCE', letter: 's' },
  function: { privileges: ['EXECUTE'], keyword: 'ROUTINE', letter: 'f' },
  type: { privileges: ['USAGE'], keyword: 'TYPE', letter: 'T' },
  tablespace: { privileges: ['CREATE'], keyword: 'TABLESPACE', letter: 't' },
  'large-object': { privileges: ['SELECT', 'UPDATE'], keyword: 'LARGE OBJECT', letter: 'L' },
  'all-tables': { privileges: TABLE, keyword: 'ALL TABLES IN SCHEMA', letter: 'r' },
  'all-sequences': { privileges: SEQUENCE, keyword: 'ALL SEQUENCES IN SCHEMA', letter: 's' },
  'all-functions': { privileges: ['EXECUTE'], keyword: 'ALL ROUTINES IN SCHEMA', letter: 'f' },
  parameter: { privileges: ['SET', 'ALTER SYSTEM'], keyword: 'PARAMETER', letter: 'p' },
};

/** Privileges that can be given on columns alone. */
export const COLUMN_PRIVILEGES: readonly Privilege[] = ['SELECT', 'INSERT', 'UPDATE', 'REFERENCES'];

/** What default privileges can be given on, with their privileges and the letter of `pg_default_acl`. */
export const DEFAULT_ACL_KINDS = ['tables', 'sequences', 'functions', 'types', 'schemas', 'large-objects'] as const;
export type DefaultAclKind = (typeof DEFAULT_ACL_KINDS)[number];

export const DEFAULT_ACL_FACTS: Readonly<Record<DefaultAclKind, AclFacts & { readonly catalogLetter: string }>> = {
  tables: { ...ACL_FACTS.table, keyword: 'TABLES', catalogLetter: 'r' },
  sequences: { ...ACL_FACTS.sequence, keyword: 'SEQUENCES', catalogLetter: 'S' },
  functions: { ...ACL_FACTS.function, keyword: 'ROUTINES', catalogLetter: 'f' },
  types: { ...ACL_FACTS.type, keyword: 'TYPES', catalogLetter: 'T' },
  schemas: { ...ACL_FACTS.schema, keyword: 'SCHEMAS', catalogLetter: 'n' },
  'large-objects': { ...ACL_FACTS['large-object'], keyword: 'LARGE OBJECTS', catalogLetter: 'L' },
};
