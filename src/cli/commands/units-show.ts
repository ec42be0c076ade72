import { inspectUnit, unitContract } from '../../app/contract.ts';
import { unitStatus } from '../../engine/schedule.ts';
import type { Invocation } from '../invocation.ts';
import { openUnit } from '../open-unit.ts';
import { inert } from '../render/inert-text.ts';
import { columns, printStructured } from '../structured.ts';

/** Shows the contract of a unit in its seven parts, what is known of it, and its resources' status. */
export async function run(invocation: Invocation): Promise<number> {
  const { kedge, unit } = await openUnit(invocation);
  const record = await kedge.store.findUnit(unit.name);
  const now = kedge.context.clock.now();
  const contract = unitContract(kedge.context, unit);
  const { notCompared, resources, statuses } = await inspectUnit(kedge.context, unit);
  const shown = {
    unit: unit.name,
    type: unit.type,
    environment: unit.environment,
    environmentAssumed: unit.environmentAssumed,
    riskTier: unit.riskTier,
    status: unitStatus(unit, record, now),
    lastCheck: record?.lastCheck?.result ?? null,
    lastGoodAt: record?.lastGoodAt ?? null,
    nextDueAt: record?.nextDueAt ?? null,
    freshnessObjectiveSeconds: unit.schedule.maxAge / 1_000,
    hold: record?.hold ?? null,
    contract,
    notCompared,
    resources,
    statuses,
  };
  if (printStructured(invocation, shown)) return 0;
  const settings = resources.map((each) => [inert(each.resource), each.setting, inert(each.value), inert(each.origin)]);
  invocation.console.result(
    [
      `${inert(unit.name)}  ${shown.status}  ${unit.type}, tier ${unit.riskTier}, environment ${inert(unit.environment)}${unit.environmentAssumed ? ' (assumed: the document names none)' : ''}`,
      `  last good look ${shown.lastGoodAt ?? 'never'}, next ${shown.nextDueAt ?? 'when asked'}, fresh for ${shown.freshnessObjectiveSeconds}s${record?.hold === undefined ? '' : `; HELD: ${inert(record.hold.reason)}`}`,
      '',
      ...contract.map((part) => `  ${part.part.padEnd(18)} ${inert(part.text)}`),
      '',
      ...notCompared.map((each) => `  not compared: ${each.what}: ${each.why}. ${each.how}`),
      ...(settings.length === 0 ? [] : ['', columns(settings)]),
    ].join('\n'),
  );
  return 0;
}
