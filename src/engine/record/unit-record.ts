import type { Check, UnitRecord } from '../../core/model/check.ts';
import type { EngineContext } from '../context.ts';
import type { FailedLook, Look, LookRequest } from '../look.ts';
import { nextDueAt } from '../schedule.ts';

/** A unit after a check. What people decided while the look went on stands: a check writes only what a check knows. */
export function unitRecord(
  context: EngineContext,
  parts: {
    readonly request: LookRequest;
    readonly check: Check;
    readonly result: Look | FailedLook;
    /** The record as it stands now, locked. */
    readonly current: UnitRecord | undefined;
  },
): UnitRecord {
  const { request, check, result, current } = parts;
  const { unit } = request;
  const before: Partial<UnitRecord> = current ?? request.record ?? {};
  const { hold, suspension, retired }: Partial<UnitRecord> = current ?? {};
  const decided = { hold, suspension, retired };
  const named = { unit: unit.name, unitType: unit.type, documentDigest: unit.documentDigest };
  const firstSeen = result.status === 'looked' ? result.split.firstSeen : {};
  if (request.resources !== undefined)
    return {
      ...named,
      ...decided,
      lastCheck: before.lastCheck ?? check,
      lastGoodAt: before.lastGoodAt,
      firstGoodAt: before.firstGoodAt,
      nextDueAt: before.nextDueAt,
      pendingSince: { ...before.pendingSince, ...firstSeen },
    };
  const good = result.status === 'looked' && result.coverage.complete ? check.finishedAt : undefined;
  const leastInterval = context.adapterOf(unit.type)?.adapter.interval(unit, request.set.foreign);
  return {
    ...named,
    ...decided,
    lastCheck: check,
    lastGoodAt: good ?? before.lastGoodAt,
    firstGoodAt: before.firstGoodAt ?? good,
    nextDueAt: nextDueAt(unit, check.finishedAt, { known: check.result !== 'UNKNOWN', leastInterval }),
    pendingSince: good === undefined ? { ...before.pendingSince, ...firstSeen } : firstSeen,
  };
}
