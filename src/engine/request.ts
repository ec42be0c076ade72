import type { ActionRecord } from '../core/model/action-record.ts';
import type { ApprovalRecord, Principal } from '../core/model/approval-record.ts';
import type { Difference } from '../core/model/difference.ts';
import type { Digest } from '../core/model/digest.ts';
import type { ApprovalNeed, Evaluation } from '../core/model/evaluation.ts';
import type { FindingRecord } from '../core/model/finding-record.ts';
import type { GateResult } from '../core/model/gate.ts';
import { epochMilliseconds, toInstant } from '../core/model/instant.ts';
import { OperationError } from '../core/model/operation-error.ts';
import type { Plan } from '../core/model/plan.ts';
import type { Unit } from '../core/model/unit.ts';
import { isOpenState, type Action } from '../core/model/vocabulary.ts';
import { bindApproval, hasExpired, type BoundParts } from '../core/policy/approval/binding.ts';
import { requestAction } from '../core/policy/request-action.ts';
import { transition } from '../core/track/transitions.ts';
import { actuatorOf } from './action/actuator-of.ts';
import { cancelAction } from './action/void-approval.ts';
import type { EngineContext } from './context.ts';
import { makeEntry, newId } from './entry.ts';
import { holdLease, requestLease } from './lease.ts';
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

/** A failure of the request itself: no such finding, or it is closed. */
export function requestError(code: string, message: string, next: string): OperationError {
  return new OperationError(code, message, { retry: 'no', next });
}

/** The unit of a finding, as the documents in force know it. */
export function unitOf(context: EngineContext, name: string): Unit {
  const unit = context.workingSet().units.find((each) => each.name === name);
  if (unit === undefined)
    throw requestError(
      'UNIT_UNKNOWN',
      `cannot act on unit ${name}: no document declares it`,
      'bring its document back, or retire the unit',
    );
  return unit;
}

/** Looks at a finding of a unit right now. */
export async function lookForAction(
  context: EngineContext,
  unit: Unit,
  signal: AbortSignal,
): Promise<Look | readonly GateResult[]> {
  const record = await context.store.findUnit(unit.name);
  const result = await look(
    context,
    { unit, record, acting: true },
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

/** Plans an action over a look; the adapter's own refusals are gates like the others. */
export function planAction(
  context: EngineContext,
  parts: {
    readonly unit: Unit;
    readonly record: FindingRecord;
    readonly result: Look;
    readonly evaluation: Evaluation;
    readonly action: Action;
    readonly approved: boolean;
  },
): Plan | readonly GateResult[] {
  const { unit, record, result, evaluation, action, approved } = parts;
  const actuator = actuatorOf({ context, unit });
  if (actuator === undefined)
    return [{ code: 'NO_WRITE_CREDENTIALS', status: 'fail', because: 'the unit type has no actuator' }];
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
export function boundParts(context: EngineContext, evaluation: Evaluation, plan: Plan): BoundParts {
  return {
    identity: evaluation.identity,
    content: evaluation.content,
    action: plan.action,
    plan: plan.digest,
    desiredRevision: plan.desiredRevision ?? '',
    policyDigest: context.workingSet().policy.digest,
    risk: evaluation.risk,
    budget: 'no budget document in force',
  };
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
  const result = await lookForAction(context, unit, signal);
  if (!('status' in result)) return { status: 'refused', record, unit, gates: result };
  const evaluation = result.evaluations.find((each) => each.identity === record.finding.identity);
  if (evaluation === undefined)
    return {
      status: 'refused',
      record,
      unit,
      gates: [
        {
          code: 'RACED',
          status: 'fail',
          because: 'this look no longer shows the difference; the next check closes the finding',
        },
      ],
    };
  const asked = action ?? (WRITES.has(evaluation.decision.action) ? evaluation.decision.action : 'RUNTIME_REVERT');
  const verdict = requestAction(result.input, evaluation.identity, asked);
  if (verdict.status === 'refused') return { status: 'refused', record, unit, gates: verdict.gates };
  if (!WRITES.has(asked))
    return {
      status: 'refused',
      record,
      unit,
      gates: [
        {
          code: 'INADMISSIBLE',
          status: 'fail',
          because: `${asked} has no actuator for this unit type in this version`,
        },
      ],
    };
  const planned = planAction(context, { unit, record, result, evaluation, action: asked, approved: true });
  if (!('digest' in planned)) return { status: 'refused', record, unit, gates: planned };
  return {
    status: 'allowed',
    record,
    unit,
    plan: planned,
    need: verdict.need,
    bound: bindApproval(boundParts(context, evaluation, planned)),
    result,
    evaluation,
  };
}

/** A request that stands: its action, and the approval it waits for if it needs one. */
export interface Requested {
  readonly action: ActionRecord;
  readonly approval: ApprovalRecord | undefined;
}

function refusedAction(
  context: EngineContext,
  preview: Extract<Preview, { status: 'refused' }>,
  asked: { readonly action: Action; readonly requester: Principal; readonly reason: string },
): ActionRecord {
  const now = context.clock.now();
  return {
    actionId: newId(context),
    findingId: preview.record.finding.findingId,
    unit: preview.unit.name,
    action: asked.action,
    by: 'request',
    byName: undefined,
    requester: asked.requester,
    reason: asked.reason,
    requestedAt: now,
    status: 'REFUSED',
    plan: undefined,
    approvalId: undefined,
    gates: preview.gates.map(({ code, because }) => ({ code, because })),
    outcome: preview.gates.map(({ code, because }) => `${code}: ${because}`).join('; '),
    settlement: undefined,
    verification: undefined,
    finishedAt: now,
  };
}

function openApproval(
  context: EngineContext,
  actionId: string,
  preview: Extract<Preview, { status: 'allowed' }>,
  requester: Principal,
): ApprovalRecord {
  const now = context.clock.now();
  return {
    approvalId: newId(context),
    actionId,
    findingId: preview.record.finding.findingId,
    unit: preview.unit.name,
    action: preview.plan.action,
    digest: preview.bound.digest,
    bound: preview.bound.bound,
    approval: preview.need.approval,
    approvers: preview.need.approvers,
    from: preview.need.from,
    requester,
    requestedAt: now,
    expiresAt: toInstant(epochMilliseconds(now) + preview.need.expiresAfter),
    status: 'PENDING',
    votes: [],
  };
}

/** The same request, when it is already waiting for consent: asking twice takes nobody's vote away. */
async function waitingRequest(
  context: EngineContext,
  preview: Extract<Preview, { status: 'allowed' }>,
): Promise<Requested | undefined> {
  const { findingId } = preview.record.finding;
  for (const approval of await context.store.listApprovals({ findingId, status: 'PENDING' })) {
    if (approval.digest !== preview.bound.digest || hasExpired(approval, context.clock.now())) continue;
    const action = await context.store.findAction(approval.actionId);
    if (action?.status === 'AWAITING_APPROVAL') return { action, approval };
  }
  return undefined;
}

/** What a person asks for. */
export interface CorrectionRequest {
  readonly findingId: string;
  readonly action: Action | undefined;
  readonly requester: Principal;
  readonly reason: string;
}

const REQUEST_WAIT = 60_000;

/**
 * Records a person's request for an action, with the approval it needs. Nothing is written to the watched system.
 * Requests about one finding are taken one after the other, so that asking at once is asking twice.
 */
export async function requestCorrection(
  context: EngineContext,
  asked: CorrectionRequest,
  signal: AbortSignal,
): Promise<Requested> {
  const held = await holdLease(context, requestLease(asked.findingId), { waitMilliseconds: REQUEST_WAIT, signal });
  if ('takenBy' in held)
    throw new OperationError(
      'LOCKED',
      `cannot ask for a correction of ${asked.findingId}: ${held.takenBy.holder} has been asking for ${REQUEST_WAIT / 1_000}s`,
      { retry: 'later' },
    );
  try {
    return await recordRequest(context, asked, AbortSignal.any([signal, held.signal]));
  } finally {
    await held.release();
  }
}

async function recordRequest(
  context: EngineContext,
  asked: CorrectionRequest,
  signal: AbortSignal,
): Promise<Requested> {
  const preview = await previewAction(context, asked.findingId, asked.action, signal);
  if (preview.status === 'refused') {
    const refused = refusedAction(context, preview, {
      action: asked.action ?? 'RUNTIME_REVERT',
      requester: asked.requester,
      reason: asked.reason,
    });
    await context.store.write(async (transaction) => {
      await transaction.saveAction(refused);
    });
    return { action: refused, approval: undefined };
  }
  const waiting = await waitingRequest(context, preview);
  if (waiting !== undefined) return waiting;
  const now = context.clock.now();
  const actionId = newId(context);
  const approval =
    preview.need.approval === 'none' ? undefined : openApproval(context, actionId, preview, asked.requester);
  const action: ActionRecord = {
    actionId,
    findingId: asked.findingId,
    unit: preview.unit.name,
    action: preview.plan.action,
    by: 'request',
    byName: undefined,
    requester: asked.requester,
    reason: asked.reason,
    requestedAt: now,
    status: approval === undefined ? 'READY' : 'AWAITING_APPROVAL',
    plan: preview.plan,
    approvalId: approval?.approvalId,
    gates: [],
    outcome: '',
    settlement: undefined,
    verification: undefined,
    finishedAt: undefined,
  };
  await context.store.write(async (transaction) => {
    await withdrawEarlier(context, transaction, asked.findingId);
    await transaction.saveAction(action);
    if (approval === undefined) return;
    await transaction.saveApproval(approval);
    const record = await transaction.lockFinding(asked.findingId);
    const moved = record === undefined ? undefined : transition(record.finding.state, 'approval-requested');
    if (record !== undefined && moved?.status === 'moved')
      await transaction.saveFinding({ ...record, finding: { ...record.finding, state: moved.state } });
    await transaction.appendEntry(
      makeEntry(context, {
        type: 'APPROVAL_REQUESTED',
        unit: action.unit,
        about: { kind: 'FINDING', id: asked.findingId },
        actor: asked.requester,
        artifacts: [{ role: 'PLAN', name: 'plan.json', value: JSON.parse(JSON.stringify(preview.plan)) as never }],
        body: {
          approvalId: approval.approvalId,
          actionId,
          action: action.action,
          approval: approval.approval,
          approvers: approval.approvers,
          digest: approval.digest,
          bound: approval.bound,
          planDigest: preview.plan.digest,
          requester: asked.requester,
          reason: asked.reason,
          expiresAt: approval.expiresAt,
        },
      }),
    );
  });
  return { action, approval };
}

/** A newer request takes the place of one that still waits. */
async function withdrawEarlier(
  context: EngineContext,
  transaction: Parameters<Parameters<EngineContext['store']['write']>[0]>[0],
  findingId: string,
): Promise<void> {
  for (const earlier of await context.store.listActions({ findingId, statuses: ['AWAITING_APPROVAL', 'READY'] })) {
    await cancelAction(context, transaction, earlier.actionId, 'a newer request took its place');
  }
}
