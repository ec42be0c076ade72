import type pg from 'pg';
import { sha256 } from '../../../core/model/digest.ts';
import { OperationError } from '../../../core/model/operation-error.ts';
import { FIRST } from './0001-first.ts';
import { GATHERED_CHECKS } from './0002-gathered-checks.ts';
import { LOG_FRONTIER } from './0003-log-frontier.ts';

/** Numbered, checksummed, forward only. A migration that has landed never changes. */
export const MIGRATIONS: readonly { readonly version: number; readonly name: string; readonly sql: string }[] = [
  { version: 1, name: 'first', sql: FIRST },
  { version: 2, name: 'gathered-checks', sql: GATHERED_CHECKS },
  { version: 3, name: 'log-frontier', sql: LOG_FRONTIER },
];

const LOCK = 7_410_001;

/** What is to be done about a schema that is older than this program. */
export type MigrateMode = 'auto' | 'manual';

async function applied(client: pg.ClientBase): Promise<ReadonlyMap<number, string>> {
  const { rows } = await client.query<{ version: number; checksum: string }>(
    'SELECT version, checksum FROM kedge.schema_migrations',
  );
  return new Map(rows.map((row) => [row.version, row.checksum]));
}

function schemaError(code: string, message: string, next: string): OperationError {
  return new OperationError(code, message, { retry: 'no', next });
}

function requireKnown(done: ReadonlyMap<number, string>): void {
  for (const [version, checksum] of done) {
    const own = MIGRATIONS.find((each) => each.version === version);
    if (own === undefined)
      throw schemaError(
        'STORE_SCHEMA_NEW',
        `cannot use the store: its schema is at version ${version}, newer than this program`,
        'use the newer Kedge',
      );
    if (sha256(own.sql) !== checksum)
      throw schemaError(
        'STORE_SCHEMA_CHANGED',
        `cannot use the store: migration ${version} was applied in another form`,
        'restore the store from a backup of this program',
      );
  }
}

async function run(client: pg.ClientBase, migration: (typeof MIGRATIONS)[number]): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query("SET LOCAL lock_timeout = '10s'; SET LOCAL search_path = kedge");
    await client.query(migration.sql);
    await client.query('INSERT INTO kedge.schema_migrations (version, name, checksum) VALUES ($1, $2, $3)', [
      migration.version,
      migration.name,
      sha256(migration.sql),
    ]);
    await client.query('COMMIT');
  } catch (cause) {
    await client.query('ROLLBACK');
    throw new OperationError(
      'STORE_UNAVAILABLE',
      `cannot migrate the store to version ${migration.version} (${migration.name})`,
      { retry: 'later', next: 'look at the cause; nothing was changed', cause },
    );
  }
}

/** Brings the schema up to this program, or refuses where somebody else decides when that happens. */
export async function migrate(client: pg.ClientBase, mode: MigrateMode): Promise<void> {
  await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
  try {
    await client.query('CREATE SCHEMA IF NOT EXISTS kedge');
    await client.query(
      'CREATE TABLE IF NOT EXISTS kedge.schema_migrations (version integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
    );
    const done = await applied(client);
    requireKnown(done);
    const missing = MIGRATIONS.filter((each) => !done.has(each.version));
    if (missing.length > 0 && mode === 'manual') {
      throw schemaError(
        'STORE_SCHEMA_OLD',
        `cannot use the store: its schema lacks ${missing.map((each) => each.version).join(', ')}`,
        'run `kedge store migrate`, or set store.migrate to auto',
      );
    }
    for (const migration of missing) await run(client, migration);
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [LOCK]);
  }
}
