import { canonicalJson } from '../../model/digest.ts';
import type { Difference } from '../../model/difference.ts';
import { epochMilliseconds } from '../../model/instant.ts';
import { isJsonArray, type JsonValue } from '../../model/json.ts';
import { riskAtLeast, SENSITIVE_CATEGORIES, type Relation, type Risk } from '../../model/vocabulary.ts';
import { compileCondition } from '../condition.ts';
import type { IgnoreRule } from '../documents/ignore-rule.ts';
import { conditionFacts, subjectOf, type GroupContext } from '../group-context.ts';
import { matches } from '../matcher.ts';

/** Whether an ignore rule hides one difference. */
export interface IgnoreOutcome {
  readonly hiddenBy: { readonly kind: string; readonly name: string } | undefined;
  /** The nearest rule that did not hide it, and why. */
  readonly nearest: { readonly rule: string; readonly failed: string } | undefined;
}

/** When a rule ends by its own clock; undefined = never. A review that was not kept has ended. */
export function expiryOf(rule: IgnoreRule): number | undefined {
  const { expiresAt, review } = rule.spec;
  const ends = [
    ...(expiresAt === undefined ? [] : [epochMilliseconds(expiresAt)]),
    ...(review === undefined ? [] : [epochMilliseconds(review.lastAt ?? '1970-01-01T00:00:00Z') + review.every]),
  ];
  return ends.length === 0 ? undefined : Math.min(...ends);
}

function valueOf(difference: Difference): JsonValue | undefined {
  return difference.actual.status === 'present' ? difference.actual.value : undefined;
}

function asSet(value: JsonValue | undefined): string {
  return canonicalJson(
    isJsonArray(value) ? [...new Set(value.map((member) => canonicalJson(member)))].sort() : (value ?? null),
  );
}

function inRange({ tolerate }: IgnoreRule['spec'], value: JsonValue | undefined): boolean {
  if (typeof value !== 'number') return false;
  const least =
    typeof tolerate.min === 'number'
      ? tolerate.min
      : tolerate.min === undefined
        ? Number.NEGATIVE_INFINITY
        : Number.NaN;
  const most =
    typeof tolerate.max === 'number'
      ? tolerate.max
      : tolerate.max === undefined
        ? Number.POSITIVE_INFINITY
        : Number.NaN;
  return value >= least && value <= most;
}

function folded(state: Difference['actual']): string {
  return state.status === 'present' ? JSON.stringify(state.value).toLowerCase().replaceAll(/\s+/g, '') : state.status;
}

function tolerates(spec: IgnoreRule['spec'], difference: Difference): boolean {
  const value = valueOf(difference);
  switch (spec.tolerate.mode) {
    case 'any':
      return true;
    case 'value':
      return value !== undefined && canonicalJson(value) === canonicalJson(spec.tolerate.value ?? null);
    case 'setEquals':
      return asSet(value) === asSet(spec.tolerate.value ?? []);
    case 'range':
      return inRange(spec, value);
    case 'normalize':
      return folded(difference.desired) === folded(difference.actual);
  }
}

/** The desired plane is not what was last verified: the declaration moved since. */
const DECLARATION_MOVED: ReadonlySet<Relation> = new Set(['THREE_WAY_CONFLICT', 'DESIRED_NOT_APPLIED']);

function endedBy(
  rule: IgnoreRule,
  context: GroupContext,
  difference: Difference,
  shadowRisk: Risk,
): string | undefined {
  const ends = expiryOf(rule);
  if (ends !== undefined && epochMilliseconds(context.input.now) >= ends) return 'it has expired';
  const sensitive = SENSITIVE_CATEGORIES.has(difference.category);
  const limits = rule.spec.expiresWhen.flatMap((each) => (each.riskAtLeast === undefined ? [] : [each.riskAtLeast]));
  const limit = [...limits, ...(sensitive ? (['HIGH'] as const) : [])].find((each) => riskAtLeast(shadowRisk, each));
  if (limit !== undefined) return `its risk would be ${shadowRisk}, and the rule ends at ${limit}`;
  if (rule.spec.expiresWhen.some((each) => each.specChanged === true) && DECLARATION_MOVED.has(difference.relation))
    return 'the declaration has changed';
  return undefined;
}

function failureOf(
  rule: IgnoreRule,
  context: GroupContext,
  difference: Difference,
  shadowRisk: Risk,
): string | undefined {
  const { answer, failed } = matches(rule.spec.match, subjectOf(context, [difference]), 'permissive');
  if (answer !== 'true') return `match.${failed ?? 'all'}`;
  if (rule.spec.when !== undefined) {
    const compiled = compileCondition(rule.spec.when);
    const holds =
      compiled.status === 'compiled' ? compiled.condition.evaluate(conditionFacts(context, difference)) : 'unknown';
    if (holds !== 'true') return `its condition is ${holds}`;
  }
  if (SENSITIVE_CATEGORIES.has(difference.category))
    return `${difference.category} is sensitive, and no reviewed merge proves two approvals`;
  if (!tolerates(rule.spec, difference)) return `the value is not tolerated (${rule.spec.tolerate.mode})`;
  return endedBy(rule, context, difference, shadowRisk);
}

function denied(context: GroupContext, difference: Difference): IgnoreRule | undefined {
  return context.input.policy.ignoreRules.find(
    (rule) =>
      rule.spec.effect === 'deny' &&
      matches(rule.spec.match, subjectOf(context, [difference]), 'restrictive').answer !== 'false',
  );
}

/** Whether a rule in force hides a difference, given the risk it would have if it were shown. */
export function ignoreDifference(context: GroupContext, difference: Difference, shadowRisk: Risk): IgnoreOutcome {
  const deny = denied(context, difference);
  if (deny !== undefined)
    return { hiddenBy: undefined, nearest: { rule: deny.name, failed: 'nobody may ignore this path' } };
  let nearest: IgnoreOutcome['nearest'];
  for (const rule of context.input.policy.ignoreRules) {
    if (rule.spec.effect === 'deny') continue;
    const failed = failureOf(rule, context, difference, shadowRisk);
    if (failed === undefined) return { hiddenBy: { kind: 'IgnoreRule', name: rule.name }, nearest: undefined };
    nearest ??= { rule: rule.name, failed };
  }
  return { hiddenBy: undefined, nearest };
}
