import type { Unit } from '../core/model/unit.ts';
import type { EngineContext } from '../engine/context.ts';
import type { UnitInspection } from '../ports/adapter.ts';
import { DECISION_TABLE } from '../core/policy/decisions/decision-table.ts';

/** One of the seven parts of a unit's contract. */
export interface ContractPart {
  readonly part:
    'owner' | 'source of truth' | 'observation method' | 'diff method' | 'decision policy' | 'action' | 'evidence';
  readonly text: string;
}

/** The contract of a unit: none of its parts is empty. */
export function unitContract(
  context: Pick<EngineContext, 'adapterOf' | 'workingSet' | 'evidenceUri'>,
  unit: Unit,
): readonly ContractPart[] {
  const known = context.adapterOf(unit.type);
  if (known === undefined) throw new Error(`no adapter for units of type ${unit.type}`);
  const { unitType, adapter } = known;
  const { policy } = context.workingSet();
  const heal = policy.autoHealPolicies.map((each) => each.name);
  const approvals = policy.approvalPolicies.map((each) => each.name);
  const writes =
    unit.writeCredentials === undefined ? 'none: the unit has no writeCredentials' : unitType.actuatorDescription;
  return [
    { part: 'owner', text: unit.owner },
    { part: 'source of truth', text: unit.sourceOfTruth },
    { part: 'observation method', text: `${unitType.observationMethod}; weakness: ${unitType.observationWeakness}` },
    {
      part: 'diff method',
      text: `${unitType.diffMethod}; normalisers version ${adapter.normalizerVersion}; undeclared paths: ${unit.policies.undeclaredPaths}`,
    },
    {
      part: 'decision policy',
      text: `rows ${[...new Set(DECISION_TABLE.map((row) => row.name))].join(', ')}; policy set ${policy.digest.slice(0, 19)}; messages go to the log: no route document in force`,
    },
    {
      part: 'action',
      text: `${writes}; heal policies: ${heal.length === 0 ? 'none, only switches of the documents' : heal.join(', ')}; approvals: ${approvals.length === 0 ? 'the built-in floor' : approvals.join(', ')}`,
    },
    { part: 'evidence', text: `${context.evidenceUri}, kept ${unit.evidenceRetention} from the last entry` },
  ];
}

/** What the adapter says of a unit: settings with their origin, what is not compared, the operator's status. */
export async function inspectUnit(
  context: EngineContext,
  unit: Unit,
  signal: AbortSignal = AbortSignal.timeout(60_000),
): Promise<UnitInspection> {
  const known = context.adapterOf(unit.type);
  if (known === undefined) throw new Error(`no adapter for units of type ${unit.type}`);
  const findings = (await context.store.listFindings({ units: [unit.name] })).map((record) => record.finding);
  const record = await context.store.findUnit(unit.name);
  return await known.adapter.inspect(
    { unit, credentials: context.credentials, clock: context.clock },
    { documents: context.workingSet().foreign, findings, lastCompleteAt: record?.lastGoodAt },
    signal,
  );
}
