import type { Check } from '../../core/model/check.ts';
import type { FindingRecord } from '../../core/model/finding-record.ts';
import type { Finding } from '../../core/model/finding.ts';
import type { JsonValue } from '../../core/model/json.ts';
import type { PolicySet } from '../../core/policy/policy-set.ts';
import { isOpenState } from '../../core/model/vocabulary.ts';
import { evidenceUriOf } from '../../core/track/to-finding.ts';
import type { TrackedChange } from '../../core/track/track.ts';
import type { StoreTransaction } from '../../ports/store.ts';
import { endRequests } from '../action/void-approval.ts';
import type { EngineContext } from '../context.ts';
import { makeEntry } from '../entry.ts';

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
export interface SeenBy {
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

/** One change of one finding, by one look, under one policy set. */
interface FindingChange {
  readonly change: TrackedChange;
  readonly seen: SeenBy;
  readonly policy: PolicySet;
}

/** Keeps what a look changed of a finding, with its entry and its message; consent to other content ends. */
export async function recordChange(
  context: EngineContext,
  transaction: StoreTransaction,
  { change, seen, policy }: FindingChange,
): Promise<FindingRecord> {
  const record = await numbered(context, transaction, change);
  const { finding } = record;
  await transaction.saveFinding(record);
  const about = { kind: 'FINDING', id: finding.findingId } as const;
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
  if (change.contentMoved)
    await endRequests(context, transaction, finding.findingId, 'the content of the finding moved');
  else if (change.entry !== undefined && !isOpenState(finding.state))
    await endRequests(context, transaction, finding.findingId, `the finding is ${finding.state}`);
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
