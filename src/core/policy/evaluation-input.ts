import type { AuditCorrelation } from '../model/finding.ts';
import type { Difference } from '../model/difference.ts';
import type { Digest } from '../model/digest.ts';
import type { AdapterGate, GateResult } from '../model/gate.ts';
import type { FactSet } from '../model/fact.ts';
import type { FindingLife } from '../model/finding-record.ts';
import type { Instant } from '../model/instant.ts';
import type { Coverage, ResourceObservation } from '../model/observation.ts';
import type { Unit } from '../model/unit.ts';
import type { FindingState } from '../model/vocabulary.ts';
import type { PolicySet } from './policy-set.ts';

/** What is remembered of one identity. */
export interface FindingHistory {
  readonly findingId: string;
  readonly state: FindingState;
  readonly firstSeenAt: Instant;
  readonly lastSeenAt: Instant;
  readonly occurrences: number;
  readonly content: Digest;
  readonly life: FindingLife;
}

/**
 * What the engine knows of the unit at this moment, for the gates. Each is a statement; what the engine could not
 * find out is `unknown`, and a gate that needs it fails.
 */
export interface Circumstances {
  /** Whether an actuator and `writeCredentials` exist for the unit. */
  readonly canWrite: boolean;
  readonly hold: { readonly reason: string } | undefined;
  /** Whether intent and pre-image can be published now. */
  readonly evidence: 'available' | 'unavailable' | 'unknown';
  /** Age of the desired plane against `desiredMaxAge`, at `now`. */
  readonly desiredAt: Instant | undefined;
  /** Whether this observation is complete for the resources concerned, and from this very moment. */
  readonly observedAt: Instant | undefined;
  readonly coverage: Coverage;
  readonly fresh: boolean;
  /** Whether the watched system or its deploy holds a lock. */
  readonly lock: 'free' | 'held' | 'unknown';
  readonly health: 'healthy' | 'unhealthy' | 'not-watched';
  /** Resources of the unit in all, for shares. */
  readonly resourcesInUnit: number;
  /** Whether the unit had a complete check before this one. */
  readonly firstCompleteCheck: boolean;
  /** Adapter gates already known to fail, by code; absent codes of the adapter pass. */
  readonly adapterGates: readonly GateResult[];
}

/** The one input of the evaluator. The same input gives the same bytes everywhere. */
export interface EvaluationInput {
  readonly unit: Unit;
  readonly differences: readonly Difference[];
  /** By resource reference. */
  readonly resources: ReadonlyMap<string, ResourceObservation>;
  /** Facts of the unit as a whole. */
  readonly facts: FactSet;
  /** Audit correlation by difference; a difference without one is `not-covered`. */
  readonly correlations: ReadonlyMap<Difference, AuditCorrelation>;
  /** By identity. */
  readonly history: ReadonlyMap<Digest, FindingHistory>;
  readonly circumstances: Circumstances;
  readonly adapterGates: readonly AdapterGate[];
  readonly policy: PolicySet;
  readonly now: Instant;
}
