import type { Principal } from './approval-record.ts';
import type { Digest } from './digest.ts';
import type { Instant } from './instant.ts';
import type { Plan } from './plan.ts';
import type { Verification } from './verification.ts';
import type { Action } from './vocabulary.ts';

export const ACTION_STATUSES = [
  'REQUESTED',
  'AWAITING_APPROVAL',
  'READY',
  'INTENDED',
  'ACTING',
  'IN_DOUBT',
  'VERIFYING',
  'CONVERGED',
  'NOT_CONVERGED',
  'FAILED',
  'REFUSED',
  'CANCELLED',
] as const;
export type ActionStatus = (typeof ACTION_STATUSES)[number];

/** One requested or automatic action on one finding, from request to verification. */
export interface ActionRecord {
  readonly actionId: string;
  readonly findingId: string;
  readonly unit: string;
  readonly action: Action;
  readonly by: 'policy' | 'switch' | 'request';
  /** The heal policy or switch, for actions nobody requested. */
  readonly byName: string | undefined;
  readonly requester: Principal;
  readonly reason: string;
  readonly requestedAt: Instant;
  readonly status: ActionStatus;
  readonly plan: Plan | undefined;
  readonly approvalId: string | undefined;
  /** Refusing codes, the leading one first. */
  readonly gates: readonly { readonly code: string; readonly because: string }[];
  readonly outcome: string;
  /** What the adapter needs to settle an action in doubt (a transaction id). */
  readonly settlement: string | undefined;
  readonly verification: Verification | undefined;
  readonly finishedAt: Instant | undefined;
  /** The entry of its intent, once recorded, and the policy it was decided by: the same plan under the same policy is not intended twice. */
  readonly intent?: { readonly entryId: string; readonly policyDigest: Digest };
  /** Not taken up before, when it waits for something that passes by itself. */
  readonly retryAt?: Instant;
}
