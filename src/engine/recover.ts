import type { ActionRecord } from '../core/model/action-record.ts';
import { epochMilliseconds } from '../core/model/instant.ts';
import type { EngineContext } from './context.ts';
import { reconcileAction, type Reconciled } from './reconcile.ts';

/** Runs an action that waits; one that fails is logged and keeps no other waiting. */
export async function tryAction(
  context: EngineContext,
  actionId: string,
  signal: AbortSignal,
): Promise<Reconciled | undefined> {
  try {
    return await reconcileAction(context, actionId, signal, 0);
  } catch (cause) {
    if (signal.aborted) return undefined;
    const error = cause instanceof Error ? cause.message : String(cause);
    context.logger.error('an action could not be taken up; it is tried again', { action: actionId, error });
    return undefined;
  }
}

/** Runs every action whose time has come: asked for and consented to, or waiting for something that passes by itself. */
export async function runDueActions(context: EngineContext, signal: AbortSignal): Promise<void> {
  const now = epochMilliseconds(context.clock.now());
  for (const action of await context.store.listActions({ statuses: ['READY', 'INTENDED'] })) {
    if (signal.aborted) return;
    if (action.retryAt !== undefined && epochMilliseconds(action.retryAt) > now) continue;
    if (isDeclared(context, action)) await tryAction(context, action.actionId, signal);
  }
}

function isDeclared(context: EngineContext, action: ActionRecord): boolean {
  return context.workingSet().units.some((unit) => unit.name === action.unit);
}

/** Takes up every action that a crash left half-way: what may have been written is observed first, never repeated. */
export async function recoverActions(context: EngineContext, signal: AbortSignal): Promise<readonly Reconciled[]> {
  const results: Reconciled[] = [];
  for (const action of await context.store.listActions({ statuses: ['INTENDED', 'ACTING', 'IN_DOUBT', 'VERIFYING'] })) {
    if (!isDeclared(context, action)) continue;
    const result = await tryAction(context, action.actionId, signal);
    if (result !== undefined) results.push(result);
  }
  return results;
}
