import { digestJson } from '../model/digest.ts';
import type { Difference } from '../model/difference.ts';
import type { Evaluation } from '../model/evaluation.ts';
import type { FactSet } from '../model/fact.ts';
import { rootOf } from '../compare/path.ts';
import { groupDifferences } from '../compare/identity.ts';
import type { Instant } from '../model/instant.ts';
import type { JsonValue } from '../model/json.ts';
import type { ResourceObservation } from '../model/observation.ts';
import type { PathState } from '../model/plane-state.ts';
import type { Unit } from '../model/unit.ts';
import { SENSITIVE_CATEGORIES } from '../model/vocabulary.ts';
import type { PolicyHeader } from './documents/policy-document.ts';
import type { Expected, Given, TestCase } from './documents/test-case.ts';
import { evaluate } from './evaluate.ts';
import type { EvaluationInput } from './evaluation-input.ts';
import type { PolicySet } from './policy-set.ts';

const NOON: Instant = '2026-01-01T12:00:00Z';
const MINUTE = 60_000;

/** What became of one proof of one document. */
export interface TestOutcome {
  readonly document: Pick<PolicyHeader, 'kind' | 'name'>;
  /** Its place in `spec.tests`. */
  readonly index: number;
  readonly name: string;
  /** What is not as expected, each with what is; empty when it passes. */
  readonly failures: readonly string[];
}

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Defined<T>;
}

type GivenUnit = Exclude<Given['unit'], string | undefined>;

/** A unit as a proof gives it: where it says nothing, a standard one in prod that may heal. */
function madeUnit({ autoHeal = true, ...given }: GivenUnit): Unit {
  const name = given.name ?? 'example';
  return {
    name,
    type: 'example',
    owner: 'example',
    environment: 'prod',
    environmentAssumed: false,
    riskTier: 'standard',
    domain: undefined,
    service: undefined,
    labels: {},
    criticality: given.riskTier ?? 'standard',
    complianceScope: [],
    customerTier: undefined,
    dataClassification: 'unspecified',
    dependsOn: [],
    sourceOfTruth: 'file:example',
    source: {},
    stateBackend: 'none',
    credentials: {},
    writeCredentials: {},
    suspend: undefined,
    schedule: { interval: 5 * MINUTE, asked: true, maxAge: 8 * MINUTE, jitter: 0, timeout: MINUTE, pool: 'standard' },
    policies: {
      autoHeal,
      requireIncidentForManualChange: given.riskTier === 'high' || given.riskTier === 'critical',
      undeclaredPaths: 'report',
      confirmations: 1,
      convergeWithin: 15 * MINUTE,
      desiredMaxAge: 15 * MINUTE,
      maxObjectsPerReconcile: undefined,
      massShare: undefined,
    },
    evidenceRetention: '400d',
    block: {},
    documentDigest: digestJson(name),
    declaredAt: undefined,
    ...defined(given),
  };
}

function unitOf(given: Given['unit'], units: readonly Unit[]): Unit | undefined {
  if (typeof given === 'string') return units.find((unit) => unit.name === given);
  return units.find((unit) => unit.name === given?.name && Object.keys(given).length === 1) ?? madeUnit(given ?? {});
}

function stateOf(value: JsonValue | undefined, otherwise: JsonValue): PathState {
  if (value === null) return { status: 'absent' };
  return { status: 'present', value: value ?? otherwise };
}

function differenceOf({ labels: _, ...given }: NonNullable<Given['difference']>, unit: Unit): Difference {
  const { desired, recorded, actual, path = '/field', category = 'other', declared = true } = given;
  return {
    resource: 'example/one',
    resourceType: 'example',
    kind: 'Example',
    relation: declared ? 'ACTUAL_DIVERGED' : 'RECORDED_ACTUAL',
    effect: 'neutral',
    destructive: false,
    immutable: false,
    hints: [],
    ...defined(given),
    path,
    category,
    declared,
    pathRoot: rootOf(path),
    desired: declared ? stateOf(desired, 'as declared') : { status: 'not-applicable' },
    recorded: stateOf(recorded, 'as declared'),
    actual: stateOf(actual, 'changed'),
    domain: unit.domain ?? unit.type,
    sensitive: false,
    gated: SENSITIVE_CATEGORIES.has(category),
    offer: { write: 'alter' },
  };
}

function resourceOf(difference: Difference, given: Given): ResourceObservation {
  const plane = { status: 'present', value: {} } as const;
  const labels = given.difference?.labels;
  const at = difference.resource.indexOf('/');
  return {
    resource: difference.resource,
    type: difference.resourceType,
    name: difference.resource.slice(at + 1),
    kind: difference.kind,
    judgement: { status: 'judged' },
    planes: { desired: plane, recorded: plane, actual: plane },
    ...(labels === undefined ? {} : { labels }),
    ...(given.switch === true
      ? { operatorSwitch: { heals: true, allowsDestructive: false, minimumAge: 0, origin: 'the test' } }
      : {}),
  };
}

function factsOf(given: Given, now: Instant): FactSet {
  return new Map(
    Object.entries(given.facts ?? {}).map(([name, value]) => [
      name,
      { status: 'known', value, source: 'test', at: now },
    ]),
  );
}

function inputOf(given: Given, unit: Unit, policy: PolicySet): EvaluationInput {
  const now = given.now ?? NOON;
  const difference = differenceOf(given.difference ?? {}, unit);
  const [group] = groupDifferences(unit.name, [difference]);
  const history: EvaluationInput['history'] =
    given.firstSeenAt === undefined || group === undefined
      ? new Map()
      : new Map([
          [
            group.identity,
            {
              findingId: 'drift-00000000-000001',
              state: 'CLASSIFIED',
              firstSeenAt: given.firstSeenAt,
              lastSeenAt: now,
              occurrences: 1,
              content: group.content,
              life: { contents: [], attempts: [], breaker: { status: 'closed' }, confirmations: 1 },
            },
          ],
        ]);
  return {
    unit,
    differences: [difference],
    resources: new Map([[difference.resource, resourceOf(difference, given)]]),
    facts: factsOf(given, now),
    correlations: new Map(given.audit === undefined ? [] : [[difference, given.audit]]),
    history,
    circumstances: {
      canWrite: true,
      hold: undefined,
      evidence: 'available',
      desiredAt: now,
      observedAt: now,
      coverage: { complete: true, unchecked: [] },
      fresh: true,
      lock: 'free',
      health: 'not-watched',
      resourcesInUnit: 100,
      firstCompleteCheck: false,
      adapterGates: [],
    },
    adapterGates: [],
    policy,
    now,
  };
}

/** What an evaluation says, in the words of `expect`. */
function said(found: Evaluation): Readonly<Record<Exclude<keyof Expected, 'reasons'>, JsonValue | undefined>> {
  return {
    owner: found.judged[0]?.fieldOwner,
    driftClass: found.driftClass,
    cause: found.cause,
    taxonomy: found.taxonomy,
    risk: found.risk,
    rule: found.classification.rule,
    suppressed: found.suppressed,
    provisional: found.provisional.status === 'provisional',
    action: found.decision.action,
    approval: found.decision.approval,
    decisionRule: found.decision.rule,
    incident: found.decision.incident,
    heals: found.autoHealAllowed,
  };
}

function failuresOf({ reasons = [], ...expected }: Expected, found: Evaluation): readonly string[] {
  const is = said(found);
  const codes: readonly string[] = found.decision.reasons.map((each) => each.code);
  const wrong = Object.entries(expected).flatMap(([key, wanted]) => {
    const value = is[key as keyof typeof is];
    return value === wanted ? [] : [`${key} is ${JSON.stringify(value ?? null)}, not ${JSON.stringify(wanted)}`];
  });
  const missing = reasons.filter((code) => !codes.includes(code));
  return missing.length === 0
    ? wrong
    : [...wrong, `reasons are ${codes.join(', ') || 'none'}, without ${missing.join(', ')}`];
}

function runTest(test: TestCase, units: readonly Unit[], policy: PolicySet): readonly string[] {
  const unit = unitOf(test.given.unit, units);
  if (unit === undefined) return [`there is no unit ${JSON.stringify(test.given.unit)}`];
  const [found] = evaluate(inputOf(test.given, unit, policy));
  return found === undefined ? ['nothing was evaluated'] : failuresOf(test.expect, found);
}

interface Tested extends Pick<PolicyHeader, 'kind' | 'name'> {
  readonly spec: { readonly tests: readonly TestCase[] };
}

/** Every document of a policy set that holds proofs. */
function testedDocuments(policy: PolicySet): readonly Tested[] {
  return [
    ...policy.ownershipRules,
    ...policy.ignoreRules,
    ...policy.autoHealPolicies,
    ...policy.approvalPolicies,
    ...policy.freezeWindows,
    ...policy.exceptionWindows,
    ...policy.classificationRules,
    ...policy.reconciliationPolicies,
  ];
}

/** Runs the proofs that stand in documents, each against everything in force: the same evaluation that judges real findings. */
export function runDocumentTests(units: readonly Unit[], policy: PolicySet): readonly TestOutcome[] {
  return testedDocuments(policy).flatMap(({ kind, name, spec }) =>
    spec.tests.map((test, index) => ({
      document: { kind, name },
      index,
      name: test.name ?? `test ${index + 1}`,
      failures: runTest(test, units, policy),
    })),
  );
}
