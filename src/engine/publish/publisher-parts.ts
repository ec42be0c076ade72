import type { NoteKey } from '../../core/evidence/signed-note.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EvidenceStore } from '../../ports/evidence-store.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Signer } from '../../ports/signer.ts';
import type { Store } from '../../ports/store.ts';
import type { EntryMaker } from '../entry.ts';

/** What a publisher is given. */
export interface PublisherOptions {
  readonly store: Store;
  readonly evidence: EvidenceStore;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly holder: string;
  readonly origin: string;
  readonly maker: EntryMaker;
}

/** What publishing is made of. */
export interface PublisherParts extends PublisherOptions {
  readonly key: NoteKey;
}
