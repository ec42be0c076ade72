/**
 * The closed list of what an observer may send. Each is one simple-query message: a read-only transaction with the catalogs it reads.
 * Names are joined from oids inside the snapshot; functions that answer from the newest catalog instead are not used.
 */

/** A result by name: column → text. */
export type Row = Readonly<Record<string, string | null>>;

/** One message and the names of its results, in order. */
export interface CatalogQuery {
  readonly name: 'probe' | 'cluster' | 'database' | 'fingerprint';
  readonly reads: readonly (readonly [string, string])[];
}

const SYSTEM_SCHEMA =
  "(n.nspname = 'pg_catalog' OR n.nspname = 'information_schema' OR n.nspname LIKE 'pg\\_toast%' OR n.nspname LIKE 'pg\\_temp%')";

function since(version: number, least: number, column: string, fallback: string): string {
  return version >= least ? column : fallback;
}

/** What the server is, before anything else is asked. */
export const PROBE: CatalogQuery = {
  name: 'probe',
  reads: [
    [
      'server',
      `SELECT current_setting('server_version_num') AS version, version() AS engine, current_database() AS database, session_user AS session_user, current_user AS current_user,
      pg_is_in_recovery() AS in_recovery, (SELECT system_identifier FROM pg_control_system()) AS system_identifier,
      CASE WHEN pg_is_in_recovery() THEN extract(epoch FROM now() - pg_last_xact_replay_timestamp())::text END AS lag`,
    ],
  ],
};

/** Roles, memberships, databases, settings: what is shared by every database of a server. */
export function clusterQuery(version: number): CatalogQuery {
  const members =
    version >= 16 ? 'm.inherit_option, m.set_option' : 'NULL::text AS inherit_option, NULL::text AS set_option';
  const parameters =
    version >= 15
      ? 'SELECT p.parname AS name, a.grantor, a.grantee, a.privilege_type AS privilege, a.is_grantable AS grantable FROM pg_parameter_acl p, aclexplode(p.paracl) a WHERE a.grantee <> 10'
      : 'SELECT NULL::text AS name, NULL::text AS grantor, NULL::text AS grantee, NULL::text AS privilege, NULL::text AS grantable WHERE false';
  return {
    name: 'cluster',
    reads: [
      [
        'roles',
        'SELECT oid, rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls, rolconnlimit, rolvaliduntil FROM pg_roles',
      ],
      ['members', `SELECT m.roleid, m.member, m.grantor, m.admin_option, ${members} FROM pg_auth_members m`],
      [
        'databases',
        `SELECT d.oid, d.datname, d.datdba, pg_encoding_to_char(d.encoding) AS encoding, d.datcollate, d.datctype, ${since(version, 15, 'd.datlocprovider', "'c'::text AS datlocprovider")},
        ${version >= 17 ? 'd.datlocale' : since(version, 15, 'd.daticulocale AS datlocale', 'NULL::text AS datlocale')}, d.datistemplate, d.datallowconn, d.datconnlimit, t.spcname AS tablespace
        FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace`,
      ],
      [
        'databaseAcls',
        "SELECT d.oid, a.grantor, a.grantee, a.privilege_type AS privilege, a.is_grantable AS grantable FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a WHERE a.grantee <> d.datdba",
      ],
      [
        'settings',
        'SELECT s.setdatabase, s.setrole, c.setting FROM pg_db_role_setting s, unnest(s.setconfig) AS c(setting)',
      ],
      [
        'tablespaces',
        'SELECT t.oid, t.spcname AS name, t.spcowner AS owner, a.grantor, a.grantee, a.privilege_type AS privilege, a.is_grantable AS grantable FROM pg_tablespace t LEFT JOIN LATERAL aclexplode(t.spcacl) a ON a.grantee <> t.spcowner',
      ],
      ['parameters', parameters],
      ['serverSettings', 'SELECT name, setting, unit FROM pg_settings'],
    ],
  };
}

/** What one database holds, as far as privileges, owners and guards go. */
export function databaseQuery(): CatalogQuery {
  return {
    name: 'database',
    reads: [
      ['here', 'SELECT current_database() AS database'],
      [
        'schemas',
        `SELECT n.oid, n.nspname AS name, n.nspowner AS owner FROM pg_namespace n WHERE NOT (n.nspname LIKE 'pg\\_toast%' OR n.nspname LIKE 'pg\\_temp%')`,
      ],
      [
        'schemaAcls',
        `SELECT n.oid, a.grantor, a.grantee, a.privilege_type AS privilege, a.is_grantable AS grantable FROM pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
        WHERE a.grantee <> n.nspowner AND NOT (n.nspname LIKE 'pg\\_toast%' OR n.nspname LIKE 'pg\\_temp%')
        EXCEPT SELECT i.objoid, a.grantor, a.grantee, a.privilege_type, a.is_grantable FROM pg_init_privs i, aclexplode(i.initprivs) a WHERE i.classoid = 'pg_namespace'::regclass AND i.objsubid = 0`,
      ],
      [
        'relations',
        `SELECT c.oid, c.relnamespace AS schema, c.relname AS name, c.relkind AS kind, c.relowner AS owner, c.relrowsecurity AS row_security, c.relforcerowsecurity AS force_row_security
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r','p','v','m','f','S') AND NOT ${SYSTEM_SCHEMA}`,
      ],
      [
        'relationAcls',
        `SELECT c.oid, n.oid AS schema, c.relname AS name, c.relkind AS kind, c.relowner AS owner, a.grantor, a.grantee, string_agg(a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END, ',') AS privileges
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a WHERE c.relacl IS NOT NULL AND c.relkind IN ('r','p','v','m','f','S') AND a.grantee <> c.relowner AND NOT ${SYSTEM_SCHEMA}
        GROUP BY 1, 2, 3, 4, 5, 6, 7`,
      ],
      [
        'systemRelationAcls',
        `SELECT c.oid, n.oid AS schema, c.relname AS name, c.relkind AS kind, c.relowner AS owner, a.grantor, a.grantee, a.privilege_type AS privileges
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a WHERE c.relacl IS NOT NULL AND a.grantee <> c.relowner AND ${SYSTEM_SCHEMA} AND n.nspname NOT LIKE 'pg\\_t%'
        AND NOT (n.nspname = 'information_schema' AND a.grantee = 0 AND a.privilege_type = 'SELECT' AND NOT a.is_grantable)
        AND NOT EXISTS (SELECT 1 FROM pg_init_privs i, aclexplode(i.initprivs) b WHERE i.classoid = 'pg_class'::regclass AND i.objoid = c.oid AND i.objsubid = 0 AND b.grantee = a.grantee AND b.privilege_type = a.privilege_type AND b.is_grantable = a.is_grantable)`,
      ],
      [
        'columnAcls',
        `SELECT c.oid, n.oid AS schema, c.relname AS name, c.relowner AS owner, t.attname AS column, a.grantor, a.grantee, string_agg(a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END, ',') AS privileges
        FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(t.attacl) a WHERE t.attacl IS NOT NULL AND NOT t.attisdropped AND a.grantee <> c.relowner
        AND NOT EXISTS (SELECT 1 FROM pg_init_privs i WHERE i.classoid = 'pg_class'::regclass AND i.objoid = c.oid AND i.objsubid = t.attnum) GROUP BY 1, 2, 3, 4, 5, 6, 7`,
      ],
      [
        'functions',
        `SELECT p.oid, p.pronamespace AS schema, p.proname AS name, p.proargtypes::text AS argument_oids, p.proowner AS owner, p.prokind AS kind, p.prosecdef AS definer,
        (SELECT c FROM unnest(p.proconfig) AS u(c) WHERE c LIKE 'search_path=%' LIMIT 1) AS search_path
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE NOT ${SYSTEM_SCHEMA}`,
      ],
      [
        'functionAcls',
        `SELECT p.oid, a.grantor, a.grantee, a.privilege_type AS privileges, a.is_grantable AS grantable, p.pronamespace AS schema, p.proname AS name, p.proargtypes::text AS argument_oids, p.proowner AS owner
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee <> p.proowner AND NOT ${SYSTEM_SCHEMA}
        AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
          AND (p.proacl IS NULL OR (a.grantee = 0 AND NOT a.is_grantable AND NOT EXISTS (SELECT 1 FROM pg_init_privs i WHERE i.classoid = 'pg_proc'::regclass AND i.objoid = p.oid))))
        AND NOT EXISTS (SELECT 1 FROM pg_init_privs i, aclexplode(i.initprivs) b WHERE i.classoid = 'pg_proc'::regclass AND i.objoid = p.oid AND b.grantee = a.grantee AND b.is_grantable = a.is_grantable)
        UNION ALL SELECT p.oid, a.grantor, a.grantee, a.privilege_type, a.is_grantable, p.pronamespace, p.proname, p.proargtypes::text, p.proowner
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace, aclexplode(p.proacl) a WHERE p.proacl IS NOT NULL AND a.grantee <> p.proowner AND n.nspname IN ('pg_catalog', 'information_schema')
        AND NOT EXISTS (SELECT 1 FROM pg_init_privs i, aclexplode(i.initprivs) b WHERE i.classoid = 'pg_proc'::regclass AND i.objoid = p.oid AND b.grantee = a.grantee AND b.is_grantable = a.is_grantable)
        AND NOT (a.grantee = 0 AND NOT EXISTS (SELECT 1 FROM pg_init_privs i WHERE i.classoid = 'pg_proc'::regclass AND i.objoid = p.oid))`,
      ],
      [
        'types',
        'SELECT t.oid, t.typname AS name, n.nspname AS schema FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace',
      ],
      [
        'typeAcls',
        `SELECT t.oid, n.oid AS schema, t.typname AS name, t.typowner AS owner, a.grantor, a.grantee, a.privilege_type AS privileges, a.is_grantable AS grantable
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace, aclexplode(t.typacl) a WHERE t.typacl IS NOT NULL AND a.grantee <> t.typowner AND a.grantee <> 0 AND NOT ${SYSTEM_SCHEMA}`,
      ],
      [
        'languages',
        'SELECT l.oid, l.lanname AS name, l.lanowner AS owner, l.lanpltrusted AS trusted, a.grantor, a.grantee, a.privilege_type AS privileges, a.is_grantable AS grantable FROM pg_language l LEFT JOIN LATERAL aclexplode(l.lanacl) a ON a.grantee <> l.lanowner AND a.grantee <> 0 WHERE l.lanispl',
      ],
      [
        'servers',
        'SELECT s.oid, s.srvname AS name, s.srvowner AS owner, w.fdwname AS wrapper, a.grantor, a.grantee, a.privilege_type AS privileges, a.is_grantable AS grantable FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw LEFT JOIN LATERAL aclexplode(s.srvacl) a ON a.grantee <> s.srvowner',
      ],
      [
        'wrappers',
        'SELECT w.oid, w.fdwname AS name, w.fdwowner AS owner, a.grantor, a.grantee, a.privilege_type AS privileges, a.is_grantable AS grantable FROM pg_foreign_data_wrapper w LEFT JOIN LATERAL aclexplode(w.fdwacl) a ON a.grantee <> w.fdwowner',
      ],
      [
        'largeObjects',
        'SELECT l.oid, l.lomowner AS owner, a.grantor, a.grantee, a.privilege_type AS privileges, a.is_grantable AS grantable FROM pg_largeobject_metadata l, aclexplode(l.lomacl) a WHERE a.grantee <> l.lomowner',
      ],
      [
        'defaultAcls',
        'SELECT d.oid, d.defaclrole AS owner, d.defaclnamespace AS schema, d.defaclobjtype AS object_type, a.grantor, a.grantee, a.privilege_type AS privileges, a.is_grantable AS grantable FROM pg_default_acl d, aclexplode(d.defaclacl) a',
      ],
      [
        'extensions',
        "SELECT e.extname AS name, e.extversion AS version, n.nspname AS schema, (SELECT count(*) FROM pg_depend d WHERE d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype <> 'e')::text AS dependants FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace",
      ],
      [
        'extensionMembers',
        "SELECT d.classid::regclass::text AS catalog, d.objid AS oid FROM pg_depend d WHERE d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass AND d.classid IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_namespace'::regclass)",
      ],
      [
        'policies',
        "SELECT p.polrelid AS relation, p.polname AS name, p.polcmd AS command, p.polpermissive AS permissive, array_to_string(p.polroles, ',') AS roles, md5(coalesce(p.polqual::text, '')) AS using_digest, md5(coalesce(p.polwithcheck::text, '')) AS check_digest FROM pg_policy p",
      ],
      [
        'eventTriggers',
        'SELECT e.evtname AS name, e.evtevent AS event, e.evtowner AS owner, e.evtenabled AS enabled FROM pg_event_trigger e',
      ],
      [
        'availableExtensions',
        'SELECT name, default_version FROM pg_available_extensions WHERE installed_version IS NOT NULL',
      ],
    ],
  };
}

/** Moves when anything that is compared moves; DML, ANALYZE, VACUUM and sequences do not move it. */
export function fingerprintQuery(): CatalogQuery {
  const catalog = (table: string, where = ''): string =>
    `SELECT '${table}' AS c, count(*)::text || ':' || coalesce(sum(hashtextextended(oid::text || ':' || xmin::text, 0))::text, '') AS h FROM ${table}${where}`;
  return {
    name: 'fingerprint',
    reads: [
      [
        'catalogs',
        [
          "SELECT 'roles' AS c, md5(coalesce(string_agg(r::text, '|' ORDER BY oid), '')) AS h FROM (SELECT oid, rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls, rolconnlimit, rolvaliduntil FROM pg_roles) r",
          "SELECT 'members', md5(coalesce(string_agg(roleid || ':' || member || ':' || grantor || ':' || xmin::text, '|' ORDER BY roleid, member, grantor), '')) FROM pg_auth_members",
          "SELECT 'role_settings', md5(coalesce(string_agg(setdatabase || ':' || setrole || ':' || xmin::text, '|' ORDER BY setdatabase, setrole), '')) FROM pg_db_role_setting",
          "SELECT 'settings', md5(string_agg(name || '=' || setting, '|' ORDER BY name)) FROM pg_settings WHERE source <> 'session' AND name NOT IN ('transaction_read_only','transaction_isolation','application_name')",
          "SELECT 'databases', md5(string_agg(oid::text || ':' || datname || ':' || datdba || ':' || datconnlimit || ':' || datallowconn || ':' || datistemplate || ':' || coalesce(datacl::text, ''), '|' ORDER BY oid)) FROM pg_database",
          catalog('pg_namespace', " WHERE nspname !~ '^pg_(toast|temp)'"),
          "SELECT 'pg_class', count(*)::text || ':' || coalesce(sum(hashtextextended(oid::text || relname || relnamespace || relowner || relkind::text || relrowsecurity || relforcerowsecurity || coalesce(relacl::text, ''), 0))::text, '') FROM pg_class WHERE relpersistence <> 't'",
          "SELECT 'pg_attribute', coalesce(sum(hashtextextended(attrelid || ':' || attnum || ':' || attname || attisdropped || coalesce(attacl::text, ''), 0))::text, '') FROM pg_attribute WHERE attnum > 0 AND attrelid IN (SELECT oid FROM pg_class WHERE relpersistence <> 't')",
          catalog('pg_proc'),
          "SELECT 'pg_type', count(*)::text || ':' || coalesce(sum(hashtextextended(oid::text || typname || typowner || coalesce(typacl::text, ''), 0))::text, '') FROM pg_type WHERE typnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_temp')",
          catalog('pg_default_acl'),
          catalog('pg_extension'),
          catalog('pg_language'),
          catalog('pg_foreign_server'),
          catalog('pg_foreign_data_wrapper'),
          catalog('pg_policy'),
          catalog('pg_event_trigger'),
          catalog('pg_largeobject_metadata'),
          catalog('pg_tablespace'),
        ].join(' UNION ALL '),
      ],
    ],
  };
}
