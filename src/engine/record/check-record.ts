import { envelopePath } from '../../core/evidence/evidence-path.ts';
import type { Check } from '../../core/model/check.ts';
import type { Finding } from '../../core/model/finding.ts';
import type { Instant } from '../../core/model/instant.ts';
import type { JsonValue } from '../../core/model/json.ts';
import type { Unit } from '../../core/model/unit.ts';
import type { CheckResult } from '../../core/model/vocabulary.ts';
import { driftResult, type CheckVerdict } from '../../core/track/check-result.ts';
import type { StoreTransaction } from '../../ports/store.ts';
import type { EngineContext } from '../context.ts';
import { makeEntry, type EntryInput } from '../entry.ts';
import type { FailedLook, Look } from '../look.ts';
import type { RecordRequest } from './record-request.ts';

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

/** The record of a check: its verdict, what it counted, and the result in the seed's own form. */
export function buildCheck(
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

/** Why a check does not know, for whoever reads its entry. */
function failureArtifact(check: Check): NonNullable<EntryInput['artifacts']> {
  const { reasons, coverage, observerIdentity, startedAt, finishedAt } = check;
  const said = { phase: 'observe', reasons, unchecked: coverage.unchecked, startedAt, finishedAt };
  const value = JSON.parse(JSON.stringify({ ...said, identity: observerIdentity ?? null })) as JsonValue;
  return [{ role: 'FAILURE', name: 'failure.json', value }];
}

/** A drifted or unknown check is an entry of its own; a clean one waits to be gathered with others. */
export async function appendCheckEntry(
  context: EngineContext,
  transaction: StoreTransaction,
  entry: { readonly id: string; readonly check: Check },
): Promise<void> {
  const { id, check } = entry;
  const type = ENTRY_OF_RESULT[check.result];
  if (type === undefined) return;
  await transaction.appendEntry(
    makeEntry(context, {
      id,
      at: check.finishedAt,
      type,
      unit: check.unit,
      about: { kind: 'UNIT', id: check.unit },
      artifacts: type === 'CHECK_UNKNOWN' ? failureArtifact(check) : [],
      body: {
        checkId: check.checkId,
        result: check.result,
        partial: check.partial,
        reasons: check.reasons,
        coverage: check.coverage,
        resourcesCompared: check.resourcesCompared,
        observerIdentity: check.observerIdentity,
        revisions: check.revisions,
        startedAt: check.startedAt,
        finishedAt: check.finishedAt,
        driftResult: check.driftResult,
      },
    }),
  );
}
