import { mkdtemp, chmod, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbeddedPostgres, type EmbeddedServer } from '../../src/adapters/embedded-postgres/embedded-server.ts';
import { openStore } from '../../src/adapters/store/store.ts';
import type { StoreConnection } from '../../src/adapters/store/pool.ts';
import { sha256 } from '../../src/core/model/digest.ts';
import type { EntryDraft } from '../../src/ports/entry-draft.ts';
import type { Store } from '../../src/ports/store.ts';
import { aRecord } from '../support/builders.ts';
import { MAJORS, startServer, type TestServer } from '../support/postgres.ts';

interface Place {
  readonly connection: StoreConnection;
  readonly admin: pg.ClientConfig;
  close(): Promise<void>;
}

const ENGINES: readonly (readonly [string, () => Promise<Place>])[] = [
  [
    'embedded',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'kedge-store-'));
      await chmod(folder, 0o755);
      const server: EmbeddedServer = await startEmbeddedPostgres(folder);
      return {
        connection: server.connection,
        admin: server.connection,
        close: async () => {
          await server.close();
          await rm(folder, { recursive: true, force: true });
        },
      };
    },
  ],
  ...MAJORS.map(
    (major) =>
      [
        `PostgreSQL ${major}`,
        async () => {
          const server: TestServer = await startServer({ major, durable: true, settings: ['log_statement=none'] });
          const connection = { host: server.host, port: server.port, user: 'postgres', database: 'postgres' };
          return { connection, admin: connection, close: () => server.stop() };
        },
      ] as const,
  ),
];

function draft(id: string, about = 'drift-20260703-000001'): EntryDraft {
  const bytes = new TextEncoder().encode(`artifact of ${id}`);
  return {
    id,
    type: 'FINDING_OPENED',
    at: '2026-07-03T10:00:00Z',
    unit: 'u',
    about: { kind: 'FINDING', id: about },
    artifacts: [{ digest: sha256(bytes), bytes }],
    seal: (previous) => {
      const statement = new TextEncoder().encode(JSON.stringify({ id, previous }));
      return { statement, digest: sha256(statement) };
    },
  };
}

describe.each(ENGINES)('EV-61 UI-29: the store on %s', (_, open) => {
  let place: Place;
  let store: Store;
  const openAgain = (): Promise<Store> =>
    openStore({ connection: place.connection, poolSize: 4, migrate: 'auto', probe: () => Promise.resolve('unknown') });

  beforeAll(async () => {
    place = await open();
    store = await openAgain();
  });
  afterAll(async () => {
    await store.close();
    await place.close();
  });

  it('keeps findings with their life, counted per day', async () => {
    const ids = await store.write(async (transaction) => [
      await transaction.nextFindingId('2026-07-03'),
      await transaction.nextFindingId('2026-07-03'),
      await transaction.nextFindingId('2026-07-04'),
    ]);
    const record = aRecord({ findingId: ids[0] ?? '', resourceRef: 'role/we"ird\u0000\ud83d' });
    await store.write(async (transaction) => {
      await transaction.saveFinding(record);
    });

    expect(ids).toEqual(['drift-20260703-000001', 'drift-20260703-000002', 'drift-20260704-000001']);
    expect(await store.findFinding(ids[0] ?? '')).toEqual(record);
    expect(await store.loadFindings('payments-db', '2026-01-01T00:00:00Z')).toEqual([record]);
  });

  it('EV-08: leaves nothing of a transaction that fails after the finding was updated', async () => {
    const failing = store.write(async (transaction) => {
      await transaction.saveFinding(aRecord({ findingId: 'drift-20260705-000001', identity: sha256('other') }));
      await transaction.appendEntry(draft('01F000000000000000000FAIL1', 'drift-20260705-000001'));
      await transaction.enqueueMessage({
        receiver: 'log',
        kind: 'finding',
        findingId: 'drift-20260705-000001',
        body: {},
      });
      throw new Error('stop here');
    });

    await expect(failing).rejects.toThrow('stop here');
    expect(await store.findFinding('drift-20260705-000001')).toBeUndefined();
    expect(await store.entries.findEntry('01F000000000000000000FAIL1')).toBeUndefined();
    expect(await store.entries.readArtifact(sha256('artifact of 01F000000000000000000FAIL1'))).toBeUndefined();
    expect(await store.listMessages('log', 10)).toEqual([]);
  });

  it('chains entries about one thing and orders them for the log under a lease', async () => {
    await store.write(async (transaction) => {
      await transaction.appendEntry(draft('01A00000000000000000000001'));
    });
    await store.write(async (transaction) => {
      await transaction.appendEntry(draft('01A00000000000000000000002'));
    });
    const [first, second] = await store.entries.listEntries({ kind: 'FINDING', id: 'drift-20260703-000001' });
    const held = await store.leases.acquire('publisher', 'pid 1 on here');
    if (held.status !== 'held') throw new Error('not held');
    await store.entries.order(held.lease, 1);
    const one = await store.entries.logState();
    await store.entries.order(held.lease, 100);
    const ordered = await store.entries.readRange(0, 100);
    await store.entries.markPublished(held.lease, { size: 2, checkpoint: 'note', frontier: '[[2,"AA=="]]' });

    expect(JSON.parse(new TextDecoder().decode(second?.statement))).toMatchObject({ previous: first?.digest });
    expect(ordered.map((entry) => [entry.id, entry.index])).toEqual([
      ['01A00000000000000000000001', 0],
      ['01A00000000000000000000002', 1],
    ]);
    expect(one).toMatchObject({ ordered: 1, published: 0, frontier: undefined });
    expect(await store.entries.logState()).toMatchObject({
      ordered: 2,
      published: 2,
      checkpoint: 'note',
      frontier: '[[2,"AA=="]]',
    });
    expect(await store.entries.readArtifact(sha256('artifact of 01A00000000000000000000001'))).toBeUndefined();
    expect(await store.entries.countUnpublished()).toMatchObject({ entries: 0 });
  });

  it('EV-41: refuses to change or remove an entry', async () => {
    const client = new pg.Client(place.admin);
    await client.connect();
    const attempt = async (text: string): Promise<string> =>
      await client.query(text).then(
        () => 'done',
        (cause: Error) => cause.message,
      );
    const answers = [
      await attempt("UPDATE kedge.entries SET statement = 'x'"),
      await attempt('DELETE FROM kedge.entries'),
      await attempt('TRUNCATE kedge.entries CASCADE'),
      await attempt('UPDATE kedge.entries SET published = false'),
      await attempt('UPDATE kedge.entries SET idx = idx + 100'),
    ];
    await client.end();

    expect(answers).toEqual(Array(5).fill('evidence entries are append-only'));
  });

  it('gives a lease to one holder, with a token that grows, and discards the work of an older one', async () => {
    const first = await store.leases.acquire('unit/a', 'pid 1 on a');
    const second = await store.leases.acquire('unit/a', 'pid 2 on b');
    if (first.status !== 'held') throw new Error('not held');
    await store.leases.release(first.lease);
    const third = await store.leases.acquire('unit/a', 'pid 2 on b');
    const late = await store
      .write(async (transaction) => {
        await transaction.requireLease('unit/a', first.lease.token);
      })
      .catch((cause: unknown) => cause);

    expect(second).toMatchObject({ status: 'taken', by: { holder: 'pid 1 on a' } });
    expect(third.status === 'held' && third.lease.token > first.lease.token).toBe(true);
    expect(await store.leases.renew(first.lease)).toBe(false);
    expect(late).toMatchObject({ code: 'LEASE_LOST' });
  });

  it('says STORE_BUSY, and keeps nothing, when two transactions lock the same records in turn', async () => {
    const [left, right] = ['drift-20260703-000901', 'drift-20260703-000902'];
    for (const findingId of [left, right])
      await store.write((transaction) => transaction.saveFinding(aRecord({ findingId, identity: sha256(findingId) })));
    let arrived = 0;
    const crossed = async (first: string, then: string): Promise<void> => {
      await store.write(async (transaction) => {
        const record = await transaction.lockFinding(first);
        arrived += 1;
        while (arrived < 2) await new Promise((done) => setTimeout(done, 10));
        await transaction.lockFinding(then);
        if (record !== undefined)
          await transaction.saveFinding({ ...record, life: { ...record.life, confirmations: 7 } });
      });
    };
    const ended = await Promise.allSettled([crossed(left, right), crossed(right, left)]);
    const kept = await Promise.all([left, right].map((findingId) => store.findFinding(findingId)));

    const failed = ended.find((each) => each.status === 'rejected');
    expect(failed?.reason).toMatchObject({ code: 'STORE_BUSY', retry: 'later' });
    expect(kept.map((record) => record?.life.confirmations).sort()).toEqual([1, 7]);
  });

  it('UI-18: takes over at once from a holder that is known to be dead', async () => {
    const knowing = await openStore({
      connection: place.connection,
      poolSize: 2,
      migrate: 'auto',
      probe: (holder) => Promise.resolve(holder === 'pid 9 on gone' ? 'dead' : 'alive'),
    });
    await knowing.leases.acquire('unit/b', 'pid 9 on gone');
    const taken = await knowing.leases.acquire('unit/b', 'pid 10 on here');
    await knowing.close();

    expect(taken.status).toBe('held');
  });

  it('runs one of many that want the same lease at once', async () => {
    const all = await Promise.all(
      Array.from({ length: 12 }, (_, index) => store.leases.acquire('unit/c', `pid ${index} on here`)),
    );

    expect(all.filter((each) => each.status === 'held')).toHaveLength(1);
  });

  it('counts over restarts and refuses a schema newer than the program', async () => {
    await store.write(async (transaction) => {
      await transaction.increment({ metric: 'm', labels: { b: '2', a: '1' }, by: 2 });
    });
    const again = await openAgain();
    const counters = await again.listCounters();
    await again.close();
    const client = new pg.Client(place.admin);
    await client.connect();
    await client.query("INSERT INTO kedge.schema_migrations (version, name, checksum) VALUES (9999, 'later', 'x')");
    const refused = await openAgain().then(
      () => undefined,
      (cause: { code: string }) => cause.code,
    );
    await client.query('DELETE FROM kedge.schema_migrations WHERE version = 9999');
    await client.query('DELETE FROM kedge.schema_migrations WHERE version = 1');
    await client.query('ALTER SCHEMA kedge RENAME TO kedge_kept');
    const manual = await openStore({
      connection: place.connection,
      poolSize: 2,
      migrate: 'manual',
      probe: () => Promise.resolve('unknown'),
    }).then(
      () => undefined,
      (cause: { code: string; next: string }) => cause,
    );
    await client.query('DROP SCHEMA kedge CASCADE');
    await client.query('ALTER SCHEMA kedge_kept RENAME TO kedge');
    await client.query("INSERT INTO kedge.schema_migrations (version, name, checksum) SELECT 1, 'first', $1", [
      sha256((await import('../../src/adapters/store/migrations/0001-first.ts')).FIRST),
    ]);
    await client.end();

    expect(counters).toEqual([{ metric: 'm', labels: { a: '1', b: '2' }, value: 2 }]);
    expect(refused).toBe('STORE_SCHEMA_NEW');
    expect(manual).toMatchObject({
      code: 'STORE_SCHEMA_OLD',
      next: expect.stringContaining('kedge store migrate') as unknown,
    });
  });
});

describe('EV-61: a server that may lose commits', () => {
  it('is refused', async () => {
    const server = await startServer({ settings: ['log_statement=none'] });
    const opened = await openStore({
      connection: { host: server.host, port: server.port, user: 'postgres', database: 'postgres' },
      poolSize: 2,
      migrate: 'auto',
      probe: () => Promise.resolve('unknown'),
    }).then(
      () => undefined,
      (cause: { code: string }) => cause.code,
    );
    await server.stop();

    expect(opened).toBe('STORE_NOT_DURABLE');
  });
});
