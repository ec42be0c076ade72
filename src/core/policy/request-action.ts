import { groupDifferences } from '../compare/identity.ts';
import type { Digest } from '../model/digest.ts';
import type { ApprovalNeed } from '../model/evaluation.ts';
import type { GateResult } from '../model/gate.ts';
import { APPROVALS, type Action, type Approval } from '../model/vocabulary.ts';
import { approvalFloor, approvalNeed } from './approval/approval-need.ts';
import { admissible } from './decisions/admissible.ts';
import { decide } from './decisions/decide.ts';
import { decisionSubject, exceptionsOf } from './evaluate.ts';
import type { EvaluationInput } from './evaluation-input.ts';
import { healAuthority } from './gates/heal-authority.ts';
import { healGates } from './gates/heal-gates.ts';
import { measureRadius } from './gates/radius.ts';
import type { GroupContext } from './group-context.ts';
import { freezesOf } from './steps/freeze.ts';
import { judge, leadingOf, notConvergedRecently } from './steps/judge.ts';

/** Whether a person may have an action, and whose consent it needs. */
export type RequestVerdict =
  | { readonly status: 'allowed'; readonly need: ApprovalNeed; readonly gates: readonly GateResult[] }
  | { readonly status: 'refused'; readonly gates: readonly GateResult[] };

/** What the people who approve take upon themselves; every other gate still stands. */
const DECIDED_BY_APPROVERS: ReadonlySet<string> = new Set([
  'AUTOHEAL_OFF',
  'NO_POLICY',
  'PATH_DENIED',
  'PATH_NOT_ALLOWED',
  'KIND_GATED',
  'CLASS_NOT_HEALABLE',
  'CONFIDENCE',
  'MIN_AGE',
  'BUDGET',
  'UNHEALTHY',
  'MASS_DRIFT',
  'HEAL_LIMIT',
  'APPROVAL',
  'DESTRUCTIVE',
]);

/** Gates of the world a request can wait for; the rest say no for good. */
const WITHOUT_WRITE: ReadonlySet<Action> = new Set([
  'NONE',
  'INCIDENT',
  'OPEN_RECONCILIATION_PR',
  'OPEN_MIGRATION_PR',
  'STATE_REFRESH',
  'IGNORE',
]);

const WRITE_GATES: ReadonlySet<string> = new Set([
  'NO_WRITE_CREDENTIALS',
  'DESIRED_NOT_FRESH',
  'CONTROLLER_SUSPENDED',
  'CONTROLLER_BUSY',
  'IMMUTABLE',
  'LOCKED',
]);

function stricter(left: Approval, right: Approval): Approval {
  return APPROVALS.indexOf(left) >= APPROVALS.indexOf(right) ? left : right;
}

function standing(gate: GateResult, context: GroupContext, action: Action): boolean {
  if (gate.status === 'pass' || gate.code === 'INADMISSIBLE') return false;
  if (gate.code === 'BREAKER_OPEN')
    return context.history?.life.breaker.status === 'open' && !WITHOUT_WRITE.has(action);
  if (WITHOUT_WRITE.has(action) && WRITE_GATES.has(gate.code)) return false;
  if (gate.code === 'IMMUTABLE' && action === 'DESTROY_RECREATE') return false;
  if (DECIDED_BY_APPROVERS.has(gate.code)) return false;
  return context.input.adapterGates.find((each) => each.code === gate.code)?.approvable !== true;
}

/**
 * A person's request for an action on one finding, judged on a look of this moment: admissible by the key rule, then every gate that
 * no approver can take upon themselves, then the consent it needs.
 */
export function requestAction(input: EvaluationInput, identity: Digest, action: Action): RequestVerdict {
  const group = groupDifferences(input.unit.name, input.differences).find((each) => each.identity === identity);
  if (group === undefined)
    return {
      status: 'refused',
      gates: [{ code: 'RACED', status: 'fail', because: 'this look no longer shows the difference' }],
    };
  const context: GroupContext = {
    input,
    group,
    resource: input.resources.get(group.key.resource),
    history: input.history.get(identity),
  };
  const judgements = group.differences.map((difference) => judge(context, difference));
  const leading = leadingOf(judgements);
  const subject = decisionSubject(context, judgements, leading);
  const verdict = admissible(action, subject);
  if (!verdict.admissible)
    return {
      status: 'refused',
      gates: [{ code: 'INADMISSIBLE', status: 'fail', because: `${action}: ${verdict.because}` }],
    };
  const decided = decide(subject);
  const gates = healGates({
    context,
    decision: subject,
    decided,
    visible: subject.visible,
    authority: healAuthority(context, subject.visible),
    provisional: false,
    notConverged: notConvergedRecently(context),
    radius: measureRadius([context], () => false),
    action,
    exceptions: exceptionsOf(judgements),
    freeze: freezesOf(context, subject.visible),
  });
  const refused = gates.filter((gate) => standing(gate, context, action));
  if (refused.length > 0) return { status: 'refused', gates: refused };
  const asked = stricter(decided.approval, approvalFloor(action, subject.visible));
  return { status: 'allowed', need: approvalNeed(context, subject.visible, asked), gates };
}
