import type { ActionRecord } from '../../core/model/action-record.ts';
import type { GateResult } from '../../core/model/gate.ts';
import type { StoreTransaction } from '../../ports/store.ts';
import { moveFinding, type ActionRun } from './action-run.ts';
import { voidApproval } from './void-approval.ts';

/** What ends by itself: nobody has to ask again. */
const PASSING: ReadonlySet<string> = new Set(['EVIDENCE_UNAVAILABLE', 'LOCKED']);
/** A look that saw too little; what people consented to waits for a better one, what heals by itself is decided anew. */
const LOOK_AGAIN: ReadonlySet<string> = new Set(['OBSERVATION_STALE', 'DESIRED_NOT_FRESH']);

/** Records that an action may not be run now. What only waits for evidence or a lock keeps waiting. */
export async function refuse(run: ActionRun, gates: readonly GateResult[]): Promise<ActionRecord> {
  const { context, action } = run;
  if (run.signal.aborted) return action;
  const outcome = gates.map(({ code, because }) => `${code}: ${because}`).join('; ');
  const asked = action.by === 'request' || action.status === 'INTENDED';
  const keepsWaiting =
    gates.length > 0 && gates.every(({ code }) => PASSING.has(code) || (asked && LOOK_AGAIN.has(code)));
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
    if (!keepsWaiting) await endRequest(run, transaction, gates[0]?.because ?? outcome);
  });
  return refused;
}

async function endRequest(run: ActionRun, transaction: StoreTransaction, because: string): Promise<void> {
  const { context, action } = run;
  if (action.approvalId !== undefined) await voidApproval(context, transaction, action.approvalId, because);
  await moveFinding(transaction, action.findingId, action.status === 'INTENDED' ? 'action-failed' : 'approval-ended');
}
