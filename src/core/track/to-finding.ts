import type { Evaluation, JudgedDifference } from '../model/evaluation.ts';
import type { AuditCorrelation, Finding, FindingDifference } from '../model/finding.ts';
import type { Instant } from '../model/instant.ts';
import type { JsonValue } from '../model/json.ts';
import type { PathState } from '../model/plane-state.ts';
import type { Unit } from '../model/unit.ts';
import type { FindingState } from '../model/vocabulary.ts';

/** What a finding keeps over its life, whatever the newest look says. */
export interface FindingClock {
  readonly findingId: string;
  readonly detectedAt: Instant;
  readonly firstSeenAt: Instant;
  readonly occurrences: number;
  readonly onset: Finding['onset'];
  readonly evidenceUri: string;
  readonly links: Readonly<Record<string, string>>;
}

/** The id of a finding that the store has not numbered yet. */
export const UNNUMBERED = 'drift-00000000-000000';

function withValue(
  plane: 'desired' | 'recorded' | 'actual',
  state: PathState,
): Partial<Record<'desired' | 'recorded' | 'actual', JsonValue>> {
  return state.status === 'present' ? { [plane]: state.value } : {};
}

function toFindingDifference({ difference, fieldOwner, hiddenBy }: JudgedDifference): FindingDifference {
  const made = {
    path: difference.path,
    ...withValue('desired', difference.desired),
    ...withValue('recorded', difference.recorded),
    ...withValue('actual', difference.actual),
    planes: {
      desired: difference.desired.status,
      recorded: difference.recorded.status,
      actual: difference.actual.status,
    },
    relation: difference.relation,
    fieldOwner,
    effect: difference.effect,
    destructive: difference.destructive,
    immutable: difference.immutable,
    sensitive: difference.sensitive,
    ...(difference.field === undefined ? {} : { field: difference.field }),
    ...(hiddenBy === undefined ? {} : { hiddenBy: { kind: hiddenBy.kind, name: hiddenBy.name } }),
  };
  return made as FindingDifference;
}

function detailsOf(evaluation: Evaluation, block: string): Finding['details'] {
  const hints = [...new Set(evaluation.judged.flatMap(({ difference }) => difference.hints))].sort();
  const details = evaluation.judged.flatMap(({ difference }) =>
    difference.details === undefined ? [] : [{ path: difference.path, ...difference.details }],
  );
  return { [block]: { hints, ...(details.length === 0 ? {} : { differences: details }) } };
}

/** The evidence folder of a finding, by the UTC day on which it was detected. */
export function evidenceUriOf(store: string, detectedAt: Instant, findingId: string): string {
  return `${store}/drift/${detectedAt.slice(0, 10).replaceAll('-', '/')}/${findingId}`;
}

/** The public finding: what policy says now, with the clock it has kept. */
export function toFinding(input: {
  readonly unit: Unit;
  readonly block: string;
  readonly evaluation: Evaluation;
  readonly correlation: AuditCorrelation;
  readonly clock: FindingClock;
  readonly state: FindingState;
  readonly seenAt: Instant;
}): Finding {
  const { unit, evaluation, clock } = input;
  return {
    findingId: clock.findingId,
    detectedAt: clock.detectedAt,
    domain: evaluation.domain,
    resourceRef: evaluation.resource,
    environment: unit.environment,
    owner: unit.owner,
    sourceOfTruth: unit.sourceOfTruth,
    stateBackend: unit.stateBackend,
    driftClass: evaluation.driftClass,
    risk: evaluation.risk,
    changedFields: evaluation.judged.map(({ difference }) => difference.path),
    auditCorrelation: input.correlation,
    recommendedAction: evaluation.decision.action,
    autoHealAllowed: evaluation.autoHealAllowed,
    evidenceUri: clock.evidenceUri,
    schemaVersion: '1.0',
    unit: unit.name,
    unitType: unit.type,
    riskTier: unit.riskTier,
    ...(unit.environmentAssumed ? { environmentAssumed: true } : {}),
    category: evaluation.category,
    pathRoot: evaluation.pathRoot,
    relation: evaluation.relation,
    taxonomy: evaluation.taxonomy,
    cause: evaluation.cause,
    state: input.state,
    identity: evaluation.identity,
    content: evaluation.content,
    firstSeenAt: clock.firstSeenAt,
    lastSeenAt: input.seenAt,
    occurrences: clock.occurrences,
    onset: clock.onset,
    differences: evaluation.judged.map(toFindingDifference),
    classification: {
      rule: evaluation.classification.rule,
      trace: JSON.parse(JSON.stringify(evaluation.classification.trace)) as JsonValue[] as never,
      ...(evaluation.classification.shadow === undefined ? {} : { shadow: evaluation.classification.shadow as never }),
    },
    decision: {
      action: evaluation.decision.action,
      approval: evaluation.decision.approval,
      rule: evaluation.decision.rule,
      incident: evaluation.decision.incident,
      reasons: evaluation.decision.reasons.map(({ code, because }) => ({ code, because })),
    },
    details: detailsOf(evaluation, input.block),
    links: { ...clock.links },
  };
}
