import { quoteLiteral } from '../postgres/statements/quote.ts';

const wanted = (names: readonly string[]): string =>
  names.length === 0
    ? `(SELECT NULL::text WHERE false)`
    : `(VALUES ${names.map((name) => `(${quoteLiteral(name)}::text)`).join(', ')})`;

/** Everything doctor asks of the server, in the probe database. Reads of catalogs only; no right is ever tried out. */
export function serverRightsQuery(): string {
  return `SELECT r.rolname AS "user", current_setting('server_version_num') AS version, pg_is_in_recovery() AS in_recovery,
  r.rolsuper AS superuser, r.rolcreatedb AS createdb, r.rolcreaterole AS createrole, r.rolreplication AS replication, r.rolbypassrls AS bypassrls,
  current_setting('default_transaction_read_only') AS read_only,
  pg_has_role(r.oid, 'pg_read_all_settings', 'USAGE') AS all_settings,
  has_column_privilege(r.oid, 'pg_catalog.pg_authid', 'oid', 'SELECT') AS role_rows,
  has_table_privilege(r.oid, 'pg_catalog.pg_authid', 'SELECT') AS verifiers
FROM pg_roles r WHERE r.rolname = session_user`;
}

/** Databases, and what the session may do with each. */
export function databaseRightsQuery(): string {
  return `SELECT d.datname AS database, has_database_privilege(session_user, d.oid, 'CONNECT') AS can_connect, has_database_privilege(session_user, d.oid, 'CREATE') AS can_create,
  d.datallowconn AS open, d.datistemplate AS template FROM pg_database d ORDER BY d.datname`;
}

/** What the session's role owns, anywhere. */
export function ownedQuery(): string {
  return `SELECT coalesce(d.datname, 'the server') AS place, count(*) AS things FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid
LEFT JOIN pg_database d ON d.oid = s.dbid WHERE s.refclassid = 'pg_authid'::regclass AND s.deptype = 'o' AND r.rolname = session_user GROUP BY 1 ORDER BY 1`;
}

/** Roles the session's role was made a member of. */
export function membershipQuery(): string {
  return `SELECT g.rolname AS "group" FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = m.member
WHERE r.rolname = session_user ORDER BY 1`;
}

/** In one database: where the session may create, and how many tables it may write. */
export function writableQuery(): string {
  return `SELECT (SELECT coalesce(json_agg(n.nspname ORDER BY n.nspname), '[]') FROM pg_namespace n WHERE n.nspname !~ '^pg_(toast|temp)' AND has_schema_privilege(session_user, n.oid, 'CREATE')) AS schemas,
  (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
    AND has_table_privilege(session_user, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')) AS tables`;
}

/** What another role, the actuator, may do: read from the catalogs, without its password. */
export function actuatorRightsQuery(
  actuator: string,
  names: { readonly owners: readonly string[]; readonly managed: readonly string[] },
): string {
  const me = `(SELECT a.oid FROM pg_roles a WHERE a.rolname = ${quoteLiteral(actuator)})`;
  const is = (word: string): string =>
    `CASE WHEN ${me} IS NULL THEN NULL ELSE pg_has_role(${me}, o.oid, '${word}') END`;
  return `SELECT 'self' AS kind, ${quoteLiteral(actuator)} AS role, (SELECT a.rolsuper OR a.rolcreaterole FROM pg_roles a WHERE a.rolname = ${quoteLiteral(actuator)}) AS holds
UNION ALL SELECT 'superuser', ${quoteLiteral(actuator)}, (SELECT a.rolsuper FROM pg_roles a WHERE a.rolname = ${quoteLiteral(actuator)})
UNION ALL SELECT 'owner', o.rolname, ${is('MEMBER')} FROM pg_roles o WHERE o.rolname IN (SELECT w.* FROM ${wanted(names.owners)} AS w)
UNION ALL SELECT 'managed', o.rolname, ${is('MEMBER WITH ADMIN OPTION')} FROM pg_roles o WHERE o.rolname IN (SELECT w.* FROM ${wanted(names.managed)} AS w)`;
}
