import { parseCheckpoint, type Checkpoint } from '../../core/evidence/checkpoint.ts';
import { CompactRange, type Hash } from '../../core/evidence/merkle.ts';
import { noteSignedBy } from '../../core/evidence/signed-note.ts';
import { OperationError } from '../../core/model/operation-error.ts';
import type { EntryStore } from '../../ports/entry-store.ts';
import type { PublisherParts } from './publisher-parts.ts';

/** Leaf hashes read at once. */
const PART = 10_000;

/** The log as both sides agree on it: everything before `range.size` stands in the evidence store and under a checkpoint of it. */
export interface LogBase {
  readonly range: CompactRange;
  /** The checkpoint of the evidence store; it may be ahead, when a publisher died before it said so. */
  readonly checkpoint: Checkpoint | undefined;
}

function forked(message: string): OperationError {
  return new OperationError('EVIDENCE_FORKED', `cannot publish: ${message}`, {
    retry: 'no',
    next: 'nothing is signed and nothing acts; `kedge evidence recover --new-log` opens a new log after somebody has looked',
  });
}

/** The checkpoint that stands in the evidence store. @throws OperationError `EVIDENCE_FORKED` when it is not of this log and key. */
export async function readCheckpoint(parts: PublisherParts, signal: AbortSignal): Promise<Checkpoint | undefined> {
  const bytes = await parts.evidence.read('log/1/checkpoint', signal);
  if (bytes === undefined) return undefined;
  const checkpoint = parseCheckpoint(new TextDecoder().decode(bytes));
  if (checkpoint?.origin !== parts.origin || noteSignedBy(checkpoint.note, [parts.key]).length === 0)
    throw forked('the checkpoint in the evidence store is not of this log and key');
  return checkpoint;
}

function sameBytes(left: Hash, right: Hash): boolean {
  return Buffer.compare(left, right) === 0;
}

/** Reads the log again from its first leaf; only when the two sides are not at the same place. */
async function rangesAt(
  entries: EntryStore,
  sizes: { readonly remote: number; readonly base: number },
): Promise<{ readonly remote: CompactRange; readonly base: CompactRange }> {
  const remote = new CompactRange();
  const base = new CompactRange();
  for (let from = 0; from < sizes.remote; from += PART) {
    for (const hash of await entries.readLeafHashes(from, Math.min(sizes.remote, from + PART))) {
      remote.append(hash);
      if (base.size < sizes.base) base.append(hash);
    }
  }
  return { remote, base };
}

/** What stands for certain, or the refusal to sign anything. @throws OperationError `EVIDENCE_FORKED`. */
export async function findBase(
  parts: PublisherParts,
  state: Awaited<ReturnType<EntryStore['logState']>>,
  signal: AbortSignal,
): Promise<LogBase> {
  const checkpoint = await readCheckpoint(parts, signal);
  const remote = checkpoint?.size ?? 0;
  if (remote > state.ordered)
    throw forked(`the evidence store holds ${remote} leaves, the store knows ${state.ordered}`);
  const kept = state.frontier === undefined ? undefined : CompactRange.fromText(state.frontier);
  if (checkpoint !== undefined && kept?.size === remote && state.published === remote) {
    if (!sameBytes(kept.root(), checkpoint.root))
      throw forked(`the evidence store's root of ${remote} leaves is not the store's`);
    return { range: kept, checkpoint };
  }
  const { remote: known, base } = await rangesAt(parts.store.entries, {
    remote,
    base: Math.min(remote, state.published),
  });
  if (checkpoint !== undefined && !sameBytes(known.root(), checkpoint.root))
    throw forked(`the evidence store's root of ${remote} leaves is not the store's`);
  return { range: base, checkpoint };
}
