import type { Instant } from './instant.ts';
import type { Coverage, Unchecked } from './observation.ts';
import type { Action, CheckReason, CheckResult, Plane, Risk } from './vocabulary.ts';

/** One pass over one unit, as stored and reported. */
export interface Check {
  readonly checkId: string;
  readonly unit: string;
  readonly unitType: string;
  readonly startedAt: Instant;
  readonly finishedAt: Instant;
  readonly scope: { readonly kind: 'full' } | { readonly kind: 'targeted'; readonly resources: readonly string[] };
  readonly result: CheckResult;
  readonly partial: boolean;
  readonly reasons: readonly CheckReason[];
  /** One sentence for people on why it does not know; empty when it does. */
  readonly detail: string;
  readonly coverage: Coverage;
  /** How many resources were compared. */
  readonly resourcesCompared: number;
  /** Differences on their way (`DESIRED_NOT_APPLIED` within `convergeWithin`), which are no findings yet. */
  readonly pendingConvergence: number;
  readonly revisions: Readonly<Partial<Record<Plane, string>>>;
  readonly observerIdentity: string | undefined;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  /** The platform document's drift result (its §7.3), without the reason keys that stand above. */
  readonly driftResult: DriftResult;
  /** Findings seen by this check. */
  readonly findingIds: readonly string[];
  readonly stepDurations: Readonly<Record<string, number>>;
}

/** The structured result of one check, key for key as the platform document names it. */
export interface DriftResult {
  readonly stack: string;
  readonly result: CheckResult;
  readonly severity: Risk | 'NONE';
  readonly owner: string;
  readonly resourceChanges: number;
  readonly destructiveChanges: number;
  readonly identityChanges: number;
  readonly actorCorrelation: string;
  readonly recommendedAction: Action;
  readonly evidenceUri: string;
}

/** What is known of a unit's checks: its last one, its last good one, what stops it. */
export interface UnitRecord {
  readonly unit: string;
  readonly unitType: string;
  readonly documentDigest: string;
  readonly lastCheck: Check | undefined;
  /** Finish of the last complete check; freshness counts from here. */
  readonly lastGoodAt: Instant | undefined;
  readonly firstGoodAt: Instant | undefined;
  readonly nextDueAt: Instant | undefined;
  /** When each edit of the declaration that is still on its way was first seen. */
  readonly pendingSince: Readonly<Record<string, Instant>>;
  readonly hold: { readonly reason: string; readonly by: string; readonly since: Instant } | undefined;
  readonly suspension:
    { readonly reason: string; readonly by: string; readonly until: Instant | undefined } | undefined;
  readonly retired: { readonly reason: string; readonly by: string; readonly at: Instant } | undefined;
}

/** What was left out of a check, for every format. */
export type { Unchecked };
