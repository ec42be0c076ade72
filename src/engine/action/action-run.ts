import type { ActionRecord } from '../../core/model/action-record.ts';
import type { Unit } from '../../core/model/unit.ts';
import type { EngineContext } from '../context.ts';
import type { HeldLease } from '../lease.ts';

/** One action being run under its unit's lease. */
export interface ActionRun {
  readonly context: EngineContext;
  readonly unit: Unit;
  readonly action: ActionRecord;
  readonly held: HeldLease;
  readonly signal: AbortSignal;
}
