import { nextSnapshots } from '../../core/compare/snapshot.ts';
import type { Evaluation } from '../../core/model/evaluation.ts';
import type { FindingRecord } from '../../core/model/finding-record.ts';
import type { AuditCorrelation } from '../../core/model/finding.ts';
import { epochMilliseconds, toInstant, type Instant } from '../../core/model/instant.ts';
import type { Unit } from '../../core/model/unit.ts';
import { CONFIDENCES } from '../../core/model/vocabulary.ts';
import { checkVerdict, unknownVerdict } from '../../core/track/check-result.ts';
import { track, type TrackedChange } from '../../core/track/track.ts';
import type { StoreTransaction } from '../../ports/store.ts';
import type { EngineContext } from '../context.ts';
import { newId } from '../entry.ts';
import type { FailedLook, Look } from '../look.ts';
import { appendCheckEntry, buildCheck } from './check-record.ts';
import { recordChange, type SeenBy } from './finding-change.ts';
import type { RecordedCheck, RecordRequest, SeenAgain } from './record-request.ts';
import { unitRecord } from './unit-record.ts';

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

function trackLook(
  context: EngineContext,
  request: RecordRequest,
  result: Look,
  previous: readonly FindingRecord[],
): readonly TrackedChange[] {
  const { settings } = request.set.policy;
  const { adapter, unitType } = context.adapterOf(request.unit.type) ?? {};
  return track({
    unit: request.unit,
    block: unitType?.block ?? request.unit.type,
    now: result.input.now,
    scope: request.resources === undefined ? { kind: 'full' } : { kind: 'targeted', resources: request.resources },
    coverage: result.coverage,
    comparison: result.comparison,
    declared: new Set(
      result.observation.resources
        .filter((each) => each.planes.desired.status === 'present')
        .map((each) => each.resource),
    ),
    pending: result.split.identities,
    evaluations: scoped(request, result.evaluations),
    isJudged: (finding) => adapter?.judges?.(request.unit, finding) ?? true,
    correlationOf: (evaluation) => correlationOf(result, evaluation),
    previous,
    lastCleanAt: request.record?.lastGoodAt,
    flapWindow: settings.flapWindow,
    verifyWithin: settings.verifyWithin,
  });
}

/** A targeted look opens and updates only in its scope. */
function scoped(request: RecordRequest, evaluations: readonly Evaluation[]): readonly Evaluation[] {
  const { resources } = request;
  return resources === undefined
    ? evaluations
    : evaluations.filter((evaluation) => resources.includes(evaluation.resource));
}

/** The findings a look is tracked over, as they stand now and locked: what people decided while it looked is among them. */
async function lockPrevious(
  transaction: StoreTransaction,
  request: RecordRequest,
  now: Instant,
): Promise<readonly FindingRecord[]> {
  const closedSince = toInstant(epochMilliseconds(now) - request.set.policy.settings.flapWindow);
  return await transaction.lockFindings(request.unit.name, closedSince);
}

function seenAgain(checkId: string, result: Look | FailedLook, changes: readonly TrackedChange[]): SeenAgain {
  return result.status === 'looked'
    ? { checkId, changes, coverage: result.coverage, resources: result.observation.resources }
    : { checkId, changes, coverage: { complete: false, unchecked: result.reasons }, resources: [] };
}

function seenBy(checkId: string, result: Look | FailedLook): SeenBy {
  return result.status === 'looked'
    ? { checkId, observer: result.observation.identity, revisions: result.observation.revisions }
    : { checkId, observer: result.identity, revisions: {} };
}

/**
 * Writes everything a look led to in one transaction: check, findings, snapshots, entries, messages, counters. Nothing is told to
 * anybody before it stands. Locks are taken in the order unit, findings, actions, approvals.
 */
export async function recordCheck(
  context: EngineContext,
  request: RecordRequest,
  result: Look | FailedLook,
): Promise<RecordedCheck> {
  const checkId = newId(context);
  const entryId = newId(context);
  return await context.store.write(async (transaction) => {
    await transaction.requireLease(request.lease.name, request.lease.token);
    const current = await transaction.lockUnit(request.unit.name);
    const previous = await lockPrevious(transaction, request, context.clock.now());
    const changes = result.status === 'looked' ? trackLook(context, request, result, previous) : [];
    await request.verifier?.before(transaction, seenAgain(checkId, result, changes));
    const seen = seenBy(checkId, result);
    const recorded: FindingRecord[] = [];
    for (const change of changes)
      recorded.push(await recordChange(context, transaction, { change, seen, policy: request.set.policy }));
    const touched = new Set(recorded.map((record) => record.finding.findingId));
    const untouched = previous.filter(({ finding }) => !touched.has(finding.findingId) && finding.state !== 'RESOLVED');
    const all = [...recorded, ...untouched];
    const findings = all.map((record) => record.finding);
    const verdict =
      result.status === 'looked'
        ? checkVerdict(findings, result.coverage, result.comparison.compared.size)
        : unknownVerdict(result.reasons);
    const check = buildCheck(context, request, { checkId, entryId, verdict, findings, result });
    await transaction.saveCheck(check);
    await transaction.saveUnit(unitRecord(context, { request, check, result, current }));
    await appendCheckEntry(context, transaction, { id: entryId, check });
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
