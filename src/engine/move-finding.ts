import type { FindingRecord } from '../core/model/finding-record.ts';
import { transition, type FindingEvent } from '../core/track/transitions.ts';
import type { StoreTransaction } from '../ports/store.ts';
import type { EngineContext } from './context.ts';

/**
 * Moves a finding by an event and changes its life, as it stands now and locked. An event that does not belong to its state is logged
 * and moves nothing.
 */
export async function moveFinding(
  context: Pick<EngineContext, 'logger'>,
  transaction: StoreTransaction,
  findingId: string,
  event: FindingEvent,
  change: (record: FindingRecord) => FindingRecord = (record) => record,
): Promise<void> {
  const record = await transaction.lockFinding(findingId);
  if (record === undefined) return;
  const moved = transition(record.finding.state, event);
  const next = change(record);
  if (moved.status === 'refused') {
    context.logger.warn('a finding was not moved', { findingId, event, because: moved.because });
    if (next !== record) await transaction.saveFinding(next);
    return;
  }
  await transaction.saveFinding({ ...next, finding: { ...next.finding, state: moved.state } });
}
