import { nextSnapshots } from '../core/compare/snapshot.ts';
import { envelopePath } from '../core/evidence/evidence-path.ts';
import type { Check } from '../core/model/check.ts';
import type { Evaluation } from '../core/model/evaluation.ts';
import type { FindingRecord } from '../core/model/finding-record.ts';
import type { AuditCorrelation, Finding } from '../core/model/finding.ts';
import type { Instant } from '../core/model/instant.ts';
import type { JsonValue } from '../core/model/json.ts';
import type { Coverage, ResourceObservation } from '../core/model/observation.ts';
import type { Unit } from '../core/model/unit.ts';
import { CONFIDENCES, type CheckResult } from '../core/model/vocabulary.ts';
import { checkVerdict, driftResult, unknownVerdict, type CheckVerdict } from '../core/track/check-result.ts';
import { evidenceUriOf } from '../core/track/to-finding.ts';
import { track, type TrackedChange } from '../core/track/track.ts';
import type { Lease } from '../ports/lease-store.ts';
import type { StoreTransaction } from '../ports/store.ts';
import type { EngineContext } from './context.ts';
import { makeEntry, newId } from './entry.ts';
import type { FailedLook, Look, LookRequest } from './look.ts';
import { unitRecord } from './unit-record.ts';
import { cancelAction, voidApproval } from './action/void-approval.ts';

/** What a recorded check leaves: the check, its findings as stored, and what happened to each. */
export interface RecordedCheck {
  readonly check: Check;
  readonly findings: readonly FindingRecord[];
  readonly evaluations: readonly Evaluation[];
}

/** How a check was asked for. */
export interface RecordRequest extends LookRequest {
  readonly lease: Lease;
  readonly startedAt: Instant;
  readonly verifier?: LookVerifier | undefined;
}

/** Says in the transaction of a look what it proves: the entry before any finding closes, the records after. */
export interface LookVerifier {
  before(transaction: StoreTransaction, seen: SeenAgain): Promise<void>;
  after(transaction: StoreTransaction): Promise<void>;
}

/** What a look that verifies an action saw. */
export interface SeenAgain {
  readonly checkId: string;
  readonly coverage: Coverage;
  readonly changes: readonly TrackedChange[];
  readonly resources: readonly ResourceObservation[];
}

function correlationOf(result: Look, evaluation: Evaluation): AuditCorrelation {
  const all = evaluation.judged.map(
    ({ difference }) => result.correlated.correlations.get(difference) ?? ({ confidence: 'not-covered' } as const),
  );
  return (
    [...all].sort((left, right) => CONFIDENCES.indexOf(left.confidence) - CONFIDENCES.indexOf(right.confidence))[0] ?? {
      confidence: 'not-covered',
    }
  );
}

function trackLook(context: EngineContext, request: RecordRequest, result: Look): readonly TrackedChange[] {
  const { settings } = context.workingSet().policy;
  const block = context.adapterOf(request.unit.type)?.unitType.block ?? request.unit.type;
  return track({
    unit: request.unit,
    block,
    now: result.input.now,
    scope: request.resources === undefined ? { kind: 'full' } : { kind: 'targeted', resources: request.resources },
    coverage: result.coverage,
    comparison: result.comparison,
    declared: new Set(
      result.observation.resources
        .filter((each) => each.planes.desired.status === 'present')
        .map((each) => each.resource),
    ),
    observed: new Set(result.observation.resources.map((each) => each.resource)),
    pending: result.split.identities,
    evaluations: scoped(request, result.evaluations),
    correlationOf: (evaluation) => correlationOf(result, evaluation),
    previous: result.previous,
    lastCleanAt: request.record?.lastGoodAt,
    flapWindow: settings.flapWindow,
    verifyWithin: settings.verifyWithin,
    writers: ['kedge', 'whoever undoes it'],
  });
}

/** A targeted look opens and updates only in its scope. */
function scoped(request: RecordRequest, evaluations: readonly Evaluation[]): readonly Evaluation[] {
  const { resources } = request;
  return resources === undefined
    ? evaluations
    : evaluations.filter((evaluation) => resources.includes(evaluation.resource));
}

async function numbered(
  context: EngineContext,
  transaction: StoreTransaction,
  change: TrackedChange,
): Promise<FindingRecord> {
  if (!change.isNew) return change.record;
  const { finding, life } = change.record;
  const findingId = await transaction.nextFindingId(finding.detectedAt.slice(0, 10));
  return {
    finding: { ...finding, findingId, evidenceUri: evidenceUriOf(context.evidenceUri, finding.detectedAt, findingId) },
    life,
  };
}

/** The look that says something of a finding: which check, as whom, at which revisions. */
interface SeenBy {
  readonly checkId: string;
  readonly observer: string | undefined;
  readonly revisions: Check['revisions'];
}

function planesArtifact(finding: Finding, plane: 'desired' | 'recorded' | 'actual'): JsonValue {
  return finding.differences.map((each) => ({
    path: each.path,
    state: each.planes?.[plane] ?? 'present',
    ...(each[plane] === undefined ? {} : { value: each[plane] }),
  }));
}

async function recordChange(
  context: EngineContext,
  transaction: StoreTransaction,
  change: TrackedChange,
  seen: SeenBy,
): Promise<FindingRecord> {
  const record = await numbered(context, transaction, change);
  const { finding } = record;
  await transaction.saveFinding(record);
  const about = { kind: 'FINDING', id: finding.findingId } as const;
  const { policy } = context.workingSet();
  const policies = [{ kind: 'PolicySet', name: 'in-force', digest: policy.digest }];
  if (change.entry !== undefined) {
    const artifacts =
      change.entry === 'FINDING_RESOLVED' || change.entry === 'FINDING_ARCHIVED'
        ? []
        : ([
            { role: 'NORMALIZED_DIFF', name: 'differences.json', value: finding.differences as unknown as JsonValue },
            { role: 'DESIRED', name: 'desired.json', value: planesArtifact(finding, 'desired') },
            { role: 'RECORDED', name: 'recorded.json', value: planesArtifact(finding, 'recorded') },
            { role: 'ACTUAL', name: 'actual.json', value: planesArtifact(finding, 'actual') },
          ] as const);
    const policySet = { role: 'POLICY_SET', name: 'policies.json', value: policy.text } as const;
    await transaction.appendEntry(
      makeEntry(context, {
        type: change.entry,
        unit: finding.unit,
        about,
        body: { finding: withoutTrace(finding), trace: finding.classification.trace, ...seen },
        artifacts: [...artifacts, policySet],
        policies,
      }),
    );
  }
  if (change.breaker !== undefined)
    await transaction.appendEntry(
      makeEntry(context, {
        type: change.breaker,
        unit: finding.unit,
        about,
        body: {
          writers: record.life.breaker.status === 'open' ? record.life.breaker.writers : [],
          checkId: seen.checkId,
        },
      }),
    );
  if (change.contentMoved) await voidApprovals(context, transaction, finding);
  if (change.entry === 'FINDING_OPENED' || change.entry === 'FINDING_REOPENED') {
    await transaction.enqueueMessage({
      receiver: 'log',
      kind: 'finding',
      findingId: finding.findingId,
      body: {
        event: change.entry,
        unit: finding.unit,
        resource: finding.resourceRef,
        risk: finding.risk,
        driftClass: finding.driftClass,
        fields: finding.changedFields,
      },
    });
  }
  return record;
}

function withoutTrace(finding: Finding): Readonly<Record<string, unknown>> {
  return { ...finding, classification: { rule: finding.classification.rule } };
}

/** New content: what people approved is not what would be done now. */
async function voidApprovals(context: EngineContext, transaction: StoreTransaction, finding: Finding): Promise<void> {
  for (const approval of await context.store.listApprovals({ findingId: finding.findingId })) {
    if (approval.status !== 'PENDING' && approval.status !== 'GRANTED') continue;
    await cancelAction(context, transaction, approval.actionId, 'the content of the finding moved');
    await voidApproval(context, transaction, approval.approvalId, 'the content of the finding moved');
  }
}

function detailOf(verdict: CheckVerdict): string {
  const [first, ...more] = verdict.coverage.unchecked;
  if (first === undefined) return '';
  return `${first.what}: ${first.detail ?? first.reason}${more.length === 0 ? '' : ` (and ${more.length} more)`}`;
}

const ENTRY_OF_RESULT: Readonly<Record<CheckResult, 'CHECK_UNKNOWN' | 'CHECK_DRIFTED' | undefined>> = {
  UNKNOWN: 'CHECK_UNKNOWN',
  DRIFT_DETECTED: 'CHECK_DRIFTED',
  IN_SYNC: undefined,
};

/** Where the evidence of a check is going to stand: its file, or the day's folder of what was gathered clean. */
function checkUri(
  context: EngineContext,
  unit: Unit,
  place: { readonly entryId: string; readonly at: Instant; readonly verdict: CheckVerdict },
): string {
  const type = ENTRY_OF_RESULT[place.verdict.result];
  if (type === undefined) return `${context.evidenceUri}/checks/${place.at.slice(0, 10).replaceAll('-', '/')}`;
  const about = { kind: 'UNIT', id: unit.name };
  return `${context.evidenceUri}/${envelopePath({ id: place.entryId, type, at: place.at, unit: unit.name, about })}`;
}

function buildCheck(
  context: EngineContext,
  request: RecordRequest,
  parts: {
    readonly checkId: string;
    readonly entryId: string;
    readonly verdict: CheckVerdict;
    readonly findings: readonly Finding[];
    readonly result: Look | FailedLook;
  },
): Check {
  const { checkId, entryId, verdict, findings, result } = parts;
  const { unit } = request;
  const finishedAt = context.clock.now();
  const looked = result.status === 'looked' ? result : undefined;
  return {
    checkId,
    unit: unit.name,
    unitType: unit.type,
    startedAt: request.startedAt,
    finishedAt,
    scope: request.resources === undefined ? { kind: 'full' } : { kind: 'targeted', resources: request.resources },
    ...verdict,
    detail: detailOf(verdict),
    resourcesCompared: looked?.comparison.compared.size ?? 0,
    pendingConvergence: looked?.split.pending.length ?? 0,
    revisions: looked?.observation.revisions ?? {},
    observerIdentity: result.status === 'looked' ? result.observation.identity : result.identity,
    warnings: looked?.observation.warnings ?? [],
    driftResult: driftResult(unit, verdict, findings, checkUri(context, unit, { entryId, at: finishedAt, verdict })),
    findingIds: findings.map((finding) => finding.findingId),
    stepDurations: result.durations,
  };
}

/** A drifted or unknown check is an entry of its own; a clean one waits to be gathered with others. */
async function recordEntryOfCheck(
  context: EngineContext,
  transaction: StoreTransaction,
  entry: { readonly id: string; readonly check: Check },
): Promise<void> {
  const { id, check } = entry;
  const type = ENTRY_OF_RESULT[check.result];
  if (type === undefined) return;
  const {
    driftResult: result,
    checkId,
    result: word,
    partial,
    reasons,
    coverage,
    resourcesCompared,
    observerIdentity,
    revisions,
    startedAt,
    finishedAt,
  } = check;
  const failure =
    type === 'CHECK_UNKNOWN'
      ? [
          {
            role: 'FAILURE' as const,
            name: 'failure.json',
            value: JSON.parse(
              JSON.stringify({
                phase: 'observe',
                reasons,
                unchecked: coverage.unchecked,
                identity: observerIdentity ?? null,
                startedAt,
                finishedAt,
              }),
            ) as JsonValue,
          },
        ]
      : [];
  await transaction.appendEntry(
    makeEntry(context, {
      id,
      at: finishedAt,
      type,
      unit: check.unit,
      about: { kind: 'UNIT', id: check.unit },
      artifacts: failure,
      body: {
        checkId,
        result: word,
        partial,
        reasons,
        coverage,
        resourcesCompared,
        observerIdentity,
        revisions,
        startedAt,
        finishedAt,
        driftResult: result,
      },
    }),
  );
}

/** Writes everything a look led to in one transaction: check, findings, snapshots, entries, messages, counters. Nothing is told to anybody before it stands. */
export async function recordCheck(
  context: EngineContext,
  request: RecordRequest,
  result: Look | FailedLook,
): Promise<RecordedCheck> {
  const checkId = newId(context);
  const entryId = newId(context);
  const changes = result.status === 'looked' ? trackLook(context, request, result) : [];
  return await context.store.write(async (transaction) => {
    await transaction.requireLease(request.lease.name, request.lease.token);
    await request.verifier?.before(transaction, {
      checkId,
      changes,
      coverage: result.status === 'looked' ? result.coverage : { complete: false, unchecked: result.reasons },
      resources: result.status === 'looked' ? result.observation.resources : [],
    });
    const seen: SeenBy = {
      checkId,
      observer: result.status === 'looked' ? result.observation.identity : result.identity,
      revisions: result.status === 'looked' ? result.observation.revisions : {},
    };
    const recorded: FindingRecord[] = [];
    for (const change of changes) recorded.push(await recordChange(context, transaction, change, seen));
    const touched = new Set(recorded.map((record) => record.finding.findingId));
    const untouched = (
      result.status === 'looked'
        ? result.previous
        : await context.store.loadFindings(request.unit.name, context.clock.now())
    ).filter((record) => !touched.has(record.finding.findingId) && record.finding.state !== 'RESOLVED');
    const all = [...recorded, ...untouched];
    const findings = all.map((record) => record.finding);
    const verdict =
      result.status === 'looked'
        ? checkVerdict(findings, result.coverage, result.comparison.compared.size)
        : unknownVerdict(result.reasons);
    const check = buildCheck(context, request, { checkId, entryId, verdict, findings, result });
    await transaction.saveCheck(check);
    const current = await transaction.lockUnit(request.unit.name);
    await transaction.saveUnit(unitRecord(context, { request, check, result, current }));
    await recordEntryOfCheck(context, transaction, { id: entryId, check });
    await transaction.increment({
      metric: 'kedge_checks_total',
      labels: { unit_type: check.unitType, result: check.result, reason: check.reasons[0] ?? '' },
      by: 1,
    });
    await request.verifier?.after(transaction);
    if (result.status === 'looked' && result.coverage.complete && request.resources === undefined)
      await saveSnapshots(context, transaction, request.unit, result);
    return { check, findings: all, evaluations: result.status === 'looked' ? result.evaluations : [] };
  });
}

async function saveSnapshots(
  context: EngineContext,
  transaction: StoreTransaction,
  unit: Unit,
  result: Look,
): Promise<void> {
  const normalizerVersion = context.adapterOf(unit.type)?.adapter.normalizerVersion ?? 1;
  const change = nextSnapshots({
    observation: result.observation,
    comparison: result.comparison,
    previous: result.snapshots,
    normalizerVersion,
    at: result.observation.at,
  });
  await transaction.saveSnapshots(unit.name, change.save);
  await transaction.deleteSnapshots(unit.name, change.forget);
}
