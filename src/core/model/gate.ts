/** The registry of gate and refusal codes, in the order in which they are listed and lead. */
export const GATE_CODES = [
  'AUTOHEAL_OFF',
  'NO_WRITE_CREDENTIALS',
  'NO_POLICY',
  'PATH_DENIED',
  'PATH_NOT_ALLOWED',
  'KIND_GATED',
  'CLASS_NOT_HEALABLE',
  'CONFIDENCE',
  'OWNER_AMBIGUOUS',
  'FOREIGN',
  'DESIRED_NOT_FRESH',
  'CONTROLLER_SUSPENDED',
  'CONTROLLER_BUSY',
  'PR_OPEN',
  'OBSERVATION_STALE',
  'DESTRUCTIVE',
  'IMMUTABLE',
  'EVIDENCE_UNAVAILABLE',
  'HOLD',
  'FREEZE',
  'EXCEPTION',
  'MIN_AGE',
  'BUDGET',
  'APPROVAL',
  'LOCKED',
  'UNHEALTHY',
  'MASS_DRIFT',
  'HEAL_LIMIT',
  'PLAN_EXCEEDS',
  'BREAKER_OPEN',
  'RACED',
  'INADMISSIBLE',
] as const;
export type GateCode = (typeof GATE_CODES)[number];

/** Which question a gate belongs to. */
export const GATE_GROUPS = ['scope', 'owner', 'desired', 'reversible', 'consent', 'radius', 'decision'] as const;
export type GateGroup = (typeof GATE_GROUPS)[number];

/** A refusal code of one adapter, only for facts of its own system. */
export interface AdapterGate {
  readonly code: string;
  readonly group: GateGroup;
  /** Whether an approval passes it. */
  readonly approvable: boolean;
  readonly meaning: string;
}

/** A gate that says no, alone: what most refusals are. */
export function failedGate(code: string, because: string): readonly GateResult[] {
  return [{ code, status: 'fail', because }];
}

/** One condition an action must pass. A gate that could not be evaluated is `fail`. */
export interface GateResult {
  readonly code: string;
  readonly status: 'pass' | 'fail';
  readonly because: string;
}
