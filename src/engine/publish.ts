import { gzipSync } from 'node:zlib';
import {
  checkpointText,
  LEAVES_A_FILE,
  logFilesFrom,
  parseCheckpoint,
  type Checkpoint,
} from '../core/evidence/checkpoint.ts';
import { signEnvelope } from '../core/evidence/envelope.ts';
import { artifactPath, envelopePath } from '../core/evidence/evidence-path.ts';
import { leafOf } from '../core/evidence/leaf.ts';
import { CompactRange, leafHash, type Hash } from '../core/evidence/merkle.ts';
import { noteSignedBy, parseVkey, signNote } from '../core/evidence/signed-note.ts';
import type { Check } from '../core/model/check.ts';
import { digestJson } from '../core/model/digest.ts';
import type { JsonValue } from '../core/model/json.ts';
import { OperationError } from '../core/model/operation-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { StoredEntry } from '../ports/entry-store.ts';
import type { EvidenceReceipt } from '../ports/evidence-receipt.ts';
import type { EvidenceStore } from '../ports/evidence-store.ts';
import type { Lease } from '../ports/lease-store.ts';
import type { Signer } from '../ports/signer.ts';
import type { EntryDraft } from '../ports/entry-draft.ts';
import type { Store } from '../ports/store.ts';
import type { Publisher } from './context.ts';
import { makeEntry, type EntryMaker } from './entry.ts';

const LEASE = 'publisher';
const BATCH = 2_000;
const POLL = 100;
const DEADLINE = 60_000;

/** What publishing is made of. */
export interface PublisherParts {
  readonly store: Store;
  readonly evidence: EvidenceStore;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly holder: string;
  readonly origin: string;
  readonly maker: EntryMaker;
}

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

function forked(message: string): OperationError {
  return new OperationError('EVIDENCE_FORKED', `cannot publish: ${message}`, {
    retry: 'no',
    next: 'nothing is signed and nothing acts; `kedge evidence recover --new-log` opens a new log after somebody has looked',
  });
}

/** The log's compact range over the leaves that stand under the last checkpoint, so that no publication reads them all again. */
interface Known {
  readonly range: CompactRange;
  readonly hashes: Hash[];
}

async function readHashes(store: Store, size: number): Promise<Known> {
  const range = new CompactRange();
  const hashes: Hash[] = [];
  for (let from = 0; from < size; from += BATCH) {
    const part = await store.entries.readLeafHashes(from, Math.min(size, from + BATCH));
    for (const hash of part) {
      hashes.push(hash);
      range.append(hash);
    }
  }
  return { range, hashes };
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

function rootAt(hashes: readonly Hash[], size: number): Hash {
  const range = new CompactRange();
  for (const hash of hashes.slice(0, size)) range.append(hash);
  return range.root();
}

/** The publisher of one log. Every step repeated gives the same bytes, so no crash and no late twin gives one index two leaves. */
export function createPublisher(parts: PublisherParts): Publisher {
  const { store, evidence, signer, clock, origin } = parts;
  const key = parseVkey(signer.vkey);
  if (key === undefined) throw new Error('the signing key has no valid verifier key');
  let queue: Promise<unknown> = Promise.resolve();

  async function acquire(signal: AbortSignal): Promise<Lease> {
    const deadline = clock.monotonicMilliseconds() + DEADLINE;
    for (;;) {
      signal.throwIfAborted();
      const got = await store.leases.acquire(LEASE, parts.holder);
      if (got.status === 'held') return got.lease;
      if (clock.monotonicMilliseconds() > deadline)
        throw new OperationError(
          'EVIDENCE_UNAVAILABLE',
          `cannot publish: ${got.by.holder} has been publishing for ${DEADLINE / 1_000}s`,
          { retry: 'later' },
        );
      await clock.sleep(POLL, signal);
    }
  }

  async function readCheckpoint(): Promise<Checkpoint | undefined> {
    const bytes = await evidence.read('log/1/checkpoint');
    if (bytes === undefined) return undefined;
    const checkpoint = parseCheckpoint(new TextDecoder().decode(bytes));
    if (checkpoint?.origin !== origin || key === undefined || noteSignedBy(checkpoint.note, [key]).length === 0)
      throw forked('the checkpoint in the evidence store is not of this log and key');
    return checkpoint;
  }

  /** The published size both sides agree on, or the refusal to sign anything. */
  async function agreedSize(known: Known, published: number): Promise<number> {
    const checkpoint = await readCheckpoint();
    const size = checkpoint?.size ?? 0;
    if (size > known.hashes.length)
      throw forked(`the evidence store holds ${size} leaves, the store knows ${known.hashes.length}`);
    if (checkpoint !== undefined && !sameBytes(rootAt(known.hashes, size), checkpoint.root))
      throw forked(`the evidence store's root of ${size} leaves is not the store's`);
    return Math.min(size, published);
  }

  async function putFiles(entries: readonly StoredEntry[], signal: AbortSignal): Promise<void> {
    for (const entry of entries) {
      signal.throwIfAborted();
      for (const digest of entry.artifacts) {
        const bytes = await store.entries.readArtifact(digest);
        if (bytes !== undefined) await evidence.putOnce(artifactPath(digest), gzipSync(bytes));
      }
      await evidence.putOnce(envelopePath(entry), signEnvelope(entry.statement, signer));
    }
  }

  async function putLeaves(from: number, size: number): Promise<void> {
    for (let start = Math.floor(from / LEAVES_A_FILE) * LEAVES_A_FILE; start < size; start += LEAVES_A_FILE) {
      const entries = await store.entries.readRange(start, Math.min(size, start + LEAVES_A_FILE));
      const files = logFilesFrom(
        start,
        entries.map((entry) => leafOf(entry)),
      );
      for (const { path, bytes } of files) await evidence.replace(`log/1/${path}`, bytes);
    }
  }

  async function gather(lease: Lease): Promise<void> {
    const toEntry = (checks: readonly Check[]): EntryDraft => batchEntry(parts.maker, checks);
    while ((await store.entries.gatherChecks(lease, GATHERED, toEntry)) === GATHERED);
  }

  async function publishUnder(lease: Lease, signal: AbortSignal): Promise<Checkpoint | undefined> {
    await gather(lease);
    const waiting = await store.entries.order(lease, BATCH);
    const state = await store.entries.logState();
    const known = await readHashes(store, state.ordered - waiting.length);
    for (const entry of waiting) known.hashes.push(leafHash(leafOf(entry)));
    await store.entries.saveLeafHashes(
      state.ordered - waiting.length,
      waiting.map((entry) => leafHash(leafOf(entry))),
    );
    const agreed = await agreedSize(known, state.published);
    const checkpoint = await readCheckpoint();
    if (waiting.length === 0 && checkpoint?.size === state.ordered) return checkpoint;
    const missing =
      agreed < state.ordered - waiting.length
        ? await store.entries.readRange(agreed, state.ordered - waiting.length)
        : [];
    await putFiles([...missing, ...waiting], signal);
    await putLeaves(agreed, state.ordered);
    const note = signNote(checkpointText(origin, state.ordered, rootAt(known.hashes, state.ordered)), signer);
    await evidence.replace('log/1/checkpoint', new TextEncoder().encode(note));
    await store.entries.markPublished(lease, state.ordered, note);
    return parseCheckpoint(note);
  }

  async function publishAll(signal: AbortSignal): Promise<Checkpoint | undefined> {
    await evidence.claim({ store: store.storeId, origin });
    const lease = await acquire(signal);
    try {
      let checkpoint = await publishUnder(lease, signal);
      while ((await store.entries.countUnpublished()).entries > 0) {
        if (!(await store.leases.renew(lease)))
          throw new OperationError('LEASE_LOST', 'cannot go on publishing: another process took over', {
            retry: 'later',
          });
        checkpoint = await publishUnder(lease, signal);
      }
      return checkpoint;
    } finally {
      await store.leases.release(lease).catch(() => undefined);
    }
  }

  /** One publication at a time in this process; the lease keeps other processes apart. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = queue.then(work, work);
    queue = next.catch(() => undefined);
    return next;
  }

  return {
    publish: (signal) =>
      inTurn(async () => {
        await publishAll(signal);
      }),
    publishEntry: (entryId, signal) =>
      inTurn(async () => {
        const checkpoint = await publishAll(signal);
        const entry = await store.entries.findEntry(entryId);
        if (checkpoint === undefined || entry?.index === undefined || entry.index >= checkpoint.size) {
          throw new OperationError(
            'EVIDENCE_UNAVAILABLE',
            `cannot prove entry ${entryId}: it is not under a checkpoint`,
            { retry: 'later' },
          );
        }
        return {
          log: origin,
          index: entry.index,
          size: checkpoint.size,
          root: Buffer.from(checkpoint.root).toString('base64'),
          entryId,
        } as EvidenceReceipt;
      }),
    probe: async () => {
      try {
        await evidence.claim({ store: store.storeId, origin });
        await evidence.replace('log/probe', new TextEncoder().encode('kedge\n'));
        await readCheckpoint();
        return 'available';
      } catch {
        return 'unavailable';
      }
    },
  };
}
