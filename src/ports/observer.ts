import type { SourceDocument } from './document-source.ts';
import type { Observation } from '../core/model/observation.ts';
import type { Snapshot } from '../core/model/snapshot.ts';
import type { Unit } from '../core/model/unit.ts';
import type { Instant } from '../core/model/instant.ts';
import type { ValueRedactor } from './value-redactor.ts';

/** What an observer is told of the unit it looks at. */
export interface ObserveRequest {
  readonly unit: Unit;
  /** Every document of the working set that no Kedge kind claimed; the adapter takes those of its own kinds and of this unit. */
  readonly documents: readonly SourceDocument[];
  /** When the documents were last known to be the head of their source. */
  readonly documentsAt: Instant;
  /** The last verified snapshots by resource; `unreadable` makes the recorded plane unknown, never empty. */
  readonly snapshots:
    | { readonly status: 'read'; readonly byResource: ReadonlyMap<string, Snapshot> }
    | { readonly status: 'unreadable'; readonly detail: string };
  /** Resources to look at; undefined = all. A targeted look may see more than it was asked. */
  readonly resources?: readonly string[];
  readonly redactor: ValueRedactor;
}

/**
 * The read-only adapter of a watched system. Built from the unit's `credentials` alone; has no way to a writer.
 * A failure outside is part of the answer (`unknown`, a gap, an unchecked entry), never an empty list and never an exception;
 * only a bug throws. It writes nothing to the watched system.
 */
export interface Observer {
  observe(request: ObserveRequest, signal: AbortSignal): Promise<Observation>;
}
