/**
 * Shapes of the trees that are compared, of one PostgreSQL server. What a person reads is the merge key (`on`, `role`, `name`);
 * the typed parts beside it are what statements are built from, so that no text is ever taken apart.
 */

/** Kinds of things privileges stand on. */
export type TargetKind =
  | 'database'
  | 'schema'
  | 'table'
  | 'column'
  | 'sequence'
  | 'function'
  | 'type'
  | 'language'
  | 'server'
  | 'wrapper'
  | 'tablespace'
  | 'largeobject'
  | 'parameter';

/** What a privilege stands on. `name: '*'` means every table (sequence, function) of the schema. */
export interface Target {
  /** `<database>[.<schema>[.<kind>.<name>]]`, the merge key. */
  readonly on: string;
  readonly kind: TargetKind;
  readonly database?: string;
  readonly schema?: string;
  readonly name?: string;
  readonly column?: string;
  /** Argument types of a function, as `regtype` writes them. */
  readonly arguments?: string;
  readonly owner?: string;
}

/** One privilege one grantor gave. */
export interface HeldPrivilege {
  readonly privilege: string;
  readonly grantor: string;
  readonly grantable: boolean;
}

/** An item of `/grants`: declared privileges, and, in the actual plane, those of them that are there. */
export interface GrantItem extends Target {
  readonly privileges: readonly string[];
  readonly grantOption: boolean;
  /** For `name: '*'`: how many targets lack something; zero in the desired plane. */
  readonly lacking?: { readonly count: number; readonly names: readonly string[]; readonly digest: string };
}

/** An item of `/extraGrants` and `/privileges`: what is there beyond the documents, by grantor. */
export interface HeldItem extends Target {
  readonly held: readonly HeldPrivilege[];
}

/** An item of `/memberOf`, `/roles`: a membership, with its options. */
export interface MembershipItem {
  readonly role: string;
  readonly admin: boolean;
  readonly inherit: boolean;
  readonly set: boolean;
  /** Only in `/extraMemberOf`, `/extraRoles`: who gave it. */
  readonly grantors?: readonly string[];
}

/** An item of `/defaults`: privileges on what a role will create. */
export interface DefaultItem {
  readonly on: string;
  readonly database: string;
  /** Absent: in every schema. */
  readonly schema?: string;
  readonly objectType: 'tables' | 'sequences' | 'functions' | 'types' | 'schemas' | 'largeobjects';
  /** The role whose new things get them. */
  readonly owner: string;
  readonly grantee: string;
  readonly privileges: readonly string[];
}

/** Seven powers of a role, by the documents' own lower-case words. */
export const ATTRIBUTES = [
  'superuser',
  'createdb',
  'createrole',
  'inherit',
  'login',
  'replication',
  'bypassrls',
] as const;
export type Attribute = (typeof ATTRIBUTES)[number];

/** The grantee that is everybody, by the one name that no role can bear: the server reserves it. */
export const PUBLIC = 'public';

/** Facts of the observation that writing needs: which server this is and how it was reached. */
export interface ServerFacts {
  readonly systemIdentifier: string;
  readonly version: number;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly tls: 'none' | 'unverified' | 'verified' | 'local';
  readonly inRecovery: boolean;
  readonly observer: string;
}
