import type { ApprovalNeed, JudgedDifference } from '../../model/evaluation.ts';
import { APPROVALS, riskAtLeast, type Action, type Approval, type Category } from '../../model/vocabulary.ts';
import type { ApprovalPolicy } from '../documents/approval-policy.ts';
import { correlationOf, type GroupContext } from '../group-context.ts';
import { concerns } from '../steps/concerns.ts';

const HOUR = 3_600_000;
const GUARDED: ReadonlySet<Category> = new Set(['identity', 'privilege', 'network', 'secret']);
const WITHOUT_WRITE: ReadonlySet<Action> = new Set(['NONE', 'INCIDENT', 'OPEN_RECONCILIATION_PR', 'OPEN_MIGRATION_PR']);

function stricter(left: Approval, right: Approval): Approval {
  return APPROVALS.indexOf(left) >= APPROVALS.indexOf(right) ? left : right;
}

/** The least consent a person's request needs, whatever the row says. */
export function approvalFloor(action: Action, visible: readonly JudgedDifference[]): Approval {
  if (WITHOUT_WRITE.has(action)) return 'none';
  const guarded = visible.some(
    ({ difference }) => GUARDED.has(difference.category) || (difference.offer.care ?? []).includes('returns-power'),
  );
  return guarded ? 'two-person' : 'required';
}

/** The policies that ask for consent to a write on these differences. Restrictive: one whose conditions nobody can answer applies. */
export function approvalPoliciesFor(
  context: GroupContext,
  visible: readonly JudgedDifference[],
): readonly ApprovalPolicy[] {
  return context.input.policy.approvalPolicies.filter(
    (policy) => concerns(policy.spec, context, visible, 'restrictive').answer !== 'false',
  );
}

function actorIsUncertain(context: GroupContext, visible: readonly JudgedDifference[]): boolean {
  return visible.some(({ difference }) => {
    const { actor, confidence } = correlationOf(context, difference);
    return actor === undefined || confidence === 'ambiguous';
  });
}

function approversOf(approval: Approval): number {
  return APPROVALS.indexOf(approval);
}

/** Consent that an action needs: the strictest of what was asked, of every policy that applies, and two where the actor is unknown at HIGH. */
export function approvalNeed(
  context: GroupContext,
  visible: readonly JudgedDifference[],
  asked: Approval,
): ApprovalNeed {
  const policies = asked === 'none' ? [] : approvalPoliciesFor(context, visible);
  const uncertain =
    asked !== 'none' && visible.some(({ risk }) => riskAtLeast(risk, 'HIGH')) && actorIsUncertain(context, visible);
  const approval = uncertain ? stricter(asked, 'two-person') : asked;
  const from = policies.flatMap((policy) => policy.spec.require.of);
  const byPolicy = Math.max(
    0,
    ...policies.map((policy) => policy.spec.require.of.reduce((sum, each) => sum + each.min, 0)),
  );
  return {
    approval,
    approvers: Math.max(approversOf(approval), byPolicy),
    policies: policies.map((policy) => policy.name),
    from,
    expiresAfter: Math.min(4 * HOUR, ...policies.map((policy) => policy.spec.bind.expiresAfter)),
    cooldown: policies.length === 0 ? 24 * HOUR : Math.max(...policies.map((policy) => policy.spec.rejection.cooldown)),
  };
}
