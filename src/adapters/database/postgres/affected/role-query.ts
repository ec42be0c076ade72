import { MEMBERSHIP_OPTIONS_SINCE } from '../statements/membership-statement.ts';
import { quoteLiteral } from '../statements/quote.ts';

function wanted(names: readonly string[]): string {
  return `(VALUES ${names.map((name) => `(${quoteLiteral(name)}::text)`).join(', ')}) AS wanted(name)`;
}

const UNTIL = `CASE WHEN r.rolvaliduntil IS NULL THEN 'infinity' WHEN isfinite(r.rolvaliduntil)
  THEN floor(extract(epoch FROM r.rolvaliduntil) * 1000)::bigint::text ELSE r.rolvaliduntil::text END`;

function attributeQuery(names: readonly string[]): string {
  return `SELECT json_build_array('role', r.rolname, f.field)::text, f.value::text, NULL::text, NULL::text
FROM ${wanted(names)} JOIN pg_catalog.pg_roles r ON r.rolname = wanted.name
CROSS JOIN LATERAL (VALUES
  ('oid', to_json(r.oid::text)), ('superuser', to_json(r.rolsuper)), ('createdb', to_json(r.rolcreatedb)),
  ('createrole', to_json(r.rolcreaterole)), ('inherit', to_json(r.rolinherit)), ('login', to_json(r.rolcanlogin)),
  ('replication', to_json(r.rolreplication)), ('bypassrls', to_json(r.rolbypassrls)),
  ('connectionLimit', to_json(r.rolconnlimit)), ('validUntil', to_json(${UNTIL}))) AS f(field, value)`;
}

function membershipQuery(names: readonly string[], major: number): string {
  const withOptions = major >= MEMBERSHIP_OPTIONS_SINCE;
  const grantor = withOptions ? `coalesce(x.rolname, '#' || e.grantor)` : `''`;
  const value = withOptions
    ? `json_build_object('admin', e.admin_option, 'inherit', e.inherit_option, 'set', e.set_option)`
    : `json_build_object('admin', e.admin_option)`;
  return `SELECT DISTINCT json_build_array('member', g.rolname, m.rolname, ${grantor})::text, ${value}::text,
  'pg_auth_members ' || e.roleid || ' ' || e.member || ' ' || e.grantor, e.xmin::text
FROM ${wanted(names)} JOIN pg_catalog.pg_roles r ON r.rolname = wanted.name
JOIN pg_catalog.pg_auth_members e ON e.roleid = r.oid OR e.member = r.oid
JOIN pg_catalog.pg_roles g ON g.oid = e.roleid JOIN pg_catalog.pg_roles m ON m.oid = e.member
LEFT JOIN pg_catalog.pg_roles x ON x.oid = e.grantor`;
}

function settingQuery(names: readonly string[]): string {
  return `SELECT json_build_array('setting', r.rolname, coalesce(d.datname, ''), lower(split_part(c.line, '=', 1)))::text,
  to_json(substr(c.line, strpos(c.line, '=') + 1))::text,
  'pg_db_role_setting ' || s.setdatabase || ' ' || s.setrole, s.xmin::text
FROM ${wanted(names)} JOIN pg_catalog.pg_roles r ON r.rolname = wanted.name
JOIN pg_catalog.pg_db_role_setting s ON s.setrole = r.oid
LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
CROSS JOIN LATERAL unnest(s.setconfig) AS c(line)`;
}

/** Everything a server keeps about roles by name: attributes, edges to and from them, their settings. */
export function roleQueries(names: readonly string[], major: number): readonly string[] {
  return names.length === 0 ? [] : [attributeQuery(names), membershipQuery(names, major), settingQuery(names)];
}

/** What is kept of databases by name: options, owner, settings of everybody in it. */
export function databaseQueries(names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  return [
    `SELECT json_build_array('database', d.datname, f.field)::text, f.value::text, 'pg_database ' || d.oid, d.xmin::text
FROM ${wanted(names)} JOIN pg_catalog.pg_database d ON d.datname = wanted.name
LEFT JOIN pg_catalog.pg_roles o ON o.oid = d.datdba
CROSS JOIN LATERAL (VALUES
  ('oid', to_json(d.oid::text)), ('owner', to_json(coalesce(o.rolname, '#' || d.datdba))),
  ('connectionLimit', to_json(d.datconnlimit)), ('isTemplate', to_json(d.datistemplate)),
  ('allowConnections', to_json(d.datallowconn))) AS f(field, value)`,
    `SELECT json_build_array('setting', '', d.datname, lower(split_part(c.line, '=', 1)))::text,
  to_json(substr(c.line, strpos(c.line, '=') + 1))::text, 'pg_db_role_setting ' || s.setdatabase || ' 0', s.xmin::text
FROM ${wanted(names)} JOIN pg_catalog.pg_database d ON d.datname = wanted.name
JOIN pg_catalog.pg_db_role_setting s ON s.setdatabase = d.oid AND s.setrole = 0
CROSS JOIN LATERAL unnest(s.setconfig) AS c(line)`,
  ];
}

/** Schemas and extensions of the database the connection stands in. */
export function schemaQueries(names: readonly string[], database: string): readonly string[] {
  if (names.length === 0) return [];
  return [
    `SELECT json_build_array('schema', ${quoteLiteral(database)}, n.nspname, f.field)::text, f.value::text, 'pg_namespace ' || n.oid, n.xmin::text
FROM ${wanted(names)} JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.name
LEFT JOIN pg_catalog.pg_roles o ON o.oid = n.nspowner
CROSS JOIN LATERAL (VALUES ('oid', to_json(n.oid::text)), ('owner', to_json(coalesce(o.rolname, '#' || n.nspowner)))) AS f(field, value)`,
  ];
}

export function extensionQueries(names: readonly string[], database: string): readonly string[] {
  if (names.length === 0) return [];
  return [
    `SELECT json_build_array('extension', ${quoteLiteral(database)}, e.extname, f.field)::text, f.value::text, 'pg_extension ' || e.oid, e.xmin::text
FROM ${wanted(names)} JOIN pg_catalog.pg_extension e ON e.extname = wanted.name
JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
CROSS JOIN LATERAL (VALUES ('version', to_json(e.extversion)), ('schema', to_json(n.nspname::text))) AS f(field, value)`,
  ];
}
