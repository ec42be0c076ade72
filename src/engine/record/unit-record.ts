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
  const before = current ?? request.record;
  const full = request.resources === undefined;
  const good = full && result.status === 'looked' && result.coverage.complete;
  const adapter = context.adapterOf(request.unit.type)?.adapter;
  const leastInterval = adapter?.interval(request.unit, request.set.foreign);
  return {
    unit: request.unit.name,
    unitType: request.unit.type,
    documentDigest: request.unit.documentDigest,
    lastCheck: full ? check : (before?.lastCheck ?? check),
    lastGoodAt: good ? check.finishedAt : before?.lastGoodAt,
    firstGoodAt: before?.firstGoodAt ?? (good ? check.finishedAt : undefined),
    nextDueAt: full
      ? nextDueAt(request.unit, check.finishedAt, { known: check.result !== 'UNKNOWN', leastInterval })
      : before?.nextDueAt,
    pendingSince: {
      ...(good ? {} : before?.pendingSince),
      ...(result.status === 'looked' ? result.split.firstSeen : {}),
    },
    hold: current?.hold,
    suspension: current?.suspension,
    retired: current?.retired,
  };
}
