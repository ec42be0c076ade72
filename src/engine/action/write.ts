import type { ActionRecord } from '../../core/model/action-record.ts';
import { epochMilliseconds, toInstant } from '../../core/model/instant.ts';
import { failedGate, type GateResult } from '../../core/model/gate.ts';
import type { Plan } from '../../core/model/plan.ts';
import type { FindingEvent } from '../../core/track/transitions.ts';
import type { ActOutcome, Actuator } from '../../ports/actuator.ts';
import type { EvidenceReceipt } from '../../ports/evidence-receipt.ts';
import { moveFinding } from '../move-finding.ts';
import type { ActionRun } from './action-run.ts';
import { attemptEnded, BACK_OFF } from './attempt.ts';
import { finishedEntry } from './finished-entry.ts';

const ACT_DEADLINE = 120_000;

/** Marks that the write begins, as long as the lease is ours and nobody holds the unit; else the gate that says why not. */
export async function begin(run: ActionRun, acting: ActionRecord): Promise<readonly GateResult[] | undefined> {
  return await run.context.store.write(async (transaction) => {
    await transaction.requireLease(run.held.lease.name, run.held.lease.token);
    const { hold } = (await transaction.lockUnit(run.unit.name)) ?? {};
    if (hold !== undefined) return failedGate('HOLD', `the unit is held (${hold.reason})`);
    await transaction.saveAction(acting);
    return undefined;
  });
}

/** The write itself. From here on the process never lets go between the statement and its record. */
export async function act(
  run: ActionRun,
  actuator: Actuator,
  plan: Plan,
  receipt: EvidenceReceipt,
): Promise<ActOutcome> {
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

/** Records what the write came to; a write nobody can vouch for is in doubt, never done. */
export async function recordOutcome(run: ActionRun, action: ActionRecord, outcome: ActOutcome): Promise<ActionRecord> {
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
    const now = epochMilliseconds(context.clock.now());
    await moveFinding(context, transaction, action.findingId, next.event, (record) => ({
      ...record,
      life: {
        ...record.life,
        verifyingSince: toInstant(now),
        ...(outcome.status === 'failed' ? { retryAt: toInstant(now + BACK_OFF) } : {}),
      },
    }));
    await transaction.saveAction(finished);
    await transaction.appendEntry(
      finishedEntry(context, finished, {
        outcome: outcome.status,
        ...(outcome.status === 'failed' ? { code: outcome.code } : {}),
        message,
        details: outcome.details,
      }),
    );
    await transaction.increment({
      metric: 'kedge_actions_total',
      labels: { action: action.action, outcome: outcome.status },
      by: 1,
    });
    if (outcome.status === 'failed') await attemptEnded(run, transaction, finished, 'failed');
  });
  return finished;
}

/** Finds out what became of an action in doubt before anything else is tried; it is never run again blindly. */
export async function settle(run: ActionRun, action: ActionRecord, actuator: Actuator): Promise<ActionRecord> {
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
    await moveFinding(run.context, transaction, action.findingId, 'verification-overdue', (record) => ({
      ...record,
      life: { ...record.life, retryAt: run.context.clock.now() },
    }));
    await transaction.saveAction(failed);
    await transaction.appendEntry(finishedEntry(run.context, failed, { outcome: 'failed', message: failed.outcome }));
    await attemptEnded(run, transaction, failed, 'failed');
  });
  return failed;
}
