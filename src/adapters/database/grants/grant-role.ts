/** The roles a database unit may be read, written, asked for passwords and audited by. */
export const GRANT_ROLES = ['observer', 'password', 'audit', 'actuator'] as const;
export type GrantRole = (typeof GRANT_ROLES)[number];

/** SQL a person reads and runs, or why there is none. */
export type PrintedGrants =
  { readonly status: 'printed'; readonly sql: string } | { readonly status: 'not-offered'; readonly because: string };
