import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import type pg from 'pg';
import type { CounterIncrement, OutboxMessage, Store, StoreTransaction } from '../../ports/store.ts';
import { appendEntry, createEntryStore } from './entry-rows.ts';
import { findingRows } from './finding-rows.ts';
import { createLeaseStore, requireLease, type HolderProbe } from './lease-rows.ts';
import { migrate, type MigrateMode } from './migrations/migrate.ts';
import { createPool, requireDurable, storeError, type StoreConnection } from './pool.ts';
import { actionRows, approvalRows, checkRows, snapshotRows, unitRows } from './record-rows.ts';
import type { Tables } from './tables.ts';

/** How the store is opened. */
export interface StoreOptions {
  readonly connection: StoreConnection;
  readonly poolSize: number;
  readonly migrate: MigrateMode;
  readonly probe: HolderProbe;
}

async function prepare(pool: pg.Pool, mode: MigrateMode): Promise<void> {
  const client = await pool.connect();
  try {
    await requireDurable(client);
    await migrate(client, mode);
  } finally {
    client.release();
  }
}

async function increment(db: Transaction<Tables>, { metric, labels, by }: CounterIncrement): Promise<void> {
  const key = JSON.stringify(Object.fromEntries(Object.entries(labels).sort()));
  await db
    .insertInto('counters')
    .values({ metric, labels: key, value: by })
    .onConflict((conflict) =>
      conflict.columns(['metric', 'labels']).doUpdateSet({ value: sql<number>`counters.value + excluded.value` }),
    )
    .execute();
}

async function enqueue(db: Transaction<Tables>, message: OutboxMessage): Promise<void> {
  await db
    .insertInto('outbox')
    .values({
      receiver: message.receiver,
      kind: message.kind,
      finding_id: message.findingId ?? null,
      body: JSON.stringify(message.body),
      sent_at: null,
    })
    .execute();
}

function toTransaction(db: Transaction<Tables>): StoreTransaction {
  return {
    nextFindingId: (day) => findingRows.nextId(db, day),
    saveFinding: (record) => findingRows.save(db, record),
    saveCheck: (check) => checkRows.save(db, check),
    saveUnit: (record) => unitRows.save(db, record),
    saveSnapshots: (unit, snapshots) => snapshotRows.save(db, unit, snapshots),
    deleteSnapshots: (unit, resources) => snapshotRows.remove(db, unit, resources),
    saveAction: (record) => actionRows.save(db, record),
    saveApproval: (record) => approvalRows.save(db, record),
    lockAction: (id) => actionRows.lock(db, id),
    lockApproval: (id) => approvalRows.lock(db, id),
    lockUnit: (unit) => unitRows.lock(db, unit),
    lockFinding: (id) => findingRows.lock(db, id),
    lockFindings: (unit, closedSince) => findingRows.lockUnit(db, unit, closedSince),
    listActions: (of) => actionRows.list(db, of),
    appendEntry: (draft) => appendEntry(db, draft),
    enqueueMessage: (message) => enqueue(db, message),
    increment: (change) => increment(db, change),
    requireLease: (name, token) => requireLease(db, { name, token }),
  };
}

/** Every promise of an object's methods with the store's own failures named. */
function guarded<T extends object>(target: T): T {
  return new Proxy(target, {
    get(object, name, receiver): unknown {
      const value: unknown = Reflect.get(object, name, receiver);
      if (typeof value !== 'function' || typeof name !== 'string') return value;
      return async (...parameters: unknown[]): Promise<unknown> => {
        try {
          return await (Reflect.apply(value, object, parameters) as Promise<unknown>);
        } catch (cause) {
          throw storeError(name, cause);
        }
      };
    },
  });
}

async function listCounters(db: Kysely<Tables>): ReturnType<Store['listCounters']> {
  const rows = await db.selectFrom('counters').selectAll().orderBy('metric').orderBy('labels').execute();
  return rows.map((row) => ({
    metric: row.metric,
    labels: JSON.parse(row.labels) as Record<string, string>,
    value: row.value,
  }));
}

async function listMessages(db: Kysely<Tables>, receiver: string, limit: number): ReturnType<Store['listMessages']> {
  const rows = await db
    .selectFrom('outbox')
    .selectAll()
    .where('receiver', '=', receiver)
    .where('sent_at', 'is', null)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    receiver: row.receiver,
    kind: row.kind,
    findingId: row.finding_id ?? undefined,
    body: JSON.parse(row.body) as OutboxMessage['body'],
    attempts: row.attempts,
  }));
}

/** Opens the store: a durable server of a known schema, or a refusal that says what to do. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const pool = createPool(options.connection, options.poolSize);
  try {
    await prepare(pool, options.migrate);
  } catch (cause) {
    await pool.end();
    throw storeError('open the store', cause);
  }
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const { value: storeId } = await db
    .selectFrom('meta')
    .select('value')
    .where('name', '=', 'store_id')
    .executeTakeFirstOrThrow();
  const calls = guarded({
    write: async <T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T> =>
      await db.transaction().execute(async (transaction) => await work(toTransaction(transaction))),
    findUnit: (unit: string) => unitRows.find(db, unit),
    listUnits: () => unitRows.list(db),
    findCheck: (id: string) => checkRows.find(db, id),
    listChecks: (unit: string, limit: number) => checkRows.list(db, unit, limit),
    findFinding: (id: string) => findingRows.find(db, id),
    listFindings: (filter: Parameters<Store['listFindings']>[0]) => findingRows.list(db, filter),
    loadFindings: (unit: string, closedSince: string) => findingRows.loadUnit(db, unit, closedSince),
    loadSnapshots: (unit: string) => snapshotRows.load(db, unit),
    findAction: (id: string) => actionRows.find(db, id),
    listActions: (of: Parameters<Store['listActions']>[0]) => actionRows.list(db, of),
    findApproval: (id: string) => approvalRows.find(db, id),
    listApprovals: (of: Parameters<Store['listApprovals']>[0]) => approvalRows.list(db, of),
    listCounters: () => listCounters(db),
    listMessages: (receiver: string, limit: number) => listMessages(db, receiver, limit),
    markMessageSent: async (id: string) => {
      await db.updateTable('outbox').set({ sent_at: new Date().toISOString() }).where('id', '=', id).execute();
    },
    close: () => db.destroy(),
  });
  return Object.assign(
    Object.create(null) as object,
    { storeId, entries: guarded(createEntryStore(db)), leases: guarded(createLeaseStore(db, options.probe)) },
    bound(calls),
  );
}

/** A proxy's methods as plain members, so that a store can be spread and passed on. */
function bound<T extends object>(calls: T): T {
  return Object.fromEntries(Object.keys(calls).map((name) => [name, (calls as Record<string, unknown>)[name]])) as T;
}
