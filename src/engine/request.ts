import type { ActionRecord } from '../core/model/action-record.ts';
import type { ApprovalRecord, Principal } from '../core/model/approval-record.ts';
import type { FindingRecord } from '../core/model/finding-record.ts';
import { failedGate } from '../core/model/gate.ts';
import type { JsonValue } from '../core/model/json.ts';
import { epochMilliseconds, toInstant } from '../core/model/instant.ts';
import { OperationError } from '../core/model/operation-error.ts';
import type { Action } from '../core/model/vocabulary.ts';
import { hasExpired } from '../core/policy/approval/binding.ts';
import type { FindingEvent } from '../core/track/transitions.ts';
import type { StoreTransaction } from '../ports/store.ts';
import { endRequests } from './action/void-approval.ts';
import type { EngineContext } from './context.ts';
import { makeEntry, newId } from './entry.ts';
import { holdLease, requestLease } from './lease.ts';
import { moveFinding } from './move-finding.ts';
import { notRequestable, previewAction, type Preview } from './preview.ts';

type Allowed = Extract<Preview, { status: 'allowed' }>;
type Refused = Extract<Preview, { status: 'refused' }>;

/** A request that stands: its action, and the approval it waits for if it needs one. */
export interface Requested {
  readonly action: ActionRecord;
  readonly approval: ApprovalRecord | undefined;
}

function refusedAction(
  context: EngineContext,
  preview: Pick<Refused, 'record' | 'unit' | 'gates'>,
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
  preview: Allowed,
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
async function waitingRequest(context: EngineContext, preview: Allowed): Promise<Requested | undefined> {
  const { findingId } = preview.record.finding;
  for (const approval of await context.store.listApprovals({ findingId, status: 'PENDING' })) {
    if (approval.digest !== preview.bound.digest || hasExpired(approval, context.clock.now())) continue;
    const action = await context.store.findAction(approval.actionId);
    if (action?.status === 'AWAITING_APPROVAL') return { action, approval };
  }
  return undefined;
}

/** The same request, when people said no to it a short while ago: asking on and on is no way around a no. */
async function deniedLately(context: EngineContext, preview: Allowed): Promise<Refused['gates'] | undefined> {
  const now = epochMilliseconds(context.clock.now());
  const { findingId } = preview.record.finding;
  for (const approval of await context.store.listApprovals({ findingId, status: 'REJECTED' })) {
    const no = approval.votes.findLast((vote) => vote.decision === 'reject');
    if (no === undefined || approval.digest !== preview.bound.digest) continue;
    const until = epochMilliseconds(no.at) + preview.need.cooldown;
    if (until <= now) continue;
    const because = `${no.by.name} rejected exactly this (${no.reason}); it may be asked for again from ${toInstant(until)}`;
    return failedGate('APPROVAL', because);
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

function requestedAction(
  context: EngineContext,
  actionId: string,
  preview: Allowed,
  asked: CorrectionRequest,
): ActionRecord {
  return {
    actionId,
    findingId: asked.findingId,
    unit: preview.unit.name,
    action: preview.plan.action,
    by: 'request',
    byName: undefined,
    requester: asked.requester,
    reason: asked.reason,
    requestedAt: context.clock.now(),
    status: 'READY',
    plan: preview.plan,
    approvalId: undefined,
    gates: [],
    outcome: '',
    settlement: undefined,
    verification: undefined,
    finishedAt: undefined,
  };
}

async function recordRequest(
  context: EngineContext,
  asked: CorrectionRequest,
  signal: AbortSignal,
): Promise<Requested> {
  const preview = await previewAction(context, asked.findingId, asked.action, signal);
  const toRefused = (refused: Pick<Refused, 'record' | 'unit' | 'gates'>): ActionRecord =>
    refusedAction(context, refused, { ...asked, action: asked.action ?? 'RUNTIME_REVERT' });
  if (preview.status === 'refused') {
    const action = toRefused(preview);
    await context.store.write((transaction) => transaction.saveAction(action));
    return { action, approval: undefined };
  }
  const denied = await deniedLately(context, preview);
  if (denied !== undefined) {
    const action = toRefused({ ...preview, gates: denied });
    await context.store.write((transaction) => transaction.saveAction(action));
    return { action, approval: undefined };
  }
  const waiting = await waitingRequest(context, preview);
  if (waiting !== undefined) return waiting;
  return await context.store.write(async (transaction) => {
    const record = await transaction.lockFinding(asked.findingId);
    const gates = notRequestable(context, record ?? preview.record);
    if (gates !== undefined) {
      const action = toRefused({ ...preview, gates });
      await transaction.saveAction(action);
      return { action, approval: undefined };
    }
    return await openRequest(context, transaction, { asked, preview, record: record ?? preview.record });
  });
}

/** Opens a request on a finding that is locked: an earlier one that still waits gives way. */
async function openRequest(
  context: EngineContext,
  transaction: StoreTransaction,
  parts: { readonly asked: CorrectionRequest; readonly preview: Allowed; readonly record: FindingRecord },
): Promise<Requested> {
  const { asked, preview, record } = parts;
  const ready = requestedAction(context, newId(context), preview, asked);
  await endRequests(context, transaction, asked.findingId, 'a newer request took its place');
  const approval =
    preview.need.approval === 'none' ? undefined : openApproval(context, ready.actionId, preview, asked.requester);
  for (const event of eventsOf(record, approval)) await moveFinding(context, transaction, asked.findingId, event);
  if (approval === undefined) {
    await transaction.saveAction(ready);
    return { action: ready, approval };
  }
  const action: ActionRecord = { ...ready, status: 'AWAITING_APPROVAL', approvalId: approval.approvalId };
  await transaction.saveAction(action);
  await transaction.saveApproval(approval);
  await transaction.appendEntry(
    makeEntry(context, {
      type: 'APPROVAL_REQUESTED',
      unit: action.unit,
      about: { kind: 'FINDING', id: asked.findingId },
      actor: asked.requester,
      artifacts: [
        { role: 'PLAN', name: 'plan.json', value: JSON.parse(JSON.stringify(preview.plan)) as JsonValue },
        { role: 'POLICY_SET', name: 'policies.json', value: preview.result.set.policy.text },
      ],
      policies: [{ kind: 'PolicySet', name: 'in-force', digest: preview.evaluation.policyDigest }],
      body: {
        approvalId: approval.approvalId,
        actionId: action.actionId,
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
  return { action, approval };
}

function eventsOf({ finding }: FindingRecord, approval: ApprovalRecord | undefined): readonly FindingEvent[] {
  const events: FindingEvent[] = [];
  if (finding.state === 'ACTION_FAILED') events.push('back-off-over');
  if (finding.state === 'AWAITING_APPROVAL') events.push('approval-ended');
  if (approval !== undefined) events.push('approval-requested');
  return events;
}
