import { gzipSync } from 'node:zlib';
import {
  checkpointText,
  LEAVES_A_FILE,
  logFilesFrom,
  parseCheckpoint,
  type Checkpoint,
} from '../../core/evidence/checkpoint.ts';
import { signEnvelope } from '../../core/evidence/envelope.ts';
import { artifactPath, envelopePath } from '../../core/evidence/evidence-path.ts';
import { leafOf } from '../../core/evidence/leaf.ts';
import { leafHash } from '../../core/evidence/merkle.ts';
import { parseVkey, signNote } from '../../core/evidence/signed-note.ts';
import type { Check } from '../../core/model/check.ts';
import { digestJson } from '../../core/model/digest.ts';
import type { JsonValue } from '../../core/model/json.ts';
import { OperationError } from '../../core/model/operation-error.ts';
import type { EntryDraft } from '../../ports/entry-draft.ts';
import type { StoredEntry } from '../../ports/entry-store.ts';
import type { EvidenceReceipt } from '../../ports/evidence-receipt.ts';
import type { Lease } from '../../ports/lease-store.ts';
import type { Publisher } from '../context.ts';
import { makeEntry, type EntryMaker } from '../entry.ts';
import { holdLease, type HeldLease } from '../lease.ts';
import { findBase, readCheckpoint } from './log-base.ts';
import type { PublisherOptions, PublisherParts } from './publisher-parts.ts';

const LEASE = 'publisher';
/** Entries under one checkpoint at most, and read at once. */
const BATCH = 2_000;
const DEADLINE = 60_000;
const GATHERED = 256;

/** One entry for many clean checks: each is named by the digest of its record, so that none can be claimed or denied later. */
function batchEntry(maker: EntryMaker, checks: readonly Check[]): EntryDraft {
  return makeEntry(maker, {
    type: 'CHECK_BATCH',
    about: { kind: 'SYSTEM', id: 'clean-checks' },
    body: {
      checks: checks.map((check) => ({
        checkId: check.checkId,
        unit: check.unit,
        finishedAt: check.finishedAt,
        resourcesCompared: check.resourcesCompared,
        digest: digestJson(JSON.parse(JSON.stringify(check)) as JsonValue),
      })),
    },
  });
}

async function gather({ store, maker }: PublisherParts, lease: Lease): Promise<void> {
  const toEntry = (checks: readonly Check[]): EntryDraft => batchEntry(maker, checks);
  while ((await store.entries.gatherChecks(lease, GATHERED, toEntry)) === GATHERED);
}

async function putFiles(parts: PublisherParts, entries: readonly StoredEntry[], signal: AbortSignal): Promise<void> {
  const { store, evidence, signer } = parts;
  for (const entry of entries) {
    for (const digest of entry.artifacts) {
      const bytes = await store.entries.readArtifact(digest);
      if (bytes !== undefined) await evidence.putOnce(artifactPath(digest), gzipSync(bytes), signal);
    }
    await evidence.putOnce(envelopePath(entry), signEnvelope(entry.statement, signer), signal);
  }
}

async function putLeaves(
  { store, evidence }: PublisherParts,
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<void> {
  for (let start = Math.floor(from / LEAVES_A_FILE) * LEAVES_A_FILE; start < to; start += LEAVES_A_FILE) {
    const entries = await store.entries.readRange(start, Math.min(to, start + LEAVES_A_FILE));
    const files = logFilesFrom(
      start,
      entries.map((entry) => leafOf(entry)),
    );
    for (const { path, bytes } of files) await evidence.extend(`log/1/${path}`, bytes, signal);
  }
}

/** Orders and publishes the next entries under one checkpoint. Every step repeated gives the same bytes. */
async function publishBatch(
  parts: PublisherParts,
  held: HeldLease,
  signal: AbortSignal,
): Promise<Checkpoint | undefined> {
  const { store, evidence, signer, origin } = parts;
  await gather(parts, held.lease);
  await store.entries.order(held.lease, BATCH);
  const state = await store.entries.logState();
  const { range, checkpoint } = await findBase(parts, state, signal);
  const from = range.size;
  const to = Math.min(state.ordered, Math.max(state.published, checkpoint?.size ?? 0) + BATCH);
  if (from === to) return checkpoint;
  for (let start = from; start < to; start += BATCH) {
    const entries = await store.entries.readRange(start, Math.min(to, start + BATCH));
    const hashes = entries.map((entry) => leafHash(leafOf(entry)));
    await store.entries.saveLeafHashes(start, hashes);
    for (const hash of hashes) range.append(hash);
    await putFiles(parts, entries, signal);
  }
  await putLeaves(parts, from, to, signal);
  const note = signNote(checkpointText(origin, to, range.root()), signer);
  // A twin that slept since its lease ran out must not put an older checkpoint over a newer one.
  await held.confirm();
  await evidence.replace('log/1/checkpoint', new TextEncoder().encode(note), signal);
  await store.entries.markPublished(held.lease, { size: to, checkpoint: note, frontier: range.toText() });
  return parseCheckpoint(note);
}

async function publishAll(parts: PublisherParts, signal: AbortSignal): Promise<Checkpoint | undefined> {
  const { store, evidence, origin } = parts;
  await evidence.claim({ store: store.storeId, origin }, signal);
  const held = await holdLease(parts, LEASE, { waitMilliseconds: DEADLINE, signal });
  if ('takenBy' in held)
    throw new OperationError(
      'EVIDENCE_UNAVAILABLE',
      `cannot publish: ${held.takenBy.holder} has been publishing for ${DEADLINE / 1_000}s`,
      { retry: 'later' },
    );
  const both = AbortSignal.any([signal, held.signal]);
  try {
    let checkpoint = await publishBatch(parts, held, both);
    while ((await store.entries.countUnpublished()).entries > 0) checkpoint = await publishBatch(parts, held, both);
    return checkpoint;
  } finally {
    await held.release();
  }
}

async function probe(parts: PublisherParts, signal: AbortSignal): Promise<'available' | 'unavailable'> {
  const { store, evidence, origin, logger } = parts;
  try {
    await evidence.claim({ store: store.storeId, origin }, signal);
    await evidence.replace('log/probe', new TextEncoder().encode('kedge\n'), signal);
    await readCheckpoint(parts, signal);
    return 'available';
  } catch (cause) {
    const code = cause instanceof OperationError ? cause.code : 'INTERNAL';
    logger.warn('evidence cannot be published', {
      code,
      error: cause instanceof Error ? cause.message : String(cause),
    });
    return 'unavailable';
  }
}

function toReceipt(log: string, entryId: string, index: number, { size, root }: Checkpoint): EvidenceReceipt {
  // The one place that makes a receipt: the entry stands under a signed checkpoint.
  return { log, index, size, root: Buffer.from(root).toString('base64'), entryId } as EvidenceReceipt;
}

/** The publisher of one log. Every step repeated gives the same bytes, so no crash and no late twin gives one index two leaves. */
export function createPublisher(options: PublisherOptions): Publisher {
  const key = parseVkey(options.signer.vkey);
  if (key === undefined) throw new Error('the signing key has no valid verifier key');
  const parts: PublisherParts = { ...options, key };
  let queue: Promise<unknown> = Promise.resolve();

  /** One publication at a time in this process; the lease keeps other processes apart. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = queue.then(work, work);
    queue = next.catch(() => undefined);
    return next;
  }

  return {
    publish: (signal) =>
      inTurn(async () => {
        await publishAll(parts, signal);
      }),
    publishEntry: (entryId, signal) =>
      inTurn(async () => {
        const checkpoint = await publishAll(parts, signal);
        const entry = await parts.store.entries.findEntry(entryId);
        if (checkpoint === undefined || entry?.index === undefined || entry.index >= checkpoint.size)
          throw new OperationError(
            'EVIDENCE_UNAVAILABLE',
            `cannot prove entry ${entryId}: it is not under a checkpoint`,
            { retry: 'later' },
          );
        return toReceipt(parts.origin, entryId, entry.index, checkpoint);
      }),
    probe: (signal) => probe(parts, signal),
  };
}
