import { covers, touches } from '../../compare/path-pattern.ts';
import type { JudgedDifference } from '../../model/evaluation.ts';
import type { OperatorSwitch } from '../../model/observation.ts';
import type { AutoHealPolicy } from '../documents/auto-heal-policy.ts';
import { subjectOf, type GroupContext } from '../group-context.ts';
import { globMatches } from '../matcher.ts';
import { every, type Tristate } from '../../model/tristate.ts';
import { concerns, type Concern } from '../steps/concerns.ts';

/** Under whose word a finding may heal itself: a switch on the resource, a policy, or nobody's. */
export type HealAuthority =
  | { readonly kind: 'switch'; readonly operatorSwitch: OperatorSwitch }
  | { readonly kind: 'policy'; readonly policy: AutoHealPolicy }
  | { readonly kind: 'none'; readonly nearest: { readonly rule: string; readonly failed: string } | undefined };

function appliesTo(policy: AutoHealPolicy, context: GroupContext): Tristate {
  const { resourceKinds, namespaces } = policy.spec.appliesTo;
  const subject = subjectOf(context, context.group.differences);
  const answers: Tristate[] = [];
  if (resourceKinds !== undefined) {
    const kinds = subject.property('kind');
    answers.push(
      kinds.status === 'known' && kinds.words.some((kind) => resourceKinds.some((wanted) => globMatches(wanted, kind)))
        ? 'true'
        : 'false',
    );
  }
  for (const [name, value] of Object.entries(namespaces?.matchLabels ?? {})) {
    const label = subject.label(name);
    answers.push(label.status === 'known' ? (label.words.includes(value) ? 'true' : 'false') : 'unknown');
  }
  if (namespaces?.matchNames !== undefined) {
    const names = subject.property('resource.namespace');
    answers.push(
      names.status === 'known' && names.words.some((name) => namespaces.matchNames?.includes(name)) ? 'true' : 'false',
    );
  }
  return every(answers);
}

function speaksOf(
  policy: AutoHealPolicy,
  context: GroupContext,
  visible: readonly JudgedDifference[],
  reading: 'permissive' | 'restrictive',
): Concern {
  const applies = appliesTo(policy, context);
  const concern = concerns(policy.spec, context, visible, reading);
  return applies === 'true' ? concern : { answer: every([applies, concern.answer]), failed: 'appliesTo' };
}

/** Whether a deny document, or the denied paths of any policy that speaks of the resource, touches one of these paths. Unknown denies. */
export function deniedBy(context: GroupContext, visible: readonly JudgedDifference[]): string | undefined {
  for (const policy of context.input.policy.autoHealPolicies) {
    const { answer } = speaksOf(policy, context, visible, 'restrictive');
    if (answer === 'false') continue;
    const patterns =
      policy.spec.effect === 'deny' && policy.spec.deniedPaths.length === 0 ? ['/'] : policy.spec.deniedPaths;
    const touched = visible.find(({ difference }) => patterns.some((pattern) => touches(pattern, difference.path)));
    if (touched !== undefined) return `${policy.name} denies ${touched.difference.path}`;
  }
  return undefined;
}

/** Whether a policy is known to speak of a finding: its kinds, its match and its condition all hold. */
export function speaksFor(
  policy: AutoHealPolicy,
  context: GroupContext,
  visible: readonly JudgedDifference[],
): boolean {
  return speaksOf(policy, context, visible, 'permissive').answer === 'true';
}

/** Paths that the policy does not allow. */
export function notAllowed(policy: AutoHealPolicy, visible: readonly JudgedDifference[]): readonly string[] {
  return visible
    .map(({ difference }) => difference.path)
    .filter((path) => !policy.spec.allowedPaths.some((pattern) => covers(pattern, path)));
}

/** Who would let this finding heal: the switch of its resource before any policy; of policies, the first that speaks of it. */
export function healAuthority(context: GroupContext, visible: readonly JudgedDifference[]): HealAuthority {
  const { operatorSwitch } = context.resource ?? {};
  if (
    operatorSwitch?.heals === true &&
    visible.some(({ difference }) => difference.declared || difference.relation === 'ORPHANED')
  ) {
    return { kind: 'switch', operatorSwitch };
  }
  let nearest: { rule: string; failed: string } | undefined;
  let fallback: AutoHealPolicy | undefined;
  for (const policy of context.input.policy.autoHealPolicies) {
    if (policy.spec.effect === 'deny') continue;
    const { answer, failed } = speaksOf(policy, context, visible, 'permissive');
    if (answer !== 'true') nearest ??= { rule: policy.name, failed };
    else if (notAllowed(policy, visible).length === 0) return { kind: 'policy', policy };
    else fallback ??= policy;
  }
  return fallback === undefined ? { kind: 'none', nearest } : { kind: 'policy', policy: fallback };
}
