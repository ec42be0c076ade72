import type { ActionRecord } from '../../core/model/action-record.ts';
import type { ActionAttempt } from '../../core/model/finding-record.ts';
import type { StoreTransaction } from '../../ports/store.ts';
import type { ActionRun } from './action-run.ts';

/** How long a failed action waits before it may be tried again, in milliseconds. */
export const BACK_OFF = 60_000;

/** Keeps in the finding's life what an action came to, and counts it. */
export async function attemptEnded(
  run: Pick<ActionRun, 'context' | 'unit'>,
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
