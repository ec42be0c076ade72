import { epochMilliseconds } from '../core/model/instant.ts';
import type { RiskTier } from '../core/model/vocabulary.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { EngineContext } from './context.ts';
import { isSuspended } from './schedule.ts';

/** Who goes first when several units are due. */
const PRIORITY: Readonly<Record<RiskTier, number>> = { critical: 3, high: 2, standard: 1, low: 0 };

/** Enqueues every unit that is due: never looked at, or past its next time. Suspended and retired ones are not. */
export async function enqueueDue(context: EngineContext, jobs: JobQueue): Promise<number> {
  const now = context.clock.now();
  const records = new Map((await context.store.listUnits()).map((record) => [record.unit, record]));
  let enqueued = 0;
  for (const unit of context.workingSet().units) {
    const record = records.get(unit.name);
    if (isSuspended(unit, record, now) || record?.retired !== undefined) continue;
    const dueAt = record?.nextDueAt;
    if (dueAt !== undefined && epochMilliseconds(dueAt) > epochMilliseconds(now)) continue;
    if (await jobs.enqueue(unit.name, PRIORITY[unit.riskTier])) enqueued += 1;
  }
  return enqueued;
}

/** Makes every unit due that has a finding which may heal by itself: a server that starts does not leave it until the unit's own time. */
export async function makeHealableDue(context: EngineContext): Promise<void> {
  const waiting = await context.store.listFindings({ states: ['CLASSIFIED'] });
  const units = new Set(waiting.filter(({ finding }) => finding.autoHealAllowed).map(({ finding }) => finding.unit));
  for (const unit of units)
    await context.store.write(async (transaction) => {
      const record = await transaction.lockUnit(unit);
      if (record !== undefined) await transaction.saveUnit({ ...record, nextDueAt: context.clock.now() });
    });
}
