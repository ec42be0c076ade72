import type { ActionRecord } from '../core/model/action-record.ts';
import type { ApprovalRecord } from '../core/model/approval-record.ts';
import type { Evaluation } from '../core/model/evaluation.ts';
import type { ActionAttempt, FindingRecord } from '../core/model/finding-record.ts';
import type { GateResult } from '../core/model/gate.ts';
import { digestJson } from '../core/model/digest.ts';
import { epochMilliseconds, toInstant } from '../core/model/instant.ts';
import type { JsonValue } from '../core/model/json.ts';
import { OperationError } from '../core/model/operation-error.ts';
import type { Plan } from '../core/model/plan.ts';
import type { Unit } from '../core/model/unit.ts';
import type { Verification } from '../core/model/verification.ts';
import { hasExpired, movedPart } from '../core/policy/approval/binding.ts';
import { requestAction } from '../core/policy/request-action.ts';
import { transition, type FindingEvent } from '../core/track/transitions.ts';
import type { ActOutcome, Actuator } from '../ports/actuator.ts';
import type { EvidenceReceipt } from '../ports/evidence-receipt.ts';
import type { StoreTransaction } from '../ports/store.ts';
import { checkUnder } from './check.ts';
import type { EngineContext } from './context.ts';
import { deliverMessages } from './deliver.ts';
import { makeEntry } from './entry.ts';
import { holdLease, unitLease, type HeldLease } from './lease.ts';
import type { Look } from './look.ts';
import type { RecordedCheck, SeenAgain } from './record.ts';
import { boundParts, lookForAction, planAction, requestError, unitOf } from './request.ts';

const PUBLISH_DEADLINE = 60_000;
const ACT_DEADLINE = 120_000;
const BACK_OFF = 60_000;

/** What an action came to, when it was run. */
export interface Reconciled {
  readonly action: ActionRecord;
  readonly check: RecordedCheck | undefined;
}

interface Run {
  readonly context: EngineContext;
  readonly unit: Unit;
  readonly action: ActionRecord;
  readonly held: HeldLease;
  readonly signal: AbortSignal;
}

interface Ready {
  readonly record: FindingRecord;
  readonly evaluation: Evaluation;
  readonly plan: Plan;
  readonly approval: ApprovalRecord | undefined;
}

async function moveFinding(
  transaction: StoreTransaction,
  findingId: string,
  event: FindingEvent,
  change: (record: FindingRecord) => FindingRecord = (record) => record,
): Promise<void> {
  const record = await transaction.lockFinding(findingId);
  if (record === undefined) return;
  const moved = transition(record.finding.state, event);
  const next = change(record);
  await transaction.saveFinding(
    moved.status === 'moved' ? { ...next, finding: { ...next.finding, state: moved.state } } : next,
  );
}

async function refuse(run: Run, gates: readonly GateResult[]): Promise<Reconciled> {
  const { context, action } = run;
  const outcome = gates.map(({ code, because }) => `${code}: ${because}`).join('; ');
  const keepsWaiting = gates[0]?.code === 'EVIDENCE_UNAVAILABLE' || gates[0]?.code === 'LOCKED';
  const status = keepsWaiting ? action.status : 'REFUSED';
  const refused: ActionRecord = {
    ...action,
    status,
    gates: gates.map(({ code, because }) => ({ code, because })),
    outcome,
    finishedAt: keepsWaiting ? undefined : context.clock.now(),
  };
  await context.store.write(async (transaction) => {
    await transaction.requireLease(run.held.lease.name, run.held.lease.token);
    await transaction.saveAction(refused);
    if (!keepsWaiting) await voidApproval(run, transaction, gates[0]?.because ?? outcome);
  });
  return { action: refused, check: undefined };
}

async function voidApproval(run: Run, transaction: StoreTransaction, because: string): Promise<void> {
  const { context, action } = run;
  const approval = action.approvalId === undefined ? undefined : await transaction.lockApproval(action.approvalId);
  if (approval !== undefined && (approval.status === 'PENDING' || approval.status === 'GRANTED')) {
    await transaction.saveApproval({ ...approval, status: 'VOID', voidedBecause: because });
    await transaction.appendEntry(
      makeEntry(context, {
        type: 'APPROVAL_VOIDED',
        unit: action.unit,
        about: { kind: 'FINDING', id: action.findingId },
        body: { approvalId: approval.approvalId, because },
      }),
    );
  }
  await moveFinding(transaction, action.findingId, action.status === 'INTENDED' ? 'action-failed' : 'approval-ended');
}

function fail(code: string, because: string): readonly GateResult[] {
  return [{ code, status: 'fail', because }];
}

/** Why the consent does not cover what would be done now. */
function consentFault(
  run: Run,
  approval: ApprovalRecord | undefined,
  evaluation: Evaluation,
  plan: Plan,
): readonly GateResult[] | undefined {
  if (run.action.by !== 'request' || run.action.approvalId === undefined) return undefined;
  if (approval === undefined) return fail('APPROVAL', 'the approval is gone');
  const usedForThis = approval.status === 'USED' && run.action.status === 'INTENDED';
  if (approval.status !== 'GRANTED' && !usedForThis) return fail('APPROVAL', `the approval is ${approval.status}`);
  if (!usedForThis && hasExpired(approval, run.context.clock.now()))
    return fail('APPROVAL', `the approval expired at ${approval.expiresAt}`);
  const moved = movedPart(approval, boundParts(run.context, evaluation, plan));
  return moved === undefined ? undefined : fail('RACED', `${moved} moved since the approval: look again`);
}

/** Gates of this very moment, for an action that heals by itself or one that people asked for. */
function gatesNow(run: Run, result: Look, evaluation: Evaluation): readonly GateResult[] | undefined {
  if (run.action.by === 'request') {
    const verdict = requestAction(result.input, evaluation.identity, run.action.action);
    return verdict.status === 'refused' ? verdict.gates : undefined;
  }
  if (evaluation.autoHealAllowed) return undefined;
  const failed = evaluation.gates.filter((gate) => gate.status === 'fail');
  return failed.length > 0 ? failed : fail('CLASS_NOT_HEALABLE', `the decision is ${evaluation.decision.action} now`);
}

async function prepare(run: Run): Promise<Ready | readonly GateResult[]> {
  const { context, unit, action } = run;
  const record = await context.store.findFinding(action.findingId);
  if (record === undefined) return fail('RACED', 'the finding is gone');
  const result = await lookForAction(context, unit, run.signal);
  if (!('status' in result)) return result;
  const evaluation = result.evaluations.find((each) => each.identity === record.finding.identity);
  if (evaluation === undefined) return fail('RACED', 'this look no longer shows the difference');
  const gates = gatesNow(run, result, evaluation);
  if (gates !== undefined) return gates;
  const plan = planAction(context, {
    unit,
    record,
    result,
    evaluation,
    action: action.action,
    approved: action.by === 'request',
  });
  if (!('digest' in plan)) return plan;
  const approval = action.approvalId === undefined ? undefined : await context.store.findApproval(action.approvalId);
  return consentFault(run, approval, evaluation, plan) ?? { record, evaluation, plan, approval };
}

/** Records why and what before anything is written: the intent, the state before, the consent, used up. */
async function recordIntent(
  run: Run,
  ready: Ready,
): Promise<{ readonly action: ActionRecord; readonly entryId: string }> {
  const { context } = run;
  const { plan, approval, evaluation } = ready;
  const intended: ActionRecord = { ...run.action, status: 'INTENDED', plan };
  const entry = makeEntry(context, {
    type: 'ACTION_INTENDED',
    unit: run.unit.name,
    about: { kind: 'FINDING', id: run.action.findingId },
    body: {
      actionId: run.action.actionId,
      action: plan.action,
      by: run.action.by,
      byName: run.action.byName,
      requester: run.action.requester,
      planDigest: plan.digest,
      fingerprint: plan.fingerprint,
      policyDigest: evaluation.policyDigest,
      decision: evaluation.decision,
      approvalId: approval?.approvalId,
      approvalDigest: approval?.digest,
      approvers: approval?.votes.filter((each) => each.decision === 'approve').map((each) => each.by) ?? [],
      idempotencyKey: run.action.actionId,
      blastRadius: plan.blastRadius,
    },
    artifacts: [
      { role: 'PLAN', name: 'plan.json', value: JSON.parse(JSON.stringify(plan)) as JsonValue },
      { role: 'PRE_IMAGE', name: 'pre-image.json', value: plan.preImage },
    ],
    policies: [{ kind: 'PolicySet', name: 'in-force', digest: evaluation.policyDigest }],
  });
  await context.store.write(async (transaction) => {
    await transaction.requireLease(run.held.lease.name, run.held.lease.token);
    const locked = await transaction.lockAction(run.action.actionId);
    if (locked === undefined || (locked.status !== 'READY' && locked.status !== 'INTENDED'))
      throw requestError(
        'ACTION_TAKEN',
        `cannot run action ${run.action.actionId}: it is ${locked?.status ?? 'gone'}`,
        'look at it with `kedge actions show`',
      );
    if (approval !== undefined && locked.status === 'READY') {
      const consent = await transaction.lockApproval(approval.approvalId);
      if (consent?.status !== 'GRANTED')
        throw requestError(
          'APPROVAL',
          `cannot use approval ${approval.approvalId}: it is ${consent?.status ?? 'gone'}`,
          'request the action again',
        );
      await transaction.saveApproval({ ...consent, status: 'USED' });
    }
    await transaction.saveAction(intended);
    await moveFinding(transaction, run.action.findingId, 'action-started');
    await transaction.appendEntry(entry);
    if (evaluation.alertFirst || run.action.action === 'INCIDENT_AND_REVERT') {
      await transaction.enqueueMessage({
        receiver: 'log',
        kind: 'action',
        findingId: run.action.findingId,
        body: {
          event: 'ABOUT_TO_WRITE',
          unit: run.unit.name,
          action: plan.action,
          resources: plan.blastRadius.resources,
          risk: evaluation.risk,
        },
      });
    }
  });
  return { action: intended, entryId: entry.id };
}

async function publishIntent(run: Run, entryId: string): Promise<EvidenceReceipt | readonly GateResult[]> {
  try {
    return await run.context.publisher.publishEntry(
      entryId,
      AbortSignal.any([run.signal, AbortSignal.timeout(PUBLISH_DEADLINE)]),
    );
  } catch (cause) {
    if (cause instanceof OperationError || run.signal.aborted)
      return fail('EVIDENCE_UNAVAILABLE', cause instanceof Error ? cause.message : String(cause));
    throw cause;
  }
}

async function mark(run: Run, action: ActionRecord): Promise<void> {
  await run.context.store.write(async (transaction) => {
    await transaction.requireLease(run.held.lease.name, run.held.lease.token);
    await transaction.saveAction(action);
  });
}

/** The write itself. From here on the process never lets go between the statement and its record. */
async function act(run: Run, actuator: Actuator, plan: Plan, receipt: EvidenceReceipt): Promise<ActOutcome> {
  try {
    return await actuator.act(plan, receipt, AbortSignal.timeout(ACT_DEADLINE));
  } catch (cause) {
    run.context.logger.error('actuator failed', {
      unit: run.unit.name,
      actionId: run.action.actionId,
      error: cause instanceof Error ? cause.message : String(cause),
    });
    return {
      status: 'in-doubt',
      settlement: undefined,
      message: `the actuator failed: ${cause instanceof Error ? cause.message : String(cause)}`,
      details: {},
    };
  }
}

const AFTER: Readonly<
  Record<ActOutcome['status'], { readonly status: ActionRecord['status']; readonly event: FindingEvent }>
> = {
  done: { status: 'VERIFYING', event: 'action-done' },
  failed: { status: 'FAILED', event: 'action-failed' },
  'in-doubt': { status: 'IN_DOUBT', event: 'action-in-doubt' },
};

async function recordOutcome(run: Run, action: ActionRecord, outcome: ActOutcome): Promise<ActionRecord> {
  const { context } = run;
  const next = AFTER[outcome.status];
  const message = outcome.status === 'done' ? 'written, not yet verified' : outcome.message;
  const finished: ActionRecord = {
    ...action,
    status: next.status,
    outcome: message,
    settlement: 'settlement' in outcome ? outcome.settlement : undefined,
    finishedAt: outcome.status === 'failed' ? context.clock.now() : undefined,
    gates: outcome.status === 'failed' ? [{ code: outcome.code, because: outcome.message }] : [],
  };
  await context.store.write(async (transaction) => {
    await transaction.saveAction(finished);
    await transaction.appendEntry(
      makeEntry(context, {
        type: 'ACTION_FINISHED',
        unit: run.unit.name,
        about: { kind: 'FINDING', id: action.findingId },
        body: {
          actionId: action.actionId,
          action: action.action,
          outcome: outcome.status,
          ...(outcome.status === 'failed' ? { code: outcome.code } : {}),
          message,
          settlement: finished.settlement,
          details: outcome.details,
          planDigest: action.plan?.digest,
        },
      }),
    );
    await transaction.increment({
      metric: 'kedge_actions_total',
      labels: { action: action.action, outcome: outcome.status },
      by: 1,
    });
    await moveFinding(transaction, action.findingId, next.event, (record) => ({
      ...record,
      life: {
        ...record.life,
        verifyingSince: context.clock.now(),
        ...(outcome.status === 'failed'
          ? { retryAt: toInstant(epochMilliseconds(context.clock.now()) + BACK_OFF) }
          : {}),
      },
    }));
    if (outcome.status === 'failed') await attemptEnded(run, transaction, finished, 'failed');
  });
  return finished;
}

async function attemptEnded(
  run: Run,
  transaction: StoreTransaction,
  action: ActionRecord,
  outcome: ActionAttempt['outcome'],
): Promise<void> {
  const { context } = run;
  const record = await transaction.lockFinding(action.findingId);
  if (record === undefined || action.plan === undefined) return;
  const attempt: ActionAttempt = {
    actionId: action.actionId,
    at: context.clock.now(),
    by: action.by,
    outcome,
    content: action.plan.content,
  };
  await transaction.saveFinding({
    ...record,
    life: { ...record.life, attempts: [...record.life.attempts, attempt].slice(-32) },
  });
  const metric = context
    .adapterOf(run.unit.type)
    ?.adapter.metrics?.correction(record.finding, outcome === 'converged' ? 'corrected' : 'failed');
  if (metric !== undefined) await transaction.increment({ ...metric, by: 1 });
  if (action.by !== 'request')
    await transaction.increment({
      metric: 'kedge_autoheal_total',
      labels: { policy: action.byName ?? action.by, outcome },
      by: 1,
    });
}

/** What a look says of an action: it worked only if a complete look no longer shows the difference. */
function verdictOf(run: Run, seen: SeenAgain, before: FindingRecord | undefined): Verification {
  const at = run.context.clock.now();
  const { checkId, coverage, changes } = seen;
  if (!coverage.complete) return { verdict: 'unknown', checkId, at, reasons: coverage.unchecked };
  const findingId = before?.finding.findingId ?? '';
  const changed = changes.find((each) => each.record.finding.findingId === findingId)?.record;
  const record = changed ?? (before?.finding.state === 'RESOLVED' ? before : undefined);
  if (record === undefined) {
    const detail = 'this look said nothing of the finding';
    return { verdict: 'unknown', checkId, at, reasons: [{ what: findingId, reason: 'PARTIAL', detail }] };
  }
  return record.finding.state === 'RESOLVED'
    ? { verdict: 'converged', checkId, at }
    : { verdict: 'not-converged', checkId, at, remaining: record.finding.differences.map((each) => each.path) };
}

function verificationEntry(
  run: Run,
  action: ActionRecord,
  seen: SeenAgain,
  verification: Verification,
): Parameters<StoreTransaction['appendEntry']>[0] {
  const planes = seen.resources
    .filter((each) => action.plan?.blastRadius.resources.includes(each.resource) === true)
    .map((each) => ({
      resource: each.resource,
      planes: digestJson(JSON.parse(JSON.stringify(each.planes)) as JsonValue),
    }));
  return makeEntry(run.context, {
    type: 'VERIFICATION_FINISHED',
    unit: run.unit.name,
    about: { kind: 'FINDING', id: action.findingId },
    body: {
      actionId: action.actionId,
      verdict: verification.verdict,
      checkId: verification.checkId,
      planes,
      ...('remaining' in verification ? { remaining: verification.remaining } : {}),
      ...('reasons' in verification ? { reasons: verification.reasons } : {}),
    },
    artifacts: [
      {
        role: 'VERIFICATION',
        name: 'verification.json',
        value: JSON.parse(JSON.stringify({ verification, coverage: seen.coverage, planes })) as JsonValue,
      },
    ],
  });
}

const AFTER_VERIFICATION: Readonly<Record<Verification['verdict'], ActionRecord['status']>> = {
  converged: 'CONVERGED',
  'not-converged': 'NOT_CONVERGED',
  unknown: 'VERIFYING',
};

/** Looks again with the reader's identity: only a clean look says that it worked, and it says so before the finding closes. */
async function verify(run: Run, action: ActionRecord): Promise<Reconciled> {
  const { context, unit } = run;
  const finding = await context.store.findFinding(action.findingId);
  const resources = finding === undefined ? undefined : [finding.finding.resourceRef];
  let verification: Verification | undefined;
  const check = await checkUnder(
    context,
    {
      unit,
      lockTimeout: 0,
      ...(resources === undefined ? {} : { resources }),
      verify: async (transaction, seen) => {
        verification = verdictOf(run, seen, finding);
        await transaction.appendEntry(verificationEntry(run, action, seen, verification));
      },
    },
    run.held,
    run.signal,
  );
  if (verification === undefined) throw new Error('a check ended without saying what it verified');
  return { action: await recordVerification(run, action, verification), check };
}

async function recordVerification(run: Run, action: ActionRecord, verification: Verification): Promise<ActionRecord> {
  const { context } = run;
  const verified: ActionRecord = {
    ...action,
    status: AFTER_VERIFICATION[verification.verdict],
    verification,
    outcome: verification.verdict,
    finishedAt: verification.verdict === 'unknown' ? undefined : context.clock.now(),
  };
  await context.store.write(async (transaction) => {
    await transaction.saveAction(verified);
    await transaction.increment({
      metric: 'kedge_verifications_total',
      labels: { action: action.action, result: verification.verdict },
      by: 1,
    });
    if (verification.verdict === 'unknown') return;
    await attemptEnded(run, transaction, verified, verification.verdict);
    if (verification.verdict === 'not-converged')
      await moveFinding(transaction, action.findingId, 'not-converged', (record) => ({
        ...record,
        life: { ...record.life, retryAt: toInstant(epochMilliseconds(context.clock.now()) + BACK_OFF) },
      }));
  });
  return verified;
}

async function runReady(run: Run): Promise<Reconciled> {
  const ready = await prepare(run);
  if (!('plan' in ready)) return await refuse(run, ready);
  const { context, unit } = run;
  const actuator = context
    .adapterOf(unit.type)
    ?.adapter.actuator?.({ unit, credentials: context.credentials, clock: context.clock });
  if (actuator === undefined) return await refuse(run, fail('NO_WRITE_CREDENTIALS', 'the unit type has no actuator'));
  const intent = await recordIntent(run, ready);
  await deliverMessages(context, run.signal);
  const receipt = await publishIntent(run, intent.entryId);
  if (!('entryId' in receipt))
    return {
      action: {
        ...intent.action,
        gates: receipt.map(({ code, because }) => ({ code, because })),
        outcome: receipt.map(({ code, because }) => `${code}: ${because}`).join('; '),
      },
      check: undefined,
    };
  if (run.held.signal.aborted) return { action: intent.action, check: undefined };
  const acting: ActionRecord = { ...intent.action, status: 'ACTING' };
  await mark(run, acting);
  const outcome = await act(run, actuator, ready.plan, receipt);
  const recorded = await recordOutcome(run, acting, outcome);
  if (outcome.status === 'failed') return { action: recorded, check: undefined };
  const settled = outcome.status === 'in-doubt' ? await settle(run, recorded, actuator) : recorded;
  return settled.status === 'FAILED' ? { action: settled, check: undefined } : await verify(run, settled);
}

/** Finds out what became of an action in doubt before anything else is tried; it is never run again blindly. */
async function settle(run: Run, action: ActionRecord, actuator: Actuator): Promise<ActionRecord> {
  if (action.settlement === undefined) return action;
  const answer = await actuator
    .settle(action.settlement, AbortSignal.any([run.signal, AbortSignal.timeout(ACT_DEADLINE)]))
    .catch(() => 'unknown' as const);
  if (answer !== 'aborted') return action;
  const failed: ActionRecord = {
    ...action,
    status: 'FAILED',
    outcome: 'it did not happen: the transaction was aborted',
    finishedAt: run.context.clock.now(),
  };
  await run.context.store.write(async (transaction) => {
    await transaction.saveAction(failed);
    await attemptEnded(run, transaction, failed, 'failed');
    await moveFinding(transaction, action.findingId, 'verification-overdue', (record) => ({
      ...record,
      life: { ...record.life, retryAt: run.context.clock.now() },
    }));
  });
  return failed;
}

async function resume(run: Run): Promise<Reconciled> {
  const { context, unit, action } = run;
  switch (action.status) {
    case 'READY':
    case 'INTENDED':
      return await runReady(run);
    case 'ACTING':
    case 'IN_DOUBT': {
      const actuator = context
        .adapterOf(unit.type)
        ?.adapter.actuator?.({ unit, credentials: context.credentials, clock: context.clock });
      const doubtful =
        action.status === 'ACTING'
          ? await recordOutcome(run, action, {
              status: 'in-doubt',
              settlement: action.settlement,
              message: 'Kedge stopped between the write and its record',
              details: {},
            })
          : action;
      const settled = actuator === undefined ? doubtful : await settle(run, doubtful, actuator);
      return settled.status === 'FAILED' ? { action: settled, check: undefined } : await verify(run, settled);
    }
    case 'VERIFYING':
      return await verify(run, action);
    default:
      return { action, check: undefined };
  }
}

/**
 * Runs one action to its verification, from wherever it stands: re-observe, evidence before the write, act, look again.
 * Killed at any point it goes on from there, and nothing runs twice.
 */
export async function reconcileAction(
  context: EngineContext,
  actionId: string,
  signal: AbortSignal,
  lockTimeout = 30_000,
): Promise<Reconciled> {
  const found = await context.store.findAction(actionId);
  if (found === undefined)
    throw requestError(
      'ACTION_UNKNOWN',
      `cannot run action ${actionId}: there is none`,
      '`kedge actions list` shows them',
    );
  const unit = unitOf(context, found.unit);
  const held = await holdLease(context, unitLease(unit.name), { waitMilliseconds: lockTimeout, signal });
  if ('takenBy' in held)
    return {
      action: { ...found, gates: [{ code: 'LOCKED', because: `the unit is in use by ${held.takenBy.holder}` }] },
      check: undefined,
    };
  try {
    const action = (await context.store.findAction(actionId)) ?? found;
    return await resume({ context, unit, action, held, signal });
  } finally {
    await held.release();
  }
}
