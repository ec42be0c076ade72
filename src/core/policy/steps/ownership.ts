import { covers, specificity } from '../../compare/path-pattern.ts';
import type { Difference } from '../../model/difference.ts';
import type { FieldOwner } from '../../model/vocabulary.ts';
import { compileCondition } from '../condition.ts';
import type { DriftOwnershipRule } from '../documents/drift-ownership-rule.ts';
import { conditionFacts, correlationOf, readFact, subjectOf, type GroupContext } from '../group-context.ts';
import { globMatches, matches } from '../matcher.ts';
import type { Tristate } from '../../model/tristate.ts';

/** Who owns the path of one difference, and whether that hides it. */
export interface Ownership {
  readonly owner: FieldOwner;
  readonly rule: string | undefined;
  readonly hiddenBy: { readonly kind: string; readonly name: string } | undefined;
  /** Git also declares a path that a controller owns. */
  readonly conflict: boolean;
  readonly because: string;
}

type ControllerPath = DriftOwnershipRule['spec']['controllerOwned'][number];

interface Claim {
  readonly owner: FieldOwner;
  readonly rank: number;
  readonly rule: DriftOwnershipRule;
  readonly controller?: ControllerPath;
}

const OWNER_ORDER = ['git', 'policy', 'controller', 'runtime'];

function orderOf(owner: FieldOwner): number {
  return OWNER_ORDER.indexOf(owner.split(':')[0] ?? '');
}

function selects(rule: DriftOwnershipRule, context: GroupContext, difference: Difference): boolean {
  const { resource, match } = rule.spec;
  const subject = subjectOf(context, [difference]);
  const named = Object.entries(resource ?? {}).every(([key, wanted]) => {
    if (wanted === undefined) return true;
    const words = subject.property(`resource.${key}`);
    return (
      words.status === 'known' &&
      (key === 'group'
        ? words.words.length === 0 || words.words.includes(wanted)
        : words.words.some((word) => globMatches(wanted, word)))
    );
  });
  return named && (match === undefined || matches(match, subject, 'permissive').answer === 'true');
}

function claimsOf(rule: DriftOwnershipRule, path: string): readonly Claim[] {
  const of = (owner: FieldOwner, paths: readonly string[]): Claim[] =>
    paths.filter((pattern) => covers(pattern, path)).map((pattern) => ({ owner, rank: specificity(pattern), rule }));
  const controllers = rule.spec.controllerOwned
    .filter((each) => covers(each.path, path))
    .map((controller): Claim => ({
      owner: `controller:${controller.owner}`,
      rank: specificity(controller.path),
      rule,
      controller,
    }));
  return [
    ...of('git', rule.spec.gitOwned),
    ...of('policy', rule.spec.policyOwned),
    ...of('runtime', rule.spec.runtimeOwned),
    ...controllers,
  ];
}

function conditionHolds(claim: Claim, context: GroupContext, difference: Difference): Tristate {
  const { condition, when } = claim.controller ?? {};
  const named = condition === undefined ? 'true' : readFact(context, `condition.${condition}`);
  if (named !== 'true' || when === undefined) return named;
  const compiled = compileCondition(when);
  return compiled.status === 'compiled' ? compiled.condition.evaluate(conditionFacts(context, difference)) : 'unknown';
}

function inBounds(controller: ControllerPath, difference: Difference): boolean {
  const { bounds } = controller;
  if (bounds === undefined) return true;
  const value = difference.actual.status === 'present' ? difference.actual.value : undefined;
  if (bounds.set !== undefined && !bounds.set.some((allowed) => allowed === value)) return false;
  return [
    [bounds.min, 1],
    [bounds.max, -1],
  ].every(([limit, sign]) => {
    if (limit === undefined) return true;
    return typeof limit === 'number' && typeof value === 'number' && (value - limit) * Number(sign) >= 0;
  });
}

/** The writer is the controller's principal, or nobody covers it and nothing contradicts. */
function writerFits(controller: ControllerPath, context: GroupContext, difference: Difference): boolean {
  const { actor, confidence } = correlationOf(context, difference);
  if (controller.principal === undefined || confidence === 'not-covered' || confidence === 'pending') return true;
  return actor === controller.principal;
}

function defaultOwner(context: GroupContext, difference: Difference): FieldOwner {
  if (difference.declared) return 'git';
  const { undeclaredPaths } = context.input.unit.policies;
  if (undeclaredPaths === 'report') return 'git';
  return undeclaredPaths === 'security' ? 'policy' : 'unowned';
}

function byDefault(context: GroupContext, difference: Difference): Ownership {
  const owner = defaultOwner(context, difference);
  const because = difference.declared
    ? 'declared, and no ownership rule names the path'
    : `not declared; undeclaredPaths is ${context.input.unit.policies.undeclaredPaths}`;
  return { owner, rule: undefined, hiddenBy: undefined, conflict: false, because };
}

function controllerOutcome(
  claim: Claim,
  controller: ControllerPath,
  context: GroupContext,
  difference: Difference,
): Ownership {
  const fallback = (because: string): Ownership => ({
    owner: 'git',
    rule: claim.rule.name,
    hiddenBy: undefined,
    conflict: false,
    because,
  });
  if (conditionHolds(claim, context, difference) !== 'true')
    return fallback(`${controller.owner} would own it, but its condition is not known to hold`);
  if (!inBounds(controller, difference))
    return fallback(`${controller.owner} owns it within bounds, and the value is outside`);
  if (!writerFits(controller, context, difference))
    return fallback(`${controller.owner} owns it, but another principal wrote`);
  const conflict = difference.declared && !controller.acceptUndeclared && difference.desired.status === 'present';
  return {
    owner: claim.owner,
    rule: claim.rule.name,
    hiddenBy: { kind: 'DriftOwnershipRule', name: claim.rule.name },
    conflict,
    because: `${controller.owner} owns it`,
  };
}

/** Who owns a path: the most specific rule; at equal rank Git, policy, controller, runtime; two documents that tie with different owners are ambiguous. */
export function ownPath(context: GroupContext, difference: Difference): Ownership {
  const claims = context.input.policy.ownershipRules
    .filter((rule) => selects(rule, context, difference))
    .flatMap((rule) => claimsOf(rule, difference.path));
  const highest = Math.max(...claims.map((claim) => claim.rank), -1);
  const top = claims
    .filter((claim) => claim.rank === highest)
    .sort((left, right) => orderOf(left.owner) - orderOf(right.owner));
  const [winner] = top;
  if (winner === undefined) return byDefault(context, difference);
  const rival = top.find((claim) => claim.owner !== winner.owner && claim.rule.name !== winner.rule.name);
  if (rival !== undefined) {
    return {
      owner: 'ambiguous',
      rule: winner.rule.name,
      hiddenBy: undefined,
      conflict: false,
      because: `${winner.rule.name} says ${winner.owner}, ${rival.rule.name} says ${rival.owner}`,
    };
  }
  if (winner.controller !== undefined) return controllerOutcome(winner, winner.controller, context, difference);
  const hidden = winner.owner === 'runtime' ? { kind: 'DriftOwnershipRule', name: winner.rule.name } : undefined;
  return {
    owner: winner.owner,
    rule: winner.rule.name,
    hiddenBy: hidden,
    conflict: false,
    because: `${winner.rule.name} names the path`,
  };
}

type Scope = Pick<DriftOwnershipRule['spec'], 'resource' | 'match'>;

/** Whether one resource can be in both scopes, as far as their own words tell: a scope that names nothing takes everything. */
function scopesMeet(left: Scope, right: Scope): boolean {
  const others = new Map(Object.entries(right.resource ?? {}));
  const resourcesMeet = Object.entries(left.resource ?? {}).every(([key, word]) => {
    const other = others.get(key);
    return word === undefined || other === undefined || globMatches(word, other) || globMatches(other, word);
  });
  const matchesMeet =
    left.match === undefined || right.match === undefined || JSON.stringify(left.match) === JSON.stringify(right.match);
  return resourcesMeet && matchesMeet;
}

/** Pairs of ownership rules that give one path two owners, for lint. */
export function ownershipTies(
  rules: readonly DriftOwnershipRule[],
): readonly { readonly left: DriftOwnershipRule; readonly right: DriftOwnershipRule; readonly path: string }[] {
  const ties: { left: DriftOwnershipRule; right: DriftOwnershipRule; path: string }[] = [];
  const all = rules.flatMap((rule) => [
    ...rule.spec.gitOwned.map((path) => ({ rule, path, owner: 'git' })),
    ...rule.spec.policyOwned.map((path) => ({ rule, path, owner: 'policy' })),
    ...rule.spec.runtimeOwned.map((path) => ({ rule, path, owner: 'runtime' })),
    ...rule.spec.controllerOwned.map((each) => ({ rule, path: each.path, owner: each.owner })),
  ]);
  for (const [index, left] of all.entries()) {
    for (const right of all.slice(index + 1)) {
      const differ = left.rule.name !== right.rule.name && left.owner !== right.owner;
      if (differ && left.path === right.path && scopesMeet(left.rule.spec, right.rule.spec))
        ties.push({ left: left.rule, right: right.rule, path: left.path });
    }
  }
  return ties;
}
