import { inspectUnit, unitContract } from '../../app/contract.ts';
import type { UnitRecord } from '../../core/model/check.ts';
import type { Unit } from '../../core/model/unit.ts';
import type { CheckResult } from '../../core/model/vocabulary.ts';
import type { UnitInspection } from '../../ports/adapter.ts';
import { unitStatus } from '../../engine/schedule.ts';
import type { Invocation } from '../invocation.ts';
import { openUnit } from '../open-unit.ts';
import { inert } from '../render/inert-text.ts';
import { columns, printStructured } from '../structured.ts';

interface Shown {
  readonly unit: string;
  readonly type: string;
  readonly environment: string;
  readonly environmentAssumed: boolean;
  readonly riskTier: string;
  readonly status: ReturnType<typeof unitStatus>;
  readonly lastCheck: CheckResult | null;
  readonly lastGoodAt: string | null;
  readonly nextDueAt: string | null;
  readonly freshnessObjectiveSeconds: number;
  readonly hold: NonNullable<UnitRecord['hold']> | null;
  readonly contract: ReturnType<typeof unitContract>;
  readonly notCompared: UnitInspection['notCompared'];
  readonly resources: UnitInspection['resources'];
  readonly statuses: UnitInspection['statuses'];
}

/** Shows the contract of a unit in its seven parts, what is known of it, and its resources' status. */
export async function run(invocation: Invocation): Promise<number> {
  const { kedge, unit } = await openUnit(invocation);
  const record = await kedge.store.findUnit(unit.name);
  const now = kedge.context.clock.now();
  const contract = unitContract(kedge.context, unit);
  const { notCompared, resources, statuses } = await inspectUnit(kedge.context, unit);
  const shown: Shown = {
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
  if (!printStructured(invocation, shown)) invocation.console.result(render(unit, shown));
  return 0;
}

function render(unit: Unit, shown: Shown): string {
  const { contract, notCompared, resources, hold } = shown;
  const settings = resources.map((each) => [inert(each.resource), each.setting, inert(each.value), inert(each.origin)]);
  return [
    `${inert(unit.name)}  ${shown.status}  ${unit.type}, tier ${unit.riskTier}, environment ${inert(unit.environment)}${unit.environmentAssumed ? ' (assumed: the document names none)' : ''}`,
    `  last good look ${shown.lastGoodAt ?? 'never'}, next ${shown.nextDueAt ?? 'when asked'}, fresh for ${shown.freshnessObjectiveSeconds}s${hold === null ? '' : `; HELD: ${inert(hold.reason)}`}`,
    '',
    ...contract.map((part) => `  ${part.part.padEnd(18)} ${inert(part.text)}`),
    '',
    ...notCompared.map((each) => `  not compared: ${each.what}: ${each.why}. ${each.how}`),
    ...(settings.length === 0 ? [] : ['', columns(settings)]),
  ].join('\n');
}
