import type { Check } from '../../core/model/check.ts';
import type { Evaluation } from '../../core/model/evaluation.ts';
import type { FindingRecord } from '../../core/model/finding-record.ts';
import type { Instant } from '../../core/model/instant.ts';
import type { Coverage, ResourceObservation } from '../../core/model/observation.ts';
import type { TrackedChange } from '../../core/track/track.ts';
import type { Lease } from '../../ports/lease-store.ts';
import type { StoreTransaction } from '../../ports/store.ts';
import type { LookRequest } from '../look.ts';

/** What a recorded check leaves: the check, its findings as stored, and what happened to each. */
export interface RecordedCheck {
  readonly check: Check;
  readonly findings: readonly FindingRecord[];
  readonly evaluations: readonly Evaluation[];
}

/** How a check was asked for. */
export interface RecordRequest extends LookRequest {
  readonly lease: Lease;
  readonly startedAt: Instant;
  readonly verifier?: LookVerifier | undefined;
}

/** Says in the transaction of a look what it proves: the entry before any finding closes, the records after. */
export interface LookVerifier {
  before(transaction: StoreTransaction, seen: SeenAgain): Promise<void>;
  after(transaction: StoreTransaction): Promise<void>;
}

/** What a look that verifies an action saw. */
export interface SeenAgain {
  readonly checkId: string;
  readonly coverage: Coverage;
  readonly changes: readonly TrackedChange[];
  readonly resources: readonly ResourceObservation[];
}
