/** What is observed of a PostgreSQL server, and what deliberately is not. */
export const COVERAGE: readonly { readonly what: string; readonly observed: boolean; readonly note: string }[] = [
  {
    what: 'roles: the seven attributes, connection limit, validity, settings',
    observed: true,
    note: 'declared and undeclared ones',
  },
  {
    what: 'memberships with admin, inherit and set options and their grantor',
    observed: true,
    note: 'predefined roles included; reach by closure',
  },
  {
    what: 'privileges on databases, schemas, tables, views, sequences, columns, functions, types, languages, servers, wrappers, tablespaces, large objects, parameters',
    observed: true,
    note: 'by grantor, PUBLIC included; system objects as far as they differ from initdb',
  },
  { what: 'default privileges, global and by schema', observed: true, note: '' },
  { what: 'owners of databases, schemas, tables, sequences, functions', observed: true, note: '' },
  { what: 'SECURITY DEFINER functions with owner and search_path', observed: true, note: '' },
  {
    what: 'row security and policies, event triggers, untrusted languages, foreign servers',
    observed: true,
    note: 'never corrected',
  },
  {
    what: 'databases: owner, limit, encoding, locale, template, extensions, schemas',
    observed: true,
    note: 'template against the last verified snapshot',
  },
  { what: 'server settings', observed: true, note: 'those a unit declares, and those that steer sessions or logging' },
  { what: 'passwords', observed: false, note: 'not compared: no verifier leaves the server' },
  { what: 'tables, columns, indexes, data', observed: false, note: 'schemas belong to migrations' },
  { what: 'pg_hba.conf and other files of the server', observed: false, note: 'not visible to an unprivileged reader' },
];
