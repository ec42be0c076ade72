import type { ActionRecord } from '../../core/model/action-record.ts';
import type { GateResult } from '../../core/model/gate.ts';
import { epochMilliseconds, toInstant, type Instant } from '../../core/model/instant.ts';
import type { StoreTransaction } from '../../ports/store.ts';
import { moveFinding } from '../move-finding.ts';
import type { ActionRun } from './action-run.ts';
import { BACK_OFF } from './attempt.ts';
import { finishedEntry } from './finished-entry.ts';
import { voidApproval } from './void-approval.ts';

/** What ends by itself: nobody has to ask again. */
const PASSING: ReadonlySet<string> = new Set(['EVIDENCE_UNAVAILABLE', 'LOCKED']);
/** A look that saw too little; what people consented to waits for a better one, what heals by itself is decided anew. */
const LOOK_AGAIN: ReadonlySet<string> = new Set(['OBSERVATION_STALE', 'DESIRED_NOT_FRESH']);

const SHORTEST_WAIT = 2_000;
const LONGEST_WAIT = 60_000;

/** What has waited long is asked again less often: each wait is as long as all before it, between 2 s and a minute. */
function nextTry(action: ActionRecord, now: Instant): Instant {
  const waited = epochMilliseconds(now) - epochMilliseconds(action.requestedAt);
  return toInstant(epochMilliseconds(now) + Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, waited)));
}

/** Records that an action may not be run now. What only waits for evidence or a lock keeps waiting. */
export async function refuse(run: ActionRun, gates: readonly GateResult[]): Promise<ActionRecord> {
  const { context, action } = run;
  if (run.signal.aborted) return action;
  const outcome = gates.map(({ code, because }) => `${code}: ${because}`).join('; ');
  const asked = action.by === 'request' || action.status === 'INTENDED';
  const keepsWaiting =
    gates.length > 0 && gates.every(({ code }) => PASSING.has(code) || (asked && LOOK_AGAIN.has(code)));
  const status = keepsWaiting ? action.status : 'REFUSED';
  const { retryAt: _, ...kept } = action;
  const refused: ActionRecord = {
    ...kept,
    status,
    ...(keepsWaiting ? { retryAt: nextTry(action, context.clock.now()) } : {}),
    gates: gates.map(({ code, because }) => ({ code, because })),
    outcome,
    finishedAt: keepsWaiting ? undefined : context.clock.now(),
  };
  await context.store.write(async (transaction) => {
    await transaction.requireLease(run.held.lease.name, run.held.lease.token);
    if (!keepsWaiting) await leaveFinding(run, transaction);
    await transaction.saveAction(refused);
    if (!keepsWaiting) await endIntent(run, transaction, refused);
  });
  return refused;
}

/** The finding no longer waits for this action, whatever it waited for. */
async function leaveFinding({ context, action }: ActionRun, transaction: StoreTransaction): Promise<void> {
  const intended = action.status === 'INTENDED';
  if (!intended && action.approvalId === undefined) return;
  const retryAt = toInstant(epochMilliseconds(context.clock.now()) + BACK_OFF);
  await moveFinding(context, transaction, action.findingId, intended ? 'action-failed' : 'approval-ended', (record) =>
    intended ? { ...record, life: { ...record.life, retryAt } } : record,
  );
}

/** Ends the consent, and says of an intent that stands in the log that nothing was written for it. */
async function endIntent(run: ActionRun, transaction: StoreTransaction, refused: ActionRecord): Promise<void> {
  const { context, action } = run;
  const because = refused.gates[0]?.because ?? refused.outcome;
  if (action.approvalId !== undefined) await voidApproval(context, transaction, action.approvalId, because);
  if (action.status === 'INTENDED')
    await transaction.appendEntry(
      finishedEntry(context, refused, {
        outcome: 'failed',
        code: refused.gates[0]?.code ?? 'RACED',
        message: `nothing was written: ${refused.outcome}`,
      }),
    );
}
