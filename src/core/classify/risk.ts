import type { Difference } from '../model/difference.ts';
import type { Unit } from '../model/unit.ts';
import {
  higherRisk,
  RISKS,
  SENSITIVE_CATEGORIES,
  type Category,
  type DriftClass,
  type Risk,
} from '../model/vocabulary.ts';

/** One term of a risk, for the trace. */
export interface RiskTerm {
  readonly term: string;
  readonly value: string;
}

/** A risk with every term that made it. */
export interface RiskResult {
  readonly risk: Risk;
  /** The highest floor that holds, whatever the computed risk is. */
  readonly floor: Risk | undefined;
  readonly terms: readonly RiskTerm[];
}

/** What the risk of one difference is made from. */
export interface RiskInput {
  readonly difference: Difference;
  readonly driftClass: DriftClass;
  readonly unit: Unit;
  readonly ruleFloor: Risk | undefined;
  readonly ruleCap: Risk | undefined;
  readonly unhealthy: boolean;
  /** An undeclared resource found by the unit's first complete look: known to nobody, not new. */
  readonly firstLook: boolean;
  /** An emergency that should have been settled by now. */
  readonly overdue: boolean;
}

const BY_CATEGORY: Readonly<Record<Category, Risk>> = {
  identity: 'HIGH',
  network: 'HIGH',
  privilege: 'HIGH',
  image: 'HIGH',
  command: 'HIGH',
  persistence: 'HIGH',
  secret: 'HIGH',
  schema: 'HIGH',
  data: 'HIGH',
  capacity: 'MEDIUM',
  cost: 'MEDIUM',
  reference: 'MEDIUM',
  other: 'MEDIUM',
  metadata: 'LOW',
  status: 'LOW',
};

const BY_CLASS: Readonly<Record<DriftClass, Risk | 'by category'>> = {
  UNAUTHORIZED_RUNTIME_DRIFT: 'by category',
  UNCLASSIFIED: 'by category',
  FAILED_RECONCILIATION_DRIFT: 'HIGH',
  SECRET_DELIVERY_DRIFT: 'HIGH',
  EMERGENCY_DRIFT: 'MEDIUM',
  DEPENDENCY_DRIFT: 'MEDIUM',
  STALE_DESIRED_STATE: 'MEDIUM',
  POLICY_DRIFT: 'MEDIUM',
  STATE_DRIFT: 'MEDIUM',
  PROVIDER_READ_NOISE: 'LOW',
  CONTROLLER_OWNED_DRIFT: 'INFO',
};

function shift(risk: Risk, steps: number): Risk {
  const at = Math.min(RISKS.length - 1, Math.max(0, RISKS.indexOf(risk) + steps));
  return RISKS[at] ?? risk;
}

function lowerRisk(left: Risk, right: Risk): Risk {
  return higherRisk(left, right) === left ? right : left;
}

function stepsOf({
  difference,
  unit,
  unhealthy,
}: RiskInput): readonly { readonly term: string; readonly step: number }[] {
  const steps: { term: string; step: number }[] = [];
  if (unit.riskTier === 'critical') steps.push({ term: 'tier critical', step: 1 });
  if (unit.riskTier === 'low') steps.push({ term: 'tier low', step: -1 });
  if (unit.environment !== 'prod') steps.push({ term: `environment ${unit.environment}`, step: -1 });
  if (difference.effect === 'narrows') steps.push({ term: 'effect narrows', step: -1 });
  if (unhealthy) steps.push({ term: 'probe unhealthy', step: 1 });
  return steps;
}

function capsOf({ difference, ruleCap }: RiskInput): readonly { readonly term: string; readonly cap: Risk }[] {
  const caps: { term: string; cap: Risk }[] = [];
  if (difference.relation === 'FOREIGN') caps.push({ term: 'another instance owns it', cap: 'INFO' });
  if (difference.cap !== undefined) caps.push({ term: 'cap of the path', cap: difference.cap });
  if (ruleCap !== undefined && !SENSITIVE_CATEGORIES.has(difference.category))
    caps.push({ term: 'cap of the class rule', cap: ruleCap });
  return caps;
}

function floorsOf({
  difference,
  ruleFloor,
  overdue,
}: RiskInput): readonly { readonly term: string; readonly floor: Risk }[] {
  const floors: { term: string; floor: Risk }[] = [];
  if (difference.destructive) floors.push({ term: 'putting it back loses something', floor: 'HIGH' });
  if (difference.effect === 'widens' && difference.domain === 'iam' && difference.category === 'privilege')
    floors.push({ term: 'trust widened', floor: 'CRITICAL' });
  if (overdue) floors.push({ term: 'an emergency past its date', floor: 'CRITICAL' });
  if (ruleFloor !== undefined) floors.push({ term: 'floor of the class rule', floor: ruleFloor });
  if (difference.floor !== undefined) floors.push({ term: 'floor of the path', floor: difference.floor });
  return floors;
}

/** `base + steps`, then caps, then floors. */
export function riskOf(input: RiskInput): RiskResult {
  const byClass = BY_CLASS[input.driftClass];
  const base = byClass === 'by category' ? BY_CATEGORY[input.difference.category] : byClass;
  const terms: RiskTerm[] = [
    {
      term: byClass === 'by category' ? `base of category ${input.difference.category}` : `base of ${input.driftClass}`,
      value: base,
    },
  ];
  if (input.firstLook && input.difference.relation === 'UNMANAGED') {
    return { risk: 'INFO', floor: undefined, terms: [{ term: 'there before the first complete look', value: 'INFO' }] };
  }
  const steps = stepsOf(input);
  let risk = shift(
    base,
    steps.reduce((sum, each) => sum + each.step, 0),
  );
  for (const { term, step } of steps) terms.push({ term, value: step > 0 ? `+${step}` : String(step) });
  for (const { term, cap } of capsOf(input)) {
    risk = lowerRisk(risk, cap);
    terms.push({ term, value: `at most ${cap}` });
  }
  let floor: Risk | undefined;
  for (const each of floorsOf(input)) {
    floor = floor === undefined ? each.floor : higherRisk(floor, each.floor);
    terms.push({ term: each.term, value: `at least ${each.floor}` });
  }
  return { risk: floor === undefined ? risk : higherRisk(risk, floor), floor, terms };
}
