import type { ActionRecord } from '../../core/model/action-record.ts';
import type { FindingRecord } from '../../core/model/finding-record.ts';
import type { GateResult } from '../../core/model/gate.ts';
import type { Unit } from '../../core/model/unit.ts';
import { transition, type FindingEvent } from '../../core/track/transitions.ts';
import type { StoreTransaction } from '../../ports/store.ts';
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

/** One failed gate. */
export function fail(code: string, because: string): readonly GateResult[] {
  return [{ code, status: 'fail', because }];
}

/** Moves a finding by an event, where its state allows it, and changes its life. */
export async function moveFinding(
  transaction: StoreTransaction,
  findingId: string,
  event: FindingEvent,
  change: (record: FindingRecord) => FindingRecord = (record) => record,
): Promise<void> {
  const record = await transaction.lockFinding(findingId);
  if (record === undefined) return;
  const moved = transition(record.finding.state, event);
  const next = change(record);
  await transaction.saveFinding(
    moved.status === 'moved' ? { ...next, finding: { ...next.finding, state: moved.state } } : next,
  );
}
