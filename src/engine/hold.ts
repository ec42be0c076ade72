import type { Principal } from '../core/model/approval-record.ts';
import type { UnitRecord } from '../core/model/check.ts';
import type { Unit } from '../core/model/unit.ts';
import type { EngineContext } from './context.ts';
import { makeEntry } from './entry.ts';

function emptyRecord(unit: Unit): UnitRecord {
  return {
    unit: unit.name,
    unitType: unit.type,
    documentDigest: unit.documentDigest,
    lastCheck: undefined,
    lastGoodAt: undefined,
    firstGoodAt: undefined,
    nextDueAt: undefined,
    pendingSince: {},
    hold: undefined,
    suspension: undefined,
    retired: undefined,
  };
}

async function change(
  context: EngineContext,
  unit: Unit,
  parts: {
    readonly type: 'HOLD_PLACED' | 'HOLD_RELEASED';
    readonly reason: string;
    readonly by: Principal;
    readonly hold: UnitRecord['hold'];
  },
): Promise<void> {
  await context.store.write(async (transaction) => {
    const record = (await transaction.lockUnit(unit.name)) ?? emptyRecord(unit);
    await transaction.saveUnit({ ...record, hold: parts.hold });
    await transaction.appendEntry(
      makeEntry(context, {
        type: parts.type,
        unit: unit.name,
        about: { kind: 'UNIT', id: unit.name },
        actor: parts.by,
        body: { reason: parts.reason },
      }),
    );
  });
}

/** Stops every action but incidents on a unit until a person releases it. */
export async function holdUnit(
  context: EngineContext,
  unit: Unit,
  given: { readonly reason: string; readonly by: Principal },
): Promise<void> {
  await change(context, unit, {
    type: 'HOLD_PLACED',
    ...given,
    hold: { reason: given.reason, by: given.by.id, since: context.clock.now() },
  });
}

/** Ends a hold. */
export async function releaseUnit(
  context: EngineContext,
  unit: Unit,
  given: { readonly reason: string; readonly by: Principal },
): Promise<void> {
  await change(context, unit, { type: 'HOLD_RELEASED', ...given, hold: undefined });
}
