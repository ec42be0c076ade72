import type { Digest } from './digest.ts';
import type { Instant } from './instant.ts';
import type { Action, Approval } from './vocabulary.ts';

/** A person or program as seen by Kedge. `LOCAL` is a claim of the operating system, not a sign-in. */
export interface Principal {
  readonly kind: 'USER' | 'TOKEN' | 'LOCAL' | 'KEDGE';
  /** Stable identifier: `local:alice@host`, `iss#sub`. */
  readonly id: string;
  readonly name: string;
}

/** One answer of one approver. */
export interface ApprovalVote {
  readonly by: Principal;
  readonly decision: 'approve' | 'reject';
  readonly reason: string;
  readonly at: Instant;
}

export const APPROVAL_STATUSES = ['PENDING', 'GRANTED', 'REJECTED', 'EXPIRED', 'VOID', 'USED'] as const;
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

/** Consent to exactly one digest; used once, void when any bound part moves. */
export interface ApprovalRecord {
  readonly approvalId: string;
  readonly actionId: string;
  readonly findingId: string;
  readonly unit: string;
  readonly action: Action;
  /** Digest of (identity, content, action, plan, desired revision, policyDigest, risk, budget state). */
  readonly digest: Digest;
  /** Each bound part by name, to say which one moved. */
  readonly bound: Readonly<Record<string, string>>;
  readonly approval: Approval;
  readonly approvers: number;
  readonly from: readonly { readonly from: readonly string[]; readonly min: number }[];
  readonly requester: Principal;
  readonly requestedAt: Instant;
  readonly expiresAt: Instant;
  readonly status: ApprovalStatus;
  readonly votes: readonly ApprovalVote[];
  readonly voidedBecause?: string;
}
