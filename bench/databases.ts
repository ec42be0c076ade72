import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { fingerprintQuery, databaseQuery } from '../src/adapters/database/postgres/queries.ts';
import type { Endpoint } from '../src/adapters/database/postgres/connection.ts';
import { readCatalogs } from '../src/adapters/database/postgres/reader.ts';
import { look } from '../src/engine/look.ts';
import { unitOf } from '../src/engine/in-force.ts';
import { prepareServer, scene, type Scene } from '../test/support/database-scene.ts';
import { check, dbops, pass, UNIT } from '../test/support/installation.ts';
import { startServer, type TestServer } from '../test/support/postgres.ts';
import { compare, type Row } from './row.ts';

const NEVER = new AbortController().signal;
const TABLES = 10_000;
const GRANTEES = 10;
const ROLES = 10_000;
const DATABASES = 1_000;
const UNREACHABLE = 3;
const TEN = 10;
const AT_ONCE = 4;

type Report = (row: Row) => void;
type Say = (text: string) => void;

async function lookOnce({ kedge }: Scene): Promise<void> {
  const seen = await look(
    kedge.context,
    { set: kedge.context.workingSet(), unit: unitOf(kedge.context, UNIT), record: undefined, acting: false },
    NEVER,
  );
  if (seen.status !== 'looked') throw new Error(`the look failed: ${JSON.stringify(seen)}`);
}

function endpointOf(server: TestServer, database: string): Endpoint {
  return {
    host: server.host,
    port: server.port,
    database,
    tlsMode: 'local',
    caFile: undefined,
    statementTimeout: 60_000,
    lockTimeout: 2_000,
  };
}

async function readWith(
  server: TestServer,
  database: string,
  query: ReturnType<typeof fingerprintQuery>,
): Promise<unknown> {
  const identity = { username: 'kedge_reader', password: undefined };
  const outcome = await readCatalogs(endpointOf(server, database), identity, { database, query, signal: NEVER });
  if (outcome.status !== 'read') throw new Error(outcome.detail);
  return outcome.rows;
}

/** How far the resident memory of a fresh process grows in one look, in bytes. */
function growthOf({ place }: Scene): number {
  const words = [fileURLToPath(new URL('look-memory.ts', import.meta.url)), place.folder, UNIT];
  return Number(execFileSync(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'], timeout: 300_000 }));
}

/** Does work on every item with as many workers as a look uses. */
async function forEach(items: readonly string[], work: (item: string) => Promise<unknown>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const DECLARED = dbops('DatabaseUser', 'app', 'username: app\npostgres: {connectionLimit: 20}');

async function withServer(work: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await startServer({
    settings: ['log_statement=none', 'max_locks_per_transaction=4096', 'autovacuum=off'],
  });
  try {
    await prepareServer(server);
    await server.sql('CREATE ROLE app LOGIN CONNECTION LIMIT 20');
    await work(server);
  } finally {
    await server.stop();
  }
}

async function privileges(report: Report, say: Say): Promise<void> {
  await withServer(async (server) => {
    say(`making ${TABLES} tables with ${TABLES * GRANTEES} entries of privileges`);
    await server.sql('CREATE DATABASE shop');
    const grantees = Array.from({ length: GRANTEES }, (_, index) => `team_${index}`);
    await server.sql(grantees.map((name) => `CREATE ROLE ${name}`).join(';'));
    for (let from = 0; from < TABLES; from += 1_000)
      await server.sql(
        `DO $$ BEGIN FOR n IN ${from}..${from + 999} LOOP EXECUTE format('CREATE TABLE t_%s (id int)', n); END LOOP; END $$`,
        'shop',
      );
    await server.sql(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${grantees.join(', ')}`, 'shop');
    const made = await scene({ server, declared: `${DECLARED}${dbops('Database', 'shop', 'name: shop')}` });
    report(
      await compare('observe and compare one database with 100,000 ACL entries, against the bare pg_class', 8, {
        subject: () => lookOnce(made),
        reference: () => server.sql('SELECT oid, relname, relacl FROM pg_class', 'shop'),
        rounds: 3,
      }),
    );
    const full = databaseQuery();
    report(
      await compare('one fingerprint of it, against its full read', 0.3, {
        subject: () => readWith(server, 'shop', fingerprintQuery()),
        reference: () => readWith(server, 'shop', full),
        rounds: 3,
      }),
    );
    const rows = JSON.stringify(await readWith(server, 'shop', full)).length;
    report({
      measure: 'growth of the resident memory in a look, against the row bytes of its largest database',
      subject: growthOf(made),
      reference: rows,
      unit: 'bytes',
      most: 8,
    });
    await made.place.remove();
  });
}

async function roles(report: Report, say: Say): Promise<void> {
  await withServer(async (server) => {
    say(`making ${ROLES} roles with ${2 * ROLES} memberships`);
    await server.sql(`DO $$ BEGIN FOR n IN 1..${ROLES} LOOP EXECUTE format('CREATE ROLE r_%s', n); END LOOP; END $$`);
    await server.sql(
      `DO $$ BEGIN FOR n IN 3..${ROLES} LOOP EXECUTE format('GRANT r_%s, r_%s TO r_%s', n / 2, n / 3, n); END LOOP; END $$`,
    );
    const made = await scene({ server, declared: DECLARED });
    report(
      await compare('10,000 roles with 20,000 memberships and their closure, against the bare catalogs', 10, {
        subject: () => lookOnce(made),
        reference: async () => {
          await server.sql('SELECT * FROM pg_roles');
          await server.sql('SELECT * FROM pg_auth_members');
        },
        rounds: 3,
      }),
    );
    await made.place.remove();
  });
}

async function databases(report: Report, say: Say): Promise<void> {
  await withServer(async (server) => {
    const names = Array.from({ length: DATABASES }, (_, index) => `d_${String(index).padStart(4, '0')}`);
    const create = async (some: readonly string[]): Promise<void> => {
      const client = await server.connect();
      for (const name of some) await client.query(`CREATE DATABASE ${name} STRATEGY wal_log`);
      await client.end();
    };
    await create(names.slice(0, TEN));
    const made = await scene({ server, declared: DECLARED }, { baseline: false });
    const ten = growthOf(made);
    say(`making ${DATABASES} databases, ${UNREACHABLE} of them without CONNECT`);
    await create(names.slice(TEN));
    await server.sql(
      names
        .slice(0, UNREACHABLE)
        .map((name) => `REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC`)
        .join(';'),
    );
    const first = await check(made.kedge);
    const seen = first.check.coverage.unchecked.map((each) => each.what);
    say(
      `${DATABASES - seen.filter((what) => what.includes('d_')).length} of ${DATABASES} databases judged; result ${first.check.result}; not seen: ${seen.join(', ')}`,
    );
    report({
      measure: 'growth of the resident memory in a look at 1,000 equal databases, against ten',
      subject: growthOf(made),
      reference: ten,
      unit: 'bytes',
      most: 1.5,
    });
    const open = names.slice(UNREACHABLE);
    const connect = (): Promise<void> =>
      forEach(open, async (database) => {
        const each = new pg.Client({ host: server.host, port: server.port, user: 'kedge_reader', database });
        await each.connect();
        await each.query('SELECT 1');
        await each.end();
      });
    report(
      await compare('full read of 1,000 databases, against connecting and SELECT 1 to each', 4, {
        subject: () => lookOnce(made),
        reference: connect,
        rounds: 1,
      }),
    );
    report(
      await compare('fingerprints of 1,000 databases, against connecting and SELECT 1 to each', 2, {
        subject: () => forEach(open, (database) => readWith(server, database, fingerprintQuery())),
        reference: connect,
        rounds: 1,
      }),
    );
    await made.place.remove();
  });
}

async function healing(report: Report): Promise<void> {
  const server = await startServer({ settings: ['log_line_prefix=%m %u '] });
  try {
    await prepareServer(server);
    await server.sql('CREATE ROLE app LOGIN CONNECTION LIMIT 20');
    const made = await scene({ server, declared: DECLARED, mode: 'correct' });
    const { major } = server;
    await server.sql('CHECKPOINT');
    const [before] = (await server.sql('SELECT pg_current_wal_lsn() AS at')).rows as { at: string }[];
    await check(made.kedge);
    const [grown] = (await server.sql(`SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '${before?.at ?? ''}') AS bytes`))
      .rows as { bytes: string }[];
    report({
      measure: `bytes of WAL of a check without drift (PostgreSQL ${major})`,
      subject: Number(grown?.bytes),
      reference: 1,
      unit: 'bytes',
      most: 0,
    });
    await server.sql('ALTER ROLE app CONNECTION LIMIT 5');
    const lines = (await server.readLog()).split('\n').length;
    const done = await pass(made.kedge);
    const statements = (await server.readLog())
      .split('\n')
      .slice(lines - 1)
      .filter((line) => /kedge_writer.*(?:statement|execute [^:]*):/.test(line));
    if (done.healed.length !== 1 || statements.length === 0)
      throw new Error(`healed ${done.healed.length}, ${statements.length} statements`);
    report({
      measure: 'round trips of healing one path',
      subject: statements.length,
      reference: 1,
      unit: 'count',
      most: 10,
    });
    await made.place.remove();
  } finally {
    await server.stop();
  }
}

/** PostgreSQL from one path to a thousand databases. */
export async function databaseRows(report: Report, say: Say): Promise<void> {
  await healing(report);
  await roles(report, say);
  await privileges(report, say);
  await databases(report, say);
}
