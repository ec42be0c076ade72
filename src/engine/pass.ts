import { checkUnit, type CheckOutcome, type CheckRequest } from './check.ts';
import type { EngineContext } from './context.ts';
import { healUnit } from './heal.ts';
import type { Reconciled } from './reconcile.ts';

/** One whole pass of the loop over one unit: what a server does when the unit is due. */
export interface Pass {
  readonly outcome: CheckOutcome;
  /** What healed by itself, each verified by a new look. */
  readonly healed: readonly Reconciled[];
}

/** Checks a unit, then corrects what policy says may heal by itself. */
export async function passUnit(context: EngineContext, request: CheckRequest, signal: AbortSignal): Promise<Pass> {
  const outcome = await checkUnit(context, request, signal);
  if (outcome.status !== 'checked') return { outcome, healed: [] };
  return { outcome, healed: await healUnit(context, request.unit, outcome, signal) };
}
