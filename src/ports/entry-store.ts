import type { Check } from '../core/model/check.ts';
import type { Digest } from '../core/model/digest.ts';
import type { Instant } from '../core/model/instant.ts';
import type { EntryDraft } from './entry-draft.ts';

/** An entry as recorded: its statement's very bytes, and its place in the log once ordered. */
export interface StoredEntry {
  readonly id: string;
  readonly type: string;
  readonly at: Instant;
  readonly unit: string | undefined;
  readonly about: { readonly kind: string; readonly id: string };
  readonly statement: Uint8Array;
  readonly digest: Digest;
  /** Digests of its artifacts. */
  readonly artifacts: readonly Digest[];
  readonly index: number | undefined;
  readonly published: boolean;
}

/**
 * The entries of the evidence log as the database keeps them: it gives the order, the evidence store holds the content.
 * Entries are append-only: only the columns of publication ever change.
 */
export interface EntryStore {
  /** Entries about one thing, in order of recording. */
  listEntries(about: { readonly kind: string; readonly id: string }): Promise<readonly StoredEntry[]>;
  findEntry(id: string): Promise<StoredEntry | undefined>;
  /** Entries by index, ascending, half open. */
  readRange(from: number, to: number): Promise<readonly StoredEntry[]>;
  /** Entries that stand under no checkpoint yet; clean checks that wait to be gathered count as one. */
  countUnpublished(): Promise<{ readonly entries: number; readonly oldestAt: Instant | undefined }>;
  /**
   * One transaction under the publisher's token: up to `limit` clean checks that stand in no entry yet become one.
   * Returns how many were gathered.
   */
  gatherChecks(
    lease: { readonly name: string; readonly token: bigint },
    limit: number,
    toEntry: (checks: readonly Check[]) => EntryDraft,
  ): Promise<number>;
  /** One transaction under the publisher's token: up to `limit` rows without index get the next ones, in order of recording. */
  order(lease: { readonly name: string; readonly token: bigint }, limit: number): Promise<void>;
  /** Uncompressed bytes of an artifact still waiting in the database; undefined when it was published. */
  readArtifact(digest: Digest): Promise<Uint8Array | undefined>;
  /** Number of leaves given an index so far, and the last published size. */
  logState(): Promise<{
    readonly ordered: number;
    readonly published: number;
    readonly checkpoint: string | undefined;
    /** What `markPublished` kept with it; undefined when an older program published last. */
    readonly frontier: string | undefined;
    readonly log: number;
  }>;
  /** One transaction under the token: entries below `size` are published, their artifact chunks deleted, checkpoint and frontier kept. */
  markPublished(
    lease: { readonly name: string; readonly token: bigint },
    published: { readonly size: number; readonly checkpoint: string; readonly frontier: string },
  ): Promise<void>;
  /** SHA-256 leaf hashes by index, half open, 32 bytes each; for roots and proofs. */
  readLeafHashes(from: number, to: number): Promise<readonly Uint8Array[]>;
  saveLeafHashes(from: number, hashes: readonly Uint8Array[]): Promise<void>;
}
