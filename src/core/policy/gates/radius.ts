import type { GroupContext } from '../group-context.ts';
import type { EvaluationInput } from '../evaluation-input.ts';
import type { Radius } from './gate-subject.ts';

const DEFAULT_CEILING = 5;
const DEFAULT_SHARE = 0.25;
const FEWEST_FOR_SHARE = 5;

/** The most resources one check may heal: the unit may only lower what holds without it. */
export function healCeiling(input: EvaluationInput, fromPolicy: number | undefined): number {
  const limits = [input.unit.policies.maxObjectsPerReconcile, fromPolicy].filter((limit) => limit !== undefined);
  return limits.length === 0 ? DEFAULT_CEILING : Math.min(...limits);
}

/** How much of a unit drifts at once, and whether that is so much that nothing heals before a person has looked. */
export function measureRadius(contexts: readonly GroupContext[], counts: (context: GroupContext) => boolean): Radius {
  const [first] = contexts;
  const drifted = new Set(contexts.filter(counts).map((context) => context.group.key.resource)).size;
  if (first === undefined) return { driftedResources: 0, ceiling: DEFAULT_CEILING, mass: undefined };
  const { input } = first;
  const fromPolicies = input.policy.autoHealPolicies
    .filter((policy) => policy.spec.effect === undefined)
    .map((policy) => policy.spec.maxObjectsPerReconcile);
  const ceiling = healCeiling(input, fromPolicies.length === 0 ? undefined : Math.max(...fromPolicies));
  const share =
    input.unit.policies.massShare === undefined
      ? DEFAULT_SHARE
      : Math.min(DEFAULT_SHARE, input.unit.policies.massShare);
  const overCeiling = drifted > 4 * ceiling;
  const overShare = drifted > FEWEST_FOR_SHARE && drifted > share * input.circumstances.resourcesInUnit;
  const mass =
    overCeiling || overShare
      ? `${drifted} of ${input.circumstances.resourcesInUnit} resources drift at once; more than ${overCeiling ? `${4 * ceiling}` : `${Math.round(share * 100)}%`} waits for a person as one`
      : undefined;
  return { driftedResources: drifted, ceiling, mass };
}
