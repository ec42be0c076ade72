import { createHash } from 'node:crypto';
import { epochMilliseconds, toInstant, type Instant } from '../core/model/instant.ts';
import type { UnitRecord } from '../core/model/check.ts';
import type { Milliseconds } from '../core/model/duration.ts';
import type { Unit } from '../core/model/unit.ts';
import type { UnitStatus } from '../core/model/vocabulary.ts';

/** A failing unit is tried again no later than this. */
const RETRY_AFTER: Milliseconds = 60_000;

/** Share of the jitter a unit gets, 0 to 1, the same on every machine. */
function spread(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32BE(0) / 0x1_0000_0000;
}

/** The interval of a unit with its jitter: never shorter than asked, at most `jitter` longer. */
export function intervalOf(unit: Unit, leastInterval: Milliseconds | undefined): Milliseconds {
  const interval = leastInterval ?? unit.schedule.interval;
  return Math.round(interval * (1 + unit.schedule.jitter * spread(unit.name)));
}

/** When the unit is to be looked at next, given how its last check ended. */
export function nextDueAt(
  unit: Unit,
  lastFinishedAt: Instant,
  outcome: { readonly known: boolean; readonly leastInterval: Milliseconds | undefined },
): Instant {
  const interval = intervalOf(unit, outcome.leastInterval);
  const wait = outcome.known ? interval : Math.min(interval, RETRY_AFTER);
  return toInstant(epochMilliseconds(lastFinishedAt) + wait);
}

/** Whether the last good observation is within the unit's freshness objective. Never observed is never fresh. */
export function isFresh(unit: Unit, record: UnitRecord | undefined, now: Instant): boolean {
  if (record?.lastGoodAt === undefined) return false;
  return epochMilliseconds(now) - epochMilliseconds(record.lastGoodAt) <= unit.schedule.maxAge;
}

/** Whether the unit is set aside from being checked at this instant. */
export function isSuspended(unit: Unit, record: UnitRecord | undefined, now: Instant): boolean {
  const running = (suspension: { readonly until?: Instant | undefined } | undefined): boolean =>
    suspension !== undefined &&
    (suspension.until === undefined || epochMilliseconds(now) < epochMilliseconds(suspension.until));
  return running(unit.suspend) || running(record?.suspension);
}

/** The status of a unit: the first of the closed list that holds. */
export function unitStatus(unit: Unit, record: UnitRecord | undefined, now: Instant): UnitStatus {
  if (isSuspended(unit, record, now)) return 'SUSPENDED';
  if (record?.lastCheck === undefined) return 'NEVER_CHECKED';
  if (record.lastGoodAt !== undefined && !isFresh(unit, record, now)) return 'STALE';
  if (record.lastCheck.result === 'UNKNOWN') return 'UNKNOWN';
  return record.lastCheck.result === 'DRIFT_DETECTED' ? 'DRIFTED' : 'IN_SYNC';
}
