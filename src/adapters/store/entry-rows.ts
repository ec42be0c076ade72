import { gunzipSync, gzipSync } from 'node:zlib';
import { sql, type Kysely } from 'kysely';
import type { Check } from '../../core/model/check.ts';
import type { Digest } from '../../core/model/digest.ts';
import type { EntryStore, StoredEntry } from '../../ports/entry-store.ts';
import type { ArtifactDraft, EntryDraft } from '../../ports/entry-draft.ts';
import { requireLease } from './lease-rows.ts';
import type { Queryable } from './record-rows.ts';
import type { Tables } from './tables.ts';

const CHUNK_BYTES = 1024 * 1024;

const COLUMNS = [
  'id',
  'type',
  'at',
  'unit',
  'about_kind',
  'about_id',
  'statement',
  'digest',
  'idx',
  'published',
] as const;

type EntryRow = {
  readonly id: string;
  readonly type: string;
  readonly at: string;
  readonly unit: string | null;
  readonly about_kind: string;
  readonly about_id: string;
  readonly statement: Buffer;
  readonly digest: string;
  readonly idx: string | null;
  readonly published: boolean;
};

async function withArtifacts(db: Queryable, rows: readonly EntryRow[]): Promise<readonly StoredEntry[]> {
  const digests = new Map<string, Digest[]>();
  if (rows.length > 0) {
    const found = await db
      .selectFrom('entry_artifacts')
      .selectAll()
      .where(
        'entry_id',
        'in',
        rows.map((row) => row.id),
      )
      .orderBy('position')
      .execute();
    for (const { entry_id: id, digest } of found) digests.set(id, [...(digests.get(id) ?? []), digest as Digest]);
  }
  return rows.map((row) => ({
    id: row.id,
    type: row.type,
    at: row.at,
    unit: row.unit ?? undefined,
    about: { kind: row.about_kind, id: row.about_id },
    statement: new Uint8Array(row.statement),
    digest: row.digest as Digest,
    artifacts: digests.get(row.id) ?? [],
    index: row.idx === null ? undefined : Number(row.idx),
    published: row.published,
  }));
}

async function saveArtifact(db: Queryable, artifact: ArtifactDraft): Promise<void> {
  const packed = gzipSync(artifact.bytes);
  for (let chunk = 0; chunk * CHUNK_BYTES < packed.length; chunk += 1) {
    const bytes = packed.subarray(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES);
    await db
      .insertInto('artifact_chunks')
      .values({ digest: artifact.digest, chunk, bytes })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

/** Appends one entry under the lock of what it is about, so that `previous` is the last one. */
export async function appendEntry(db: Queryable, draft: EntryDraft): Promise<Digest> {
  const { kind, id } = draft.about;
  // An update that changes nothing: it locks the head and returns it, in the same round trip that makes it.
  const head = await db
    .insertInto('about_heads')
    .values({ kind, id, digest: null })
    .onConflict((conflict) =>
      conflict.columns(['kind', 'id']).doUpdateSet((row) => ({ digest: row.ref('about_heads.digest') })),
    )
    .returning('digest')
    .executeTakeFirstOrThrow();
  const { statement, digest } = draft.seal((head.digest ?? undefined) as Digest | undefined);
  // The entry and its head in one round trip.
  await db
    .with('entry', (query) =>
      query.insertInto('entries').values({
        id: draft.id,
        type: draft.type,
        at: draft.at,
        unit: draft.unit ?? null,
        about_kind: kind,
        about_id: id,
        statement: Buffer.from(statement),
        digest,
        idx: null,
        leaf_hash: null,
      }),
    )
    .updateTable('about_heads')
    .set({ digest })
    .where('kind', '=', kind)
    .where('id', '=', id)
    .execute();
  for (const [position, artifact] of draft.artifacts.entries()) {
    await db.insertInto('entry_artifacts').values({ entry_id: draft.id, position, digest: artifact.digest }).execute();
    await saveArtifact(db, artifact);
  }
  return digest;
}

/** The entries as the publisher and the readers of evidence see them. */
export function createEntryStore(db: Kysely<Tables>): EntryStore {
  return {
    async listEntries(about) {
      return await withArtifacts(
        db,
        await db
          .selectFrom('entries')
          .select(COLUMNS)
          .where('about_kind', '=', about.kind)
          .where('about_id', '=', about.id)
          .orderBy('seq')
          .execute(),
      );
    },
    async findEntry(id) {
      return (
        await withArtifacts(db, await db.selectFrom('entries').select(COLUMNS).where('id', '=', id).execute())
      )[0];
    },
    async readRange(from, to) {
      return await withArtifacts(
        db,
        await db
          .selectFrom('entries')
          .select(COLUMNS)
          .where('idx', '>=', String(from))
          .where('idx', '<', String(to))
          .orderBy('idx')
          .execute(),
      );
    },
    async countUnpublished() {
      const waiting = await sql<{ waiting: string; oldest: string | null }>`
        SELECT count(*) AS waiting, min(at) AS oldest FROM (
          SELECT at FROM entries WHERE NOT published
          UNION ALL SELECT min(finished_at) FROM checks WHERE NOT gathered HAVING count(*) > 0
        ) AS all_waiting`.execute(db);
      const [row] = waiting.rows;
      return { entries: Number(row?.waiting ?? 0), oldestAt: row?.oldest ?? undefined };
    },
    async gatherChecks(lease, limit, toEntry) {
      return await db.transaction().execute(async (transaction) => {
        await requireLease(transaction, lease);
        const rows = await transaction
          .selectFrom('checks')
          .select(['check_id', 'body'])
          .where('gathered', '=', false)
          .orderBy('finished_at')
          .orderBy('check_id')
          .limit(limit)
          .forUpdate()
          .execute();
        if (rows.length === 0) return 0;
        await appendEntry(transaction, toEntry(rows.map((row) => JSON.parse(row.body) as Check)));
        const ids = rows.map((row) => row.check_id);
        await transaction.updateTable('checks').set({ gathered: true }).where('check_id', 'in', ids).execute();
        return rows.length;
      });
    },
    async order(lease, limit) {
      await db.transaction().execute(async (transaction) => {
        await requireLease(transaction, lease);
        await sql`
          UPDATE entries SET idx = numbered.idx
          FROM (SELECT id, row_number() OVER (ORDER BY seq) - 1 + (SELECT coalesce(max(idx) + 1, 0) FROM entries) AS idx FROM entries WHERE idx IS NULL ORDER BY seq LIMIT ${limit}) AS numbered
          WHERE entries.id = numbered.id`.execute(transaction);
      });
    },
    async readArtifact(digest) {
      const rows = await db
        .selectFrom('artifact_chunks')
        .select('bytes')
        .where('digest', '=', digest)
        .orderBy('chunk')
        .execute();
      return rows.length === 0 ? undefined : new Uint8Array(gunzipSync(Buffer.concat(rows.map((row) => row.bytes))));
    },
    async logState() {
      const state = await db
        .selectFrom('log_state')
        .selectAll()
        .orderBy('log', 'desc')
        .limit(1)
        .executeTakeFirstOrThrow();
      const ordered = await db
        .selectFrom('entries')
        .select(sql<string>`coalesce(max(idx) + 1, 0)`.as('ordered'))
        .executeTakeFirstOrThrow();
      return {
        ordered: Number(ordered.ordered),
        published: Number(state.size),
        checkpoint: state.checkpoint ?? undefined,
        frontier: state.frontier ?? undefined,
        log: state.log,
      };
    },
    async markPublished(lease, { size, checkpoint, frontier }) {
      await db.transaction().execute(async (transaction) => {
        await requireLease(transaction, lease);
        await transaction
          .updateTable('entries')
          .set({ published: true })
          .where('published', '=', false)
          .where('idx', '<', String(size))
          .execute();
        await transaction
          .updateTable('log_state')
          .set({ size: String(size), checkpoint, frontier })
          .where('log', '=', (eb) => eb.selectFrom('log_state').select((inner) => inner.fn.max('log').as('log')))
          .execute();
        await sql`DELETE FROM artifact_chunks WHERE NOT EXISTS (SELECT 1 FROM entry_artifacts JOIN entries ON entries.id = entry_artifacts.entry_id WHERE entry_artifacts.digest = artifact_chunks.digest AND NOT entries.published)`.execute(
          transaction,
        );
      });
    },
    async readLeafHashes(from, to) {
      const rows = await db
        .selectFrom('entries')
        .select('leaf_hash')
        .where('idx', '>=', String(from))
        .where('idx', '<', String(to))
        .orderBy('idx')
        .execute();
      return rows.map((row) => new Uint8Array(row.leaf_hash ?? Buffer.alloc(0)));
    },
    async saveLeafHashes(from, hashes) {
      for (let start = 0; start < hashes.length; start += 1_000) {
        const part = hashes.slice(start, start + 1_000);
        await sql`UPDATE entries SET leaf_hash = given.hash FROM unnest(${part.map((_, index) => String(from + start + index))}::bigint[], ${part.map((hash) => Buffer.from(hash))}::bytea[]) AS given(idx, hash) WHERE entries.idx = given.idx AND entries.leaf_hash IS NULL`.execute(
          db,
        );
      }
    },
  };
}
