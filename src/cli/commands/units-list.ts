import { unitStatus } from '../../engine/schedule.ts';
import type { Invocation } from '../invocation.ts';
import { inert } from '../render/inert-text.ts';
import { columns, printStructured } from '../structured.ts';

/** Lists units: status, age of the last good look, next check. */
export async function run(invocation: Invocation): Promise<number> {
  const kedge = await invocation.open({ keepGoing: true });
  const records = new Map((await kedge.store.listUnits()).map((record) => [record.unit, record]));
  const now = kedge.context.clock.now();
  const units = kedge.documents().set.units.map((unit) => {
    const record = records.get(unit.name);
    return {
      unit: unit.name,
      type: unit.type,
      owner: unit.owner,
      environment: unit.environment,
      environmentAssumed: unit.environmentAssumed,
      riskTier: unit.riskTier,
      status: unitStatus(unit, record, now),
      lastGoodAt: record?.lastGoodAt ?? null,
      nextDueAt: record?.nextDueAt ?? null,
      held: record?.hold !== undefined,
    };
  });
  if (printStructured(invocation, units)) return 0;
  const rows = units.map((each) => [
    inert(each.unit),
    each.type,
    inert(each.owner),
    `${inert(each.environment)}${each.environmentAssumed ? ' (assumed)' : ''}`,
    each.riskTier,
    `${each.status}${each.held ? ' HELD' : ''}`,
    each.lastGoodAt ?? 'never',
    each.nextDueAt ?? '-',
  ]);
  invocation.console.result(
    rows.length === 0
      ? '0 units: no document declares one'
      : columns([['unit', 'type', 'owner', 'environment', 'tier', 'status', 'last good', 'next'], ...rows]),
  );
  return 0;
}
