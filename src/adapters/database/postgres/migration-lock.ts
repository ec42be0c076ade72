/** Locks by which migration tools keep others out, as `pg_locks` shows them. */
const ADVISORY_LOCKS: readonly { readonly tool: string; readonly condition: string }[] = [
  // Flyway: the bytes "Flyway" as a number plus the hash of its history table, which reaches one high word up or down.
  { tool: 'flyway', condition: 'l.classid::bigint BETWEEN 18027 AND 18029' },
  { tool: 'prisma', condition: 'l.classid = 0 AND l.objid = 72707369' },
];

const HISTORY_TABLES: readonly string[] = [
  'flyway_schema_history',
  'databasechangelog',
  'databasechangeloglock',
  '_prisma_migrations',
  'atlas_schema_revisions',
  'schema_migrations',
];

const WRITING_MODES: readonly string[] = [
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
];

const list = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(', ');

/** A scalar subquery: which tool holds its lock now and by which backend, or NULL. */
export const MIGRATION_LOCK_QUERY = `(SELECT string_agg(DISTINCT held.what, ', ') FROM (
  SELECT CASE ${ADVISORY_LOCKS.map(({ tool, condition }) => `WHEN l.locktype = 'advisory' AND ${condition} THEN 'advisory lock of ${tool}, backend ' || l.pid`).join(' ')}
    WHEN l.locktype = 'relation' AND l.mode IN (${list(WRITING_MODES)}) THEN 'table ' || (SELECT c.relname FROM pg_catalog.pg_class c
      WHERE c.oid = l.relation AND c.relname IN (${list(HISTORY_TABLES)})) || ', backend ' || l.pid END AS what
  FROM pg_catalog.pg_locks l
  WHERE l.granted AND l.pid <> pg_catalog.pg_backend_pid()
    AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())) AS held)`;
