import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readCatalogs } from '../../src/adapters/database/postgres/reader.ts';
import { fingerprintQuery } from '../../src/adapters/database/postgres/queries.ts';
import type { Endpoint } from '../../src/adapters/database/postgres/connection.ts';
import { prepareServer, scene, type Scene } from '../support/database-scene.ts';
import { check, dbops, open, places, UNIT, writeDatabaseUnit, installation } from '../support/installation.ts';
import { startServer, type TestServer } from '../support/postgres.ts';

const NEVER = new AbortController().signal;
const APP = dbops('DatabaseUser', 'app', 'username: app\npostgres: {connectionLimit: 20}');

describe('servers that fail, move or lie', () => {
  let server: TestServer;
  const scenes: Scene[] = [];

  beforeAll(async () => {
    server = await startServer();
    await prepareServer(server);
    await server.sql('CREATE ROLE app LOGIN CONNECTION LIMIT 20');
    await server.sql('CREATE DATABASE shop');
    await server.sql('CREATE TABLE orders (id int); CREATE SEQUENCE ids', 'shop');
  });

  afterEach(async () => {
    for (const each of scenes.splice(0)) await each.place.remove();
    await server.sql('ALTER ROLE app LOGIN CONNECTION LIMIT 20');
  });

  afterAll(async () => {
    await server.stop();
  });

  async function begin(...given: Parameters<typeof scene>): Promise<Scene> {
    const made = await scene(...given);
    scenes.push(made);
    return made;
  }

  it('DB-40: each failure has its reason; findings, freshness and clocks stay as they were', async () => {
    const { kedge, declare } = await begin({ server, declared: APP });
    await server.sql('ALTER ROLE app CONNECTION LIMIT 5');
    await check(kedge);
    const before = await kedge.store.findUnit(UNIT);
    const [finding] = await kedge.store.listFindings({});
    const failures: readonly (readonly [string, Parameters<typeof declare>[0], string])[] = [
      ['refused', { server: { host: '127.0.0.1', port: 1 } }, 'UNREACHABLE'],
      ['no such host', { server: { host: 'no-such-host.invalid', port: 5432 } }, 'UNREACHABLE'],
      [
        'plain text where TLS is asked for',
        { instance: '  postgres: {sslMode: verify-full}\n', server: { host: '127.0.0.1', port: server.port } },
        'UNREACHABLE',
      ],
    ];
    for (const [name, documents, reason] of failures) {
      await declare(documents);
      const failed = await check(kedge);
      expect(failed.check.result, name).toBe('UNKNOWN');
      expect(failed.check.reasons, `${name}: ${failed.check.detail}`).toEqual([reason]);
      expect(failed.check.coverage.complete, name).toBe(false);
      const after = await kedge.store.findUnit(UNIT);
      const [still] = await kedge.store.listFindings({});
      expect(after?.lastGoodAt, name).toBe(before?.lastGoodAt);
      expect([still?.finding.state, still?.finding.lastSeenAt], name).toEqual([
        finding?.finding.state,
        finding?.finding.lastSeenAt,
      ]);
    }
    await declare({});
    await server.sql('ALTER ROLE kedge_reader NOLOGIN');
    const refused = await check(kedge);
    await server.sql('ALTER ROLE kedge_reader LOGIN');
    expect([refused.check.result, refused.check.reasons]).toEqual(['UNKNOWN', ['CREDENTIALS']]);
    await server.sql('ALTER ROLE app CONNECTION LIMIT 20; REVOKE CONNECT ON DATABASE shop FROM PUBLIC');
    const partial = await check(kedge);
    await server.sql('ALTER ROLE app CONNECTION LIMIT 5');
    const drifted = await check(kedge);
    await server.sql('GRANT CONNECT ON DATABASE shop TO PUBLIC');
    expect(partial.check.partial).toBe(true);
    expect(partial.check.coverage.unchecked.map((each) => each.reason)).toContain('PERMISSION');
    expect([drifted.check.result, drifted.check.partial]).toEqual(['DRIFT_DETECTED', true]);
    expect((await kedge.store.findUnit(UNIT))?.lastGoodAt).toBe(before?.lastGoodAt);
  });

  it('DB-40: a database that lets nobody in any more, becomes a template or is renamed closes nothing and is told', async () => {
    const readers = dbops(
      'DatabaseRole',
      'readers',
      'roleName: readers\npostgres: {grants: [{database: ledger, schema: public, tables: ["*"], privileges: [SELECT]}]}',
    );
    await server.sql('CREATE ROLE readers');
    await server.sql('CREATE DATABASE ledger');
    await server.sql('CREATE TABLE entries (id int); GRANT SELECT ON entries TO readers', 'ledger');
    const { kedge, declare } = await begin({ server, declared: readers });
    await server.sql('REVOKE SELECT ON entries FROM readers; GRANT DELETE ON entries TO readers', 'ledger');
    const before = places(await check(kedge));
    const changes: readonly (readonly [string, string, boolean])[] = [
      ['ALTER DATABASE ledger ALLOW_CONNECTIONS false', 'ALTER DATABASE ledger ALLOW_CONNECTIONS true', true],
      ['ALTER DATABASE ledger IS_TEMPLATE true', 'ALTER DATABASE ledger IS_TEMPLATE false', false],
      [
        'ALTER DATABASE ledger RENAME TO old_ledger; ALTER DATABASE old_ledger ALLOW_CONNECTIONS false',
        'ALTER DATABASE old_ledger ALLOW_CONNECTIONS true; ALTER DATABASE old_ledger RENAME TO ledger',
        true,
      ],
      [
        "UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'ledger'",
        "UPDATE pg_database SET datconnlimit = -1 WHERE datname = 'ledger'",
        true,
      ],
    ];
    expect(before).toHaveLength(2);
    for (const [change, back, isUnread] of changes) {
      for (const statement of change.split('; ')) await server.sql(statement);
      const looked = await check(kedge);
      for (const statement of back.split('; ')) await server.sql(statement);

      expect(places(looked), change).toEqual(expect.arrayContaining([...before]));
      expect([looked.check.partial, looked.check.reasons.includes('UNREACHABLE')], change).toEqual([
        isUnread,
        isUnread,
      ]);
    }
    await declare({
      declared: readers + dbops('Database', 'ledger', 'name: ledger\npostgres: {allowConnections: false}'),
    });
    await server.sql('ALTER DATABASE ledger ALLOW_CONNECTIONS false');
    const meant = await check(kedge);
    await server.sql('DROP DATABASE ledger');

    expect(meant.check.partial).toBe(false);
  });

  it('DB-40: what the unit excludes is archived, never resolved, and nothing that is left out looks gone', async () => {
    const readers = dbops(
      'DatabaseRole',
      'auditors',
      'roleName: auditors\npostgres: {grants: [{database: vault, schema: public, tables: ["*"], privileges: [SELECT]}]}',
    );
    await server.sql('CREATE ROLE auditors; CREATE ROLE stray');
    await server.sql('CREATE DATABASE vault');
    await server.sql('CREATE TABLE entries (id int); GRANT SELECT ON entries TO auditors', 'vault');
    const { kedge, declare } = await begin({ server, declared: APP + readers });
    await server.sql(
      'GRANT DELETE ON entries TO auditors, PUBLIC, stray; REVOKE SELECT ON entries FROM auditors',
      'vault',
    );
    await server.sql('ALTER ROLE stray CREATEROLE; ALTER ROLE app CONNECTION LIMIT 7');
    const before = open(await check(kedge)).map(({ finding }) => `${finding.resourceRef} ${finding.pathRoot}`);
    await declare({ unit: '  database: {databases: {exclude: ["va*"]}, roles: {exclude: [stray]}}\n' });

    const after = await check(kedge);
    const all = await kedge.store.listFindings({});
    await server.sql('DROP DATABASE vault');
    await server.sql('DROP ROLE auditors; DROP ROLE stray');

    expect([...before].sort()).toEqual([
      'role/PUBLIC /privileges',
      'role/auditors /extraGrants',
      'role/auditors /grants',
      'role/stray /attributes',
      'role/stray /privileges',
      'user/app /connectionLimit',
    ]);
    expect(open(after).map(({ finding }) => finding.resourceRef)).toEqual(['user/app']);
    expect(after.check.partial).toBe(false);
    expect(all.filter(({ finding }) => finding.resourceRef !== 'user/app').map(({ finding }) => finding.state)).toEqual(
      Array.from({ length: 5 }, () => 'ARCHIVED'),
    );
  });

  it.each([
    ['a message that is none', Buffer.from([0x47, 0, 0, 0, 7, 0, 0, 0, 0, 0])],
    ['words of another protocol', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['nothing at all', Buffer.alloc(0)],
  ])(
    'DB-40: a port that answers %s ends the command by its deadline, unknown',
    async (_, bytes) => {
      const stranger = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => socket.write(bytes));
      });
      await new Promise<void>((done) => stranger.listen(0, '127.0.0.1', done));
      const { port } = stranger.address() as AddressInfo;
      const place = await installation();
      try {
        await writeDatabaseUnit(place, { server: { host: '127.0.0.1', port }, declared: APP });
        const started = Date.now();
        const { code, stdout, stderr } = await place.kedge(['check', '--timeout', '2s']);

        expect([code, stderr]).toEqual([3, expect.not.stringContaining('INTERNAL')]);
        expect(stdout).toMatch(/\? UNKNOWN .*(?:UNREACHABLE|TIMEOUT)/);
        expect(stdout).not.toMatch(/Received|received|terminated/);
        expect(Date.now() - started).toBeLessThan(15_000);
      } finally {
        await place.remove();
        stranger.close();
      }
    },
    30_000,
  );

  it('DB-40: a deadline ends the check, and nothing of it runs on', async () => {
    const { kedge } = await begin({ server, declared: APP, unit: '  schedule: {timeout: 1s}\n' });
    const locker = await server.connect();
    await locker.query('BEGIN; LOCK TABLE pg_catalog.pg_auth_members IN ACCESS EXCLUSIVE MODE');
    const late = await check(kedge);
    const { rows } = await locker.query(
      "SELECT query FROM pg_stat_activity WHERE usename = 'kedge_reader' AND state = 'active'",
    );
    await locker.query('ROLLBACK');
    await locker.end();

    expect(late.check.result).toBe('UNKNOWN');
    expect(['TIMEOUT', 'LOCKED']).toContain(late.check.reasons[0]);
    expect(rows).toEqual([]);
  });

  it('DB-40: a server process that freezes in the middle of a read ends the check at its deadline', async () => {
    const { kedge } = await begin({ server, declared: APP, unit: '  schedule: {timeout: 2s}\n' });
    const locker = await server.connect();
    await locker.query('BEGIN; LOCK TABLE pg_catalog.pg_auth_members IN ACCESS EXCLUSIVE MODE');
    const waiting = "SELECT pid FROM pg_stat_activity WHERE usename = 'kedge_reader' AND wait_event_type = 'Lock'";
    const looking = check(kedge);
    let pid: number | undefined;
    for (let attempt = 0; pid === undefined && attempt < 500; attempt += 1)
      ({ pid } = ((await server.sql(waiting)).rows[0] ?? {}) as { pid?: number });
    if (pid === undefined) throw new Error('the read never waited');
    process.kill(pid, 'SIGSTOP');
    try {
      const late = await looking;

      expect([late.check.result, late.check.reasons]).toEqual(['UNKNOWN', ['TIMEOUT']]);
    } finally {
      process.kill(pid, 'SIGCONT');
      await locker.query('ROLLBACK');
      await locker.end();
    }
  }, 30_000);

  it('DB-57: an empty source is a fault of the documents, never "all removed"', async () => {
    const { kedge, place } = await begin({ server, declared: APP });
    await place.write('kedge/databases/payments.yaml', '');
    await kedge.reload(NEVER);
    const empty = await check(kedge);

    expect([empty.check.result, empty.check.reasons]).toEqual(['UNKNOWN', ['CONFIG_INVALID']]);
    expect(open(empty)).toEqual([]);
  });

  it('DB-38: never takes a half of two moments for a finding, while names move under the check', async () => {
    const { kedge } = await begin({ server, declared: APP });
    let stop = false;
    const mover = (async () => {
      const client = await server.connect({ database: 'shop' });
      for (let round = 0; !stop; round += 1) {
        await client.query(
          `CREATE TABLE moving_${round} (id int); ALTER TABLE moving_${round} RENAME TO moved_${round}; CREATE ROLE passing_${round}; GRANT SELECT ON moved_${round} TO passing_${round}`,
        );
        await client.query(`DROP TABLE moved_${round}; DROP ROLE passing_${round}`);
      }
      await client.end();
    })();
    const seen: string[] = [];
    try {
      for (let round = 0; round < 40; round += 1) {
        const { check: one, ...rest } = await check(kedge);
        if (one.result === 'UNKNOWN') expect(one.reasons.filter((each) => each !== 'PARTIAL')).toEqual(['RACED']);
        seen.push(
          ...open(rest)
            .filter(
              ({ finding }) =>
                !/passing_|moved_|moving_/.test(JSON.stringify([finding.resourceRef, finding.changedFields])),
            )
            .map(({ finding }) => finding.resourceRef),
        );
      }
    } finally {
      stop = true;
      await mover;
    }

    expect(seen).toEqual([]);
    expect(places(await check(kedge))).toEqual([]);
  }, 180_000);

  it('DB-39: what is compared moves the fingerprint; what is not does not', async () => {
    const endpoint: Endpoint = {
      host: server.host,
      port: server.port,
      database: 'shop',
      tlsMode: 'local',
      caFile: undefined,
      statementTimeout: 30_000,
      lockTimeout: 2_000,
    };
    const read = async (): Promise<string> => {
      const outcome = await readCatalogs(
        endpoint,
        { username: 'kedge_reader', password: undefined },
        { database: 'shop', query: fingerprintQuery(), signal: NEVER },
      );
      if (outcome.status !== 'read') throw new Error(outcome.detail);
      return JSON.stringify(outcome.rows);
    };
    const moves = [
      'ALTER TABLE orders ADD COLUMN note text',
      'GRANT SELECT (note) ON orders TO app',
      'GRANT SELECT ON orders TO app',
      'ALTER TABLE orders OWNER TO app',
      'ALTER TABLE orders ENABLE ROW LEVEL SECURITY',
      'CREATE POLICY own ON orders USING (true)',
      'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 1$$',
      'ALTER FUNCTION f() SECURITY DEFINER',
      'CREATE SCHEMA extra',
      'CREATE EXTENSION pgcrypto',
      'CREATE TYPE mood AS ENUM ($$good$$)'.replaceAll('$$', "'"),
      'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO app',
      'CREATE ROLE another',
      'ALTER ROLE another LOGIN',
      'GRANT app TO another',
      "ALTER ROLE another SET work_mem = '8MB'",
      'ALTER DATABASE shop CONNECTION LIMIT 9',
      'GRANT CREATE ON DATABASE shop TO another',
    ];
    const stays = [
      'INSERT INTO orders VALUES (1)',
      'ANALYZE orders',
      'VACUUM FREEZE orders',
      "SELECT nextval('ids')",
      'UPDATE orders SET id = 2',
      'CREATE TEMPORARY TABLE scratch (id int)',
    ];
    for (const statement of stays) {
      const before = await read();
      await server.sql(statement, 'shop');
      expect(await read(), statement).toBe(before);
    }
    for (const statement of moves) {
      const before = await read();
      await server.sql(statement, 'shop');
      expect(await read(), statement).not.toBe(before);
    }
    await server.sql(
      'REVOKE app FROM another; REVOKE CREATE ON DATABASE shop FROM another; DROP ROLE another; DROP EXTENSION pgcrypto; DROP FUNCTION f(); DROP SCHEMA extra; DROP TYPE mood; ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM app; DROP TABLE orders; CREATE TABLE orders (id int); ALTER DATABASE shop CONNECTION LIMIT -1',
      'shop',
    );
  });

  it('DB-62: another version of the normalisers takes a new baseline without a finding', async () => {
    const { kedge } = await begin({ server, declared: APP });
    const snapshots = [...(await kedge.store.loadSnapshots(UNIT)).values()];
    await kedge.store.write((transaction) =>
      transaction.saveSnapshots(
        UNIT,
        snapshots.map((each) => ({
          ...each,
          normalizerVersion: 0,
          value: { ...each.value, owners: [], privileges: [] },
        })),
      ),
    );

    const after = await check(kedge);

    expect(places(after)).toEqual([]);
    expect([...(await kedge.store.loadSnapshots(UNIT)).values()].every((each) => each.normalizerVersion > 0)).toBe(
      true,
    );
  });

  it('DB-62: another server with the same names is one finding about who it is, not a thousand', async () => {
    const { kedge, declare } = await begin({ server, declared: APP });
    await server.sql('ALTER ROLE app CONNECTION LIMIT 4');
    const [before] = open(await check(kedge));
    const other = await startServer();
    await prepareServer(other);
    await other.sql('CREATE ROLE app LOGIN CONNECTION LIMIT 20');
    await other.sql('CREATE DATABASE shop');
    await declare({ server: other });

    const found = await check(kedge);
    await other.stop();

    expect(open(found).map(({ finding }) => [finding.resourceRef, finding.changedFields, finding.state])).toEqual([
      ['instance/payments-db', ['/$identity'], 'CLASSIFIED'],
      ['user/app', ['/connectionLimit'], before?.finding.state],
    ]);
    expect([found.check.result, found.check.partial, found.check.reasons]).toEqual([
      'DRIFT_DETECTED',
      true,
      ['PARTIAL', 'UNREACHABLE'],
    ]);
  });

  it('DB-01: reads the full example of the documents as written, marks defaults, and warns of nothing', async () => {
    const place = await installation();
    await writeDatabaseUnit(place, { server, declared: '' });
    const unitFile = 'kedge/units/payments-db.yaml';
    const text = await readFile(join(place.folder, unitFile), 'utf8');
    await place.write(unitFile, text.replace('environment: prod', 'environment: dev'));
    await place.write(
      'kedge/databases/payments.yaml',
      `apiVersion: dbops.dbprovision.io/v1alpha1
kind: DatabaseInstance
metadata:
  name: postgres-primary
  annotations: {dbops.dbprovision.io/adopt-databases: "legacy_app,temp_data", dbops.dbprovision.io/adopt-users: "old_admin"}
spec:
  engine: postgres
  connection: {host: postgres.database.svc.cluster.local, port: 5432, secretRef: {name: postgres-credentials}}
  discovery: {enabled: true, interval: "30m"}
  driftPolicy: {mode: detect, interval: "5m"}
---
apiVersion: dbops.dbprovision.io/v1alpha1
kind: Database
metadata: {name: production-db}
spec: {instanceRef: {name: postgres-primary}, name: production}
---
apiVersion: dbops.dbprovision.io/v1alpha1
kind: Database
metadata: {name: dev-db, annotations: {dbops.dbprovision.io/allow-destructive-drift: "true"}}
spec: {instanceRef: {name: postgres-primary}, name: development, driftPolicy: {mode: correct, interval: "1m"}}
`,
    );
    const lint = await place.kedge(['lint', '-o', 'json']);
    const shown = JSON.parse((await place.kedge(['units', 'show', UNIT, '-o', 'json'])).stdout) as {
      resources: { resource: string; setting: string; value: string; origin: string }[];
    };
    await place.remove();

    const told = JSON.parse(lint.stdout) as { documents: number; diagnostics: { code: string; message: string }[] };
    expect(lint.code).toBe(0);
    expect(told.diagnostics).toEqual([]);
    const of = (resource: string): readonly string[] =>
      shown.resources
        .filter((each) => each.resource === resource && each.setting.startsWith('driftPolicy'))
        .map(
          (each) =>
            `${each.setting}=${each.value} (${each.origin.includes('production-db') || each.origin.includes('dev-db') || each.origin.includes('database/') ? 'own' : 'inherited'})`,
        );
    expect(of('database/production')).toEqual([
      'driftPolicy.mode=detect (inherited)',
      'driftPolicy.interval=5m (inherited)',
    ]);
    expect(of('database/development')).toEqual(['driftPolicy.mode=correct (own)', 'driftPolicy.interval=1m (own)']);
  });
});
