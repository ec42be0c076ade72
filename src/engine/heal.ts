import type { ActionRecord } from '../core/model/action-record.ts';
import type { Unit } from '../core/model/unit.ts';
import type { EngineContext } from './context.ts';
import { newId } from './entry.ts';
import { reconcileAction, type Reconciled } from './reconcile.ts';
import type { RecordedCheck } from './record/record-request.ts';

/** Corrects what a check says may heal by itself, one finding after the other; each is looked at again before it is written. */
export async function healUnit(
  context: EngineContext,
  unit: Unit,
  recorded: RecordedCheck,
  signal: AbortSignal,
): Promise<readonly Reconciled[]> {
  const results: Reconciled[] = [];
  if (recorded.check.partial || recorded.check.result !== 'DRIFT_DETECTED') return results;
  for (const evaluation of recorded.evaluations.filter((each) => each.autoHealAllowed)) {
    const record = recorded.findings.find((each) => each.finding.identity === evaluation.identity);
    if (record?.finding.state !== 'CLASSIFIED' || signal.aborted) continue;
    const action: ActionRecord = {
      actionId: newId(context),
      findingId: record.finding.findingId,
      unit: unit.name,
      action: 'RUNTIME_REVERT',
      by: evaluation.healedBy?.includes('driftPolicy') === true ? 'switch' : 'policy',
      byName: evaluation.healedBy,
      requester: { kind: 'KEDGE', id: context.instance.id, name: 'kedge' },
      reason: `heals by ${evaluation.healedBy ?? 'policy'}`,
      requestedAt: context.clock.now(),
      status: 'READY',
      plan: undefined,
      approvalId: undefined,
      gates: [],
      outcome: '',
      settlement: undefined,
      verification: undefined,
      finishedAt: undefined,
    };
    await context.store.write(async (transaction) => {
      await transaction.saveAction(action);
    });
    results.push(await reconcileAction(context, action.actionId, signal));
  }
  return results;
}
