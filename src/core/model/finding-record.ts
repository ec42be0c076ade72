import type { Digest } from './digest.ts';
import type { Finding } from './finding.ts';
import type { Instant } from './instant.ts';

/** One correction that was tried on a finding, and how it ended. */
export interface ActionAttempt {
  readonly actionId: string;
  readonly at: Instant;
  readonly by: 'policy' | 'switch' | 'request';
  readonly outcome: 'converged' | 'not-converged' | 'failed' | 'in-doubt' | 'unknown';
  /** Content that was put back, to tell two writers in turn from many different changes. */
  readonly content: Digest;
}

/**
 * The life of a finding beside its public contract: what the next step of the loop needs to remember.
 * Exists once per identity and open life; survives restarts.
 */
export interface FindingLife {
  /** Contents in the order seen, newest last, at most 32. */
  readonly contents: readonly { readonly content: Digest; readonly at: Instant }[];
  readonly attempts: readonly ActionAttempt[];
  /** An open breaker: the identity heals no more until a person or a changed ownership closes it. */
  readonly breaker:
    | { readonly status: 'closed' }
    | { readonly status: 'open'; readonly since: Instant; readonly writers: readonly string[] };
  /** Checks of the whole unit in a row that saw it, for `confirmations`. */
  readonly confirmations: number;
  readonly acceptedUntil?: Instant;
  /** Earliest next attempt after a failure. */
  readonly retryAt?: Instant;
  /** The document that suppressed it, when one did. */
  readonly suppressedBy?: string;
  readonly verifyingSince?: Instant;
  readonly acknowledgedBy?: string;
}

/** A finding with its life, as the store keeps it. */
export interface FindingRecord {
  readonly finding: Finding;
  readonly life: FindingLife;
}
