import type { EvidenceReceipt } from './evidence-receipt.ts';
import type { FindingRecord } from '../core/model/finding-record.ts';
import type { GateResult } from '../core/model/gate.ts';
import type { JsonObject } from '../core/model/json.ts';
import type { Observation } from '../core/model/observation.ts';
import type { Plan } from '../core/model/plan.ts';
import type { Difference } from '../core/model/difference.ts';
import type { Action } from '../core/model/vocabulary.ts';
import type { Unit } from '../core/model/unit.ts';

/** What is to be planned: the differences of one finding as the newest observation shows them. */
export interface PlanRequest {
  readonly unit: Unit;
  readonly finding: FindingRecord['finding'];
  readonly differences: readonly Difference[];
  readonly observation: Extract<Observation, { status: 'observed' }>;
  readonly action: Action;
  /** Whether an approval covers the plan, which passes some gates. */
  readonly approved: boolean;
}

/** A plan, or the codes why there is none. */
export type Planned =
  | { readonly status: 'planned'; readonly plan: Plan }
  | { readonly status: 'refused'; readonly gates: readonly GateResult[] };

/** What became of a plan. `in-doubt`: it may have happened; look first, never run it again blindly. */
export type ActOutcome =
  | { readonly status: 'done'; readonly settlement?: string; readonly details: JsonObject }
  | {
      readonly status: 'failed';
      readonly code: string;
      readonly message: string;
      readonly retry: 'no' | 'later';
      readonly details: JsonObject;
    }
  | {
      readonly status: 'in-doubt';
      readonly settlement: string | undefined;
      readonly message: string;
      readonly details: JsonObject;
    };

/**
 * The writing adapter of a watched system, built from `writeCredentials` alone.
 * `act` re-reads what it is about to change, refuses with `RACED` when it is not the plan's fingerprint, and commits only what converged.
 * It cannot be called without the receipt of the published intent.
 */
export interface Actuator {
  /** Pure planning over an observation; opens no connection to write. */
  plan(request: PlanRequest): Planned;
  act(plan: Plan, receipt: EvidenceReceipt, signal: AbortSignal): Promise<ActOutcome>;
  /** Finds out what became of an action in doubt, by its settlement token, without writing. */
  settle(settlement: string, signal: AbortSignal): Promise<'committed' | 'aborted' | 'unknown'>;
}
