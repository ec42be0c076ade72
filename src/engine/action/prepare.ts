import type { ApprovalRecord } from '../../core/model/approval-record.ts';
import type { ApprovalNeed, Evaluation } from '../../core/model/evaluation.ts';
import type { FindingRecord } from '../../core/model/finding-record.ts';
import { failedGate, type GateResult } from '../../core/model/gate.ts';
import type { Plan } from '../../core/model/plan.ts';
import { hasExpired, movedPart } from '../../core/policy/approval/binding.ts';
import { consentFault } from '../../core/policy/approval/vote.ts';
import { requestAction } from '../../core/policy/request-action.ts';
import type { WorkingSet } from '../context.ts';
import type { Look } from '../look.ts';
import { boundParts, lookForAction, planAction } from '../preview.ts';
import { toVoteContext } from '../vote-context.ts';
import type { ActionRun } from './action-run.ts';

/** An action that may be written now: every gate passed on a look of this moment. */
export interface Ready {
  readonly record: FindingRecord;
  /** The documents everything was judged by. */
  readonly set: WorkingSet;
  readonly evaluation: Evaluation;
  readonly plan: Plan;
  readonly approval: ApprovalRecord | undefined;
  /** The consent that policy asks for at this moment; undefined for what heals by itself. */
  readonly need: ApprovalNeed | undefined;
}

/** Who is thought to have made the drift, as the finding says and as this look found out. */
function driftActors({ record, evaluation }: Ready, result: Look): readonly (string | undefined)[] {
  const found = evaluation.judged.map(({ difference }) => result.correlated.correlations.get(difference)?.actor);
  return [record.finding.auditCorrelation.actor, ...found];
}

/** Why the consent does not cover what would be done now. */
function approvalFault(run: ActionRun, ready: Ready, result: Look): readonly GateResult[] | undefined {
  const { approval, evaluation, plan, need } = ready;
  if (run.action.by !== 'request') return undefined;
  if (run.action.approvalId === undefined)
    return need === undefined || need.approval === 'none'
      ? undefined
      : failedGate('APPROVAL', `it needs ${need.approval} now, and was asked for when it needed nobody: ask again`);
  if (approval === undefined) return failedGate('APPROVAL', 'the approval is gone');
  const usedForThis = approval.status === 'USED' && run.action.status === 'INTENDED';
  if (approval.status !== 'GRANTED' && !usedForThis)
    return failedGate('APPROVAL', `the approval is ${approval.status}`);
  if (!usedForThis && hasExpired(approval, run.context.clock.now()))
    return failedGate('APPROVAL', `the approval expired at ${approval.expiresAt}`);
  if (need !== undefined && need.approvers > approval.approvers)
    return failedGate('APPROVAL', `it needs ${need.approval} now, and ${approval.approvers} were asked: ask again`);
  const voters = toVoteContext(run.context, ready.set.policy.settings, driftActors(ready, result));
  const unsound = consentFault(approval, voters);
  if (unsound !== undefined) return failedGate('APPROVAL', `the consent does not stand any more: ${unsound}`);
  const moved = movedPart(approval, boundParts(evaluation, plan));
  return moved === undefined ? undefined : failedGate('RACED', `${moved} moved since the approval: look again`);
}

/** Gates of this very moment, for an action that heals by itself or one that people asked for. */
type Permission =
  | { readonly status: 'passed'; readonly need: ApprovalNeed | undefined }
  | { readonly status: 'refused'; readonly gates: readonly GateResult[] };

function permission(run: ActionRun, result: Look, evaluation: Evaluation): Permission {
  if (run.action.by === 'request') {
    const verdict = requestAction(result.input, evaluation.identity, run.action.action);
    return verdict.status === 'refused' ? verdict : { status: 'passed', need: verdict.need };
  }
  if (evaluation.autoHealAllowed) return { status: 'passed', need: undefined };
  const failed = evaluation.gates.filter((gate) => gate.status === 'fail');
  const decision = failedGate('CLASS_NOT_HEALABLE', `the decision is ${evaluation.decision.action} now`);
  return { status: 'refused', gates: failed.length > 0 ? failed : decision };
}

/** Looks again, asks every gate again, and plans on what is there now. */
export async function prepare(run: ActionRun): Promise<Ready | readonly GateResult[]> {
  const { context, unit, action } = run;
  const record = await context.store.findFinding(action.findingId);
  if (record === undefined) return failedGate('RACED', 'the finding is gone');
  const result = await lookForAction(context, unit, run.signal);
  if (!('status' in result)) return result;
  const evaluation = result.evaluations.find((each) => each.identity === record.finding.identity);
  if (evaluation === undefined) return failedGate('RACED', 'this look no longer shows the difference');
  const permitted = permission(run, result, evaluation);
  if (permitted.status === 'refused') return permitted.gates;
  const plan = planAction(context, {
    record,
    result,
    evaluation,
    action: action.action,
    approved: action.by === 'request',
  });
  if (!('digest' in plan)) return plan;
  const approval = action.approvalId === undefined ? undefined : await context.store.findApproval(action.approvalId);
  const ready: Ready = { record, set: result.set, evaluation, plan, approval, need: permitted.need };
  return approvalFault(run, ready, result) ?? ready;
}
