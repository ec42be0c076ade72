import type { EngineContext } from './context.ts';
import { reconcileAction, type Reconciled } from './reconcile.ts';

/** Takes up every action that a crash left half-way: what may have been written is observed first, never repeated. */
export async function recoverActions(context: EngineContext, signal: AbortSignal): Promise<readonly Reconciled[]> {
  const results: Reconciled[] = [];
  for (const action of await context.store.listActions({ statuses: ['INTENDED', 'ACTING', 'IN_DOUBT', 'VERIFYING'] })) {
    if (!context.workingSet().units.some((unit) => unit.name === action.unit)) continue;
    results.push(await reconcileAction(context, action.actionId, signal, 0));
  }
  return results;
}
