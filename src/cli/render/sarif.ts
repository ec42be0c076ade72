import { DRIFT_CLASSES, RISKS, type DriftClass, type Risk } from '../../core/model/vocabulary.ts';
import { inert } from './inert-text.ts';
import { planesLine } from './plane-text.ts';
import type { CheckReport, ReportedFinding } from './report.ts';

const MOST_RESULTS = 25_000;

const LEVELS: Readonly<Record<Risk, string>> = {
  CRITICAL: 'error',
  HIGH: 'error',
  MEDIUM: 'warning',
  LOW: 'note',
  INFO: 'note',
};

const MEANINGS: Readonly<Record<DriftClass, string>> = {
  UNAUTHORIZED_RUNTIME_DRIFT: 'A change outside the approved flow',
  EMERGENCY_DRIFT: 'A manual change during an incident',
  CONTROLLER_OWNED_DRIFT: 'A controller changed what it owns',
  PROVIDER_READ_NOISE: 'Equal state read in another form',
  DEPENDENCY_DRIFT: 'An external dependency changed',
  STALE_DESIRED_STATE: 'The declaration no longer describes accepted reality',
  FAILED_RECONCILIATION_DRIFT: 'A loop tried and did not converge',
  POLICY_DRIFT: 'Older than the policy it breaks',
  STATE_DRIFT: 'The record no longer represents what is there',
  SECRET_DELIVERY_DRIFT: 'A secret is not where it was declared',
  UNCLASSIFIED: 'No rule matched: a person must look',
};

function kindOf(driftClass: DriftClass): string {
  if (driftClass === 'UNCLASSIFIED') return 'review';
  return driftClass === 'CONTROLLER_OWNED_DRIFT' ? 'informational' : 'fail';
}

function toResult({ finding, knownUntil, declaredAt }: ReportedFinding): Readonly<Record<string, unknown>> {
  const kind = kindOf(finding.driftClass);
  const aside = finding.state === 'SUPPRESSED' || finding.state === 'ACCEPTED' || knownUntil !== undefined;
  const text = `${finding.risk} ${finding.resourceRef} ${finding.differences
    .slice(0, 10)
    .map((each) => `${each.path} ${planesLine(each)}`)
    .join('; ')} → ${finding.decision.action}`;
  return {
    ruleId: finding.driftClass,
    ruleIndex: DRIFT_CLASSES.indexOf(finding.driftClass),
    kind,
    level: kind === 'fail' ? LEVELS[finding.risk] : 'none',
    message: { text: inert(text) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: encodeURI(declaredAt?.file ?? 'kedge.yaml') },
          region: { startLine: declaredAt?.line ?? 1 },
        },
      },
    ],
    partialFingerprints: { primaryLocationLineHash: finding.identity.slice('sha256:'.length) },
    ...(aside
      ? {
          suppressions: [
            {
              kind: 'external',
              status: 'accepted',
              justification: knownUntil === undefined ? finding.state : `known until ${knownUntil}`,
              ...(knownUntil === undefined ? {} : { properties: { expiresAt: knownUntil } }),
            },
          ],
        }
      : {}),
    properties: {
      findingId: finding.findingId,
      unit: finding.unit,
      risk: finding.risk,
      owner: finding.owner,
      action: finding.decision.action,
    },
  };
}

/** A report as SARIF 2.1.0. Above the limit of code scanning the highest risks stay and the rest is counted. */
export function renderSarif(report: CheckReport): string {
  const byRisk = [...report.findings].sort(
    (left, right) => RISKS.indexOf(right.finding.risk) - RISKS.indexOf(left.finding.risk),
  );
  const kept = byRisk.slice(0, MOST_RESULTS);
  const unseen = report.results.filter((result) => !result.coverage.complete);
  const notes = [
    ...unseen.flatMap((result) => [
      { level: 'error', message: { text: inert(`${result.unit}: ${result.reasons.join(', ')} ${result.detail}`) } },
    ]),
    ...(byRisk.length > kept.length
      ? [
          {
            level: 'warning',
            message: { text: `${byRisk.length - kept.length} findings of the lowest risk are left out` },
          },
        ]
      : []),
    ...(report.results.length === 0 ? [{ level: 'warning', message: { text: '0 units compared' } }] : []),
  ];
  return `${JSON.stringify({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'kedge',
            version: report.kedgeVersion,
            rules: DRIFT_CLASSES.map((id) => ({ id, shortDescription: { text: MEANINGS[id] } })),
          },
        },
        invocations: [
          {
            executionSuccessful: unseen.length === 0 && report.exitCode !== 1,
            startTimeUtc: report.startedAt,
            endTimeUtc: report.finishedAt,
            toolExecutionNotifications: notes,
          },
        ],
        results: kept.map(toResult),
      },
    ],
  })}\n`;
}
