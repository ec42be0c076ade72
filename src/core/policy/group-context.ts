import type { CelInput } from '@bufbuild/cel';
import type { DifferenceGroup } from '../compare/identity.ts';
import type { Difference } from '../model/difference.ts';
import type { AuditCorrelation } from '../model/finding.ts';
import type { Fact } from '../model/fact.ts';
import { epochMilliseconds } from '../model/instant.ts';
import type { ResourceObservation } from '../model/observation.ts';
import type { JudgedDifference } from '../model/evaluation.ts';
import type { EvaluationInput, FindingHistory } from './evaluation-input.ts';
import type { MatchSubject, Words } from './matcher.ts';
import type { ConditionFacts } from './condition.ts';
import type { Tristate } from '../model/tristate.ts';
import { jsonText } from '../model/json.ts';

/** One finding in the making, as every step sees it. */
export interface GroupContext {
  readonly input: EvaluationInput;
  readonly group: DifferenceGroup;
  readonly resource: ResourceObservation | undefined;
  readonly history: FindingHistory | undefined;
}

const NOT_COVERED: AuditCorrelation = { confidence: 'not-covered' };

/** What the audit sources say of one difference; without a source nobody has looked. */
export function correlationOf(context: GroupContext, difference: Difference): AuditCorrelation {
  return context.input.correlations.get(difference) ?? NOT_COVERED;
}

/** How sure the writer is, with an edit of the document that Kedge saw itself counted as confirmed. */
export function confidenceOf(context: GroupContext, difference: Difference): AuditCorrelation['confidence'] {
  if (difference.relation === 'DESIRED_NOT_APPLIED') return 'confirmed';
  return correlationOf(context, difference).confidence;
}

/** A boolean fact as a condition reads it. Without a source, or past its deadline, what nobody knows counts as false. */
export function readFact(context: GroupContext, name: string): Tristate {
  const fact = context.input.facts.get(name);
  if (fact === undefined || fact.status === 'absent') return 'false';
  if (fact.status === 'known') return fact.value === true ? 'true' : 'false';
  return isWaiting(fact, context.input.now) ? 'unknown' : 'false';
}

function isWaiting(fact: Extract<Fact, { status: 'unknown' }>, now: string): boolean {
  return fact.deadline !== undefined && epochMilliseconds(fact.deadline) > epochMilliseconds(now);
}

/** Names of facts that somebody may still deliver, and by when. */
export function waitingFacts(context: GroupContext): readonly { readonly name: string; readonly deadline: string }[] {
  const waiting: { name: string; deadline: string }[] = [];
  for (const [name, fact] of context.input.facts) {
    if (fact.status === 'unknown' && fact.deadline !== undefined && isWaiting(fact, context.input.now))
      waiting.push({ name, deadline: fact.deadline });
  }
  return waiting.sort((left, right) => (left.name < right.name ? -1 : 1));
}

function known(...words: readonly (string | undefined)[]): Words {
  return { status: 'known', words: words.filter((word) => word !== undefined) };
}

const NOBODY_KNOWS: readonly AuditCorrelation['confidence'][] = ['not-covered', 'pending', 'ambiguous'];

/** A word on who wrote: known only where the sources have answered, be it with nobody. */
function writerWords(
  correlations: readonly AuditCorrelation[],
  read: (correlation: AuditCorrelation) => string | undefined,
): Words {
  return correlations.some((each) => NOBODY_KNOWS.includes(each.confidence))
    ? { status: 'unknown' }
    : known(...correlations.map(read));
}

/** The group, or one judged difference of it, as selectors see it. */
export function subjectOf(context: GroupContext, of: readonly (Difference | JudgedDifference)[]): MatchSubject {
  const { unit } = context.input;
  const differences = of.map((each) => ('difference' in each ? each.difference : each));
  const judged = of.filter((each) => 'difference' in each);
  const pick = (read: (difference: Difference) => string | undefined): Words => known(...differences.map(read));
  const judge = (read: (each: JudgedDifference) => string): Words =>
    judged.length === 0 ? { status: 'unknown' } : known(...judged.map(read));
  const correlation = differences.map((each) => correlationOf(context, each));
  const read: Readonly<Record<string, () => Words>> = {
    kind: () => pick((each) => each.kind),
    unit: () => known(unit.name),
    unitType: () => known(unit.type),
    environment: () => known(unit.environment),
    owner: () => known(unit.owner),
    riskTier: () => known(unit.riskTier),
    service: () => known(unit.service),
    customerTier: () => known(unit.customerTier),
    criticality: () => known(unit.criticality),
    dataClassification: () =>
      unit.dataClassification === 'unspecified' ? { status: 'unknown' } : known(unit.dataClassification),
    complianceScope: () => known(...unit.complianceScope),
    domain: () => pick((each) => each.domain),
    category: () => pick((each) => each.category),
    effect: () => pick((each) => each.effect),
    relation: () => pick((each) => each.relation),
    hint: () => known(...differences.flatMap((each) => each.hints)),
    destructive: () => pick((each) => String(each.destructive)),
    immutable: () => pick((each) => String(each.immutable)),
    driftClass: () => judge((each) => each.driftClass),
    cause: () => judge((each) => each.cause),
    taxonomy: () => judge((each) => each.taxonomy),
    risk: () => judge((each) => each.risk),
    rule: () => judge((each) => each.classRule),
    state: () => known(context.history?.state ?? 'DETECTED'),
    actor: () => writerWords(correlation, (each) => each.actor),
    actorType: () => writerWords(correlation, (each) => each.actorType),
    confidence: () => known(...correlation.map((each) => each.confidence)),
    'resource.kind': () => pick((each) => each.kind),
    'resource.type': () => pick((each) => each.resourceType),
    'resource.name': () => known(context.resource?.name ?? context.group.key.resource),
    'resource.namespace': () => known(context.resource?.namespace),
    incident: () => factWords(context, 'context.incident.id'),
    incidentLinked: () => yesOrNo(context, 'context.incident.linked'),
    changeMatched: () => yesOrNo(context, 'context.change.matched'),
    upgradeRecent: () => yesOrNo(context, 'context.upgrade.recent'),
  };
  return {
    paths: differences.map((each) => each.path),
    property: (key) => read[key]?.() ?? known(),
    label: (name) => known(context.resource?.labels?.[name] ?? unit.labels[name]),
  };
}

/** A yes or no of the surroundings. What nobody delivered is unknown here, whether or not it may still come: it permits nothing. */
function yesOrNo(context: GroupContext, name: string): Words {
  const fact = context.input.facts.get(name);
  if (fact === undefined || fact.status === 'unknown') return { status: 'unknown' };
  return known(String(fact.status === 'known' && fact.value === true));
}

function factWords(context: GroupContext, name: string): Words {
  const fact = context.input.facts.get(name);
  if (fact?.status === 'known') return known(jsonText(fact.value));
  return fact === undefined || fact.status === 'absent' ? known() : { status: 'unknown' };
}

/** Facts for CEL conditions; what is unknown is not there, so that an expression that needs it is unknown. */
export function conditionFacts(context: GroupContext, difference: Difference): ConditionFacts {
  const { unit, now } = context.input;
  const tree: Record<string, CelInput> = {
    unit: {
      name: unit.name,
      type: unit.type,
      owner: unit.owner,
      environment: unit.environment,
      riskTier: unit.riskTier,
      labels: { ...unit.labels },
    },
    difference: {
      path: difference.path,
      category: difference.category,
      effect: difference.effect,
      relation: difference.relation,
      destructive: difference.destructive,
      immutable: difference.immutable,
    },
    history: { occurrences: BigInt(context.history?.occurrences ?? 1) },
    now,
  };
  const nested: Record<string, Record<string, unknown>> = {};
  for (const [name, fact] of context.input.facts) {
    if (fact.status === 'unknown') continue;
    const [head = '', ...rest] = name.split('.');
    setNested((nested[head] ??= {}), rest, fact.status === 'known' ? fact.value : false);
  }
  for (const [head, value] of Object.entries(nested))
    if (!Object.hasOwn(tree, head)) tree[head] = value as unknown as CelInput;
  return { values: tree };
}

function setNested(root: Record<string, unknown>, names: readonly string[], value: unknown): void {
  let node = root;
  for (const [index, name] of names.entries()) {
    if (index === names.length - 1) node[name] = value;
    else node = (node[name] ??= {}) as Record<string, unknown>;
  }
}
