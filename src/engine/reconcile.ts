import type { ActionRecord } from '../core/model/action-record.ts';
import { failedGate } from '../core/model/gate.ts';
import type { ActionRun } from './action/action-run.ts';
import { actuatorOf } from './action/actuator-of.ts';
import { publishIntent, recordIntent } from './action/intent.ts';
import { prepare } from './action/prepare.ts';
import { refuse } from './action/refuse.ts';
import { act, begin, recordOutcome, settle } from './action/write.ts';
import { checkUnder } from './check.ts';
import type { EngineContext } from './context.ts';
import { deliverMessages } from './deliver.ts';
import { holdLease, unitLease } from './lease.ts';
import type { RecordedCheck } from './record/record-request.ts';
import { requestError, unitOf } from './in-force.ts';
import { verifyActions } from './verification.ts';

/** What an action came to, when it was run. */
export interface Reconciled {
  readonly action: ActionRecord;
  readonly check: RecordedCheck | undefined;
}

/** Looks again with the reader's identity: only a clean look says that it worked, and it says so before the finding closes. */
async function verify(run: ActionRun, action: ActionRecord): Promise<Reconciled> {
  const { context, unit } = run;
  const finding = await context.store.findFinding(action.findingId);
  const verifier = verifyActions(run, [{ action, finding }], 'every-action');
  const resources = finding === undefined ? {} : { resources: [finding.finding.resourceRef] };
  const check = await checkUnder(context, { unit, lockTimeout: 0, ...resources, verifier }, run.held, run.signal);
  return { action: verifier.verified[0] ?? action, check };
}

async function runReady(run: ActionRun): Promise<Reconciled> {
  const ready = await prepare(run);
  if (!('plan' in ready)) return { action: await refuse(run, ready), check: undefined };
  const { context } = run;
  const actuator = actuatorOf(run);
  if (actuator === undefined) {
    const action = await refuse(run, failedGate('NO_WRITE_CREDENTIALS', 'the unit type has no actuator'));
    return { action, check: undefined };
  }
  const intent = await recordIntent(run, ready);
  if (!('entryId' in intent)) return { action: await refuse(run, intent), check: undefined };
  const intended: ActionRun = { ...run, action: intent.action };
  await deliverMessages(context, run.signal);
  const receipt = await publishIntent(run, intent.entryId);
  if (!('entryId' in receipt)) return { action: await refuse(intended, receipt), check: undefined };
  if (run.held.signal.aborted) return { action: intent.action, check: undefined };
  const acting: ActionRecord = { ...intent.action, status: 'ACTING' };
  const stopped = await begin(run, acting);
  if (stopped !== undefined) return { action: await refuse(intended, stopped), check: undefined };
  const outcome = await act(run, actuator, ready.plan, receipt);
  const recorded = await recordOutcome(run, acting, outcome);
  if (outcome.status === 'failed') return { action: recorded, check: undefined };
  const settled = outcome.status === 'in-doubt' ? await settle(run, recorded, actuator) : recorded;
  return settled.status === 'FAILED' ? { action: settled, check: undefined } : await verify(run, settled);
}

async function resume(run: ActionRun): Promise<Reconciled> {
  const { action } = run;
  switch (action.status) {
    case 'READY':
    case 'INTENDED':
      return await runReady(run);
    case 'ACTING':
    case 'IN_DOUBT': {
      const actuator = actuatorOf(run);
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
