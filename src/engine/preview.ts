import type { Difference } from '../core/model/difference.ts';
import type { Digest } from '../core/model/digest.ts';
import type { ApprovalNeed, Evaluation } from '../core/model/evaluation.ts';
import type { FindingRecord } from '../core/model/finding-record.ts';
import { failedGate, type GateResult } from '../core/model/gate.ts';
import { epochMilliseconds } from '../core/model/instant.ts';
import type { Plan } from '../core/model/plan.ts';
import type { Unit } from '../core/model/unit.ts';
import { isOpenState, type Action } from '../core/model/vocabulary.ts';
import { bindApproval, type BoundParts } from '../core/policy/approval/binding.ts';
import { requestAction } from '../core/policy/request-action.ts';
import { actuatorOf } from './action/actuator-of.ts';
import type { EngineContext } from './context.ts';
import { inForce, requestError, unitOf } from './in-force.ts';
import { look, type Look } from './look.ts';

/** What an action on a finding would do now, what it needs, or why it may not be. */
export type Preview =
  | {
      readonly status: 'allowed';
      readonly record: FindingRecord;
      readonly unit: Unit;
      readonly plan: Plan;
      readonly need: ApprovalNeed;
      readonly bound: { readonly digest: Digest; readonly bound: Readonly<Record<string, string>> };
      readonly result: Look;
      readonly evaluation: Evaluation;
    }
  | {
      readonly status: 'refused';
      readonly record: FindingRecord;
      readonly unit: Unit;
      readonly gates: readonly GateResult[];
    };

/** Looks at a unit right now, to act on one of its findings; its faults are gates. */
export async function lookForAction(
  context: EngineContext,
  asked: Unit,
  signal: AbortSignal,
): Promise<Look | readonly GateResult[]> {
  const { set, unit } = inForce(context, asked);
  const record = await context.store.findUnit(unit.name);
  const result = await look(
    context,
    { set, unit, record, acting: true },
    AbortSignal.any([signal, AbortSignal.timeout(unit.schedule.timeout)]),
  );
  if (result.status === 'looked') return result;
  return result.reasons.map((each): GateResult => ({
    code: 'OBSERVATION_STALE',
    status: 'fail',
    because: `${each.what}: ${each.detail ?? each.reason}`,
  }));
}

/** The differences of one evaluation, with everything the adapter said of them. */
export function differencesOf(evaluation: Evaluation): readonly Difference[] {
  return evaluation.judged.filter((each) => each.hiddenBy === undefined).map((each) => each.difference);
}

/** Plans an action over a look, for the unit as that look knew it; the adapter's own refusals are gates like the others. */
export function planAction(
  context: EngineContext,
  parts: {
    readonly record: FindingRecord;
    readonly result: Look;
    readonly evaluation: Evaluation;
    readonly action: Action;
    readonly approved: boolean;
  },
): Plan | readonly GateResult[] {
  const { record, result, evaluation, action, approved } = parts;
  const { unit } = result.input;
  const actuator = actuatorOf({ context, unit });
  if (actuator === undefined) return failedGate('NO_WRITE_CREDENTIALS', 'the unit type has no actuator');
  const planned = actuator.plan({
    unit,
    finding: record.finding,
    differences: differencesOf(evaluation),
    observation: result.observation,
    action,
    approved,
  });
  return planned.status === 'planned' ? planned.plan : planned.gates;
}

/** Everything an approval of this plan is bound to. */
export function boundParts(evaluation: Evaluation, plan: Plan): BoundParts {
  return {
    identity: evaluation.identity,
    content: evaluation.content,
    action: plan.action,
    plan: plan.digest,
    desiredRevision: plan.desiredRevision ?? '',
    policyDigest: evaluation.policyDigest,
    risk: evaluation.risk,
    budget: 'no budget document in force',
  };
}

/** Why nothing may be asked for in the state a finding is in; undefined when it may. */
export function notRequestable(
  context: Pick<EngineContext, 'clock'>,
  { finding, life }: FindingRecord,
): readonly GateResult[] | undefined {
  switch (finding.state) {
    case 'CLASSIFIED':
    case 'AWAITING_APPROVAL':
      return undefined;
    case 'DETECTED':
      return failedGate('CONFIDENCE', 'it is DETECTED: its class is not final, or not enough checks have seen it');
    case 'ACTION_FAILED':
      return life.retryAt !== undefined && epochMilliseconds(life.retryAt) > epochMilliseconds(context.clock.now())
        ? failedGate('HEAL_LIMIT', `the last action on it failed; it may be tried again from ${life.retryAt}`)
        : undefined;
    case 'ACTING':
    case 'VERIFYING':
      return failedGate('LOCKED', `an action on it is ${finding.state}`);
    default:
      return failedGate('RACED', `it is ${finding.state} now`);
  }
}

const WRITES: ReadonlySet<Action> = new Set(['RUNTIME_REVERT', 'INCIDENT_AND_REVERT']);

/** What an action would do, judged on a look of this moment. Nothing is written. */
export async function previewAction(
  context: EngineContext,
  findingId: string,
  action: Action | undefined,
  signal: AbortSignal,
): Promise<Preview> {
  const record = await context.store.findFinding(findingId);
  if (record === undefined)
    throw requestError(
      'FINDING_UNKNOWN',
      `cannot act on ${findingId}: no such finding`,
      '`kedge findings list` shows them',
    );
  if (!isOpenState(record.finding.state))
    throw requestError(
      'FINDING_CLOSED',
      `cannot act on ${findingId}: it is ${record.finding.state}`,
      'only an open finding is acted on',
    );
  const unit = unitOf(context, record.finding.unit);
  const early = notRequestable(context, record);
  if (early !== undefined) return { status: 'refused', record, unit, gates: early };
  const result = await lookForAction(context, unit, signal);
  if (!('status' in result)) return { status: 'refused', record, unit, gates: result };
  const judged = judgeAction(context, record, result, action);
  return 'plan' in judged
    ? { status: 'allowed', record, unit: result.input.unit, result, ...judged }
    : { status: 'refused', record, unit: result.input.unit, gates: judged };
}

type Judged = Pick<Extract<Preview, { status: 'allowed' }>, 'plan' | 'need' | 'bound' | 'evaluation'>;

function judgeAction(
  context: EngineContext,
  record: FindingRecord,
  result: Look,
  action: Action | undefined,
): Judged | readonly GateResult[] {
  const evaluation = result.evaluations.find((each) => each.identity === record.finding.identity);
  if (evaluation === undefined)
    return failedGate('RACED', 'this look no longer shows the difference; the next check closes the finding');
  const asked = action ?? (WRITES.has(evaluation.decision.action) ? evaluation.decision.action : 'RUNTIME_REVERT');
  const verdict = requestAction(result.input, evaluation.identity, asked);
  if (verdict.status === 'refused') return verdict.gates;
  if (!WRITES.has(asked))
    return failedGate('INADMISSIBLE', `${asked} has no actuator for this unit type in this version`);
  const plan = planAction(context, { record, result, evaluation, action: asked, approved: true });
  if (!('digest' in plan)) return plan;
  return { plan, evaluation, need: verdict.need, bound: bindApproval(boundParts(evaluation, plan)) };
}
