import type { Finding } from '../../core/model/finding.ts';
import { isOpenState } from '../../core/model/vocabulary.ts';
import type { Unit } from '../../core/model/unit.ts';
import type { OperatorMetrics } from '../../ports/adapter.ts';
import type { SourceDocument } from '../../ports/document-source.ts';
import { readDeclarations, type Declared } from './documents/declarations.ts';

const LABELS = ['resource_type', 'name', 'namespace'] as const;

/** Whether a finding is drift of a declared resource: it counts, and its path has a word in the documents. */
export function isOperatorDrift(finding: Finding): boolean {
  if (!isOpenState(finding.state) || (finding.risk === 'INFO' && finding.driftClass !== 'UNCLASSIFIED')) return false;
  if (finding.relation === 'UNMANAGED') return false;
  return (
    finding.relation === 'MISSING' ||
    finding.differences.some(
      (each) => each.field !== undefined && each.planes?.desired !== 'not-applicable' && each.hiddenBy === undefined,
    )
  );
}

function typeOf(resource: string): string {
  return resource.slice(0, resource.indexOf('/'));
}

/** Declared resources that are judged: those somebody ignores have no series. */
function judged(unit: Unit, documents: readonly SourceDocument[]): readonly Declared<unknown>[] {
  const { instance, databases, users, roles, grants } = readDeclarations(unit, documents);
  const declared: readonly Declared<unknown>[] = [
    ...(instance === undefined ? [] : [instance]),
    ...databases,
    ...users,
    ...roles,
    ...grants,
  ];
  return declared.filter((each) => each.policy.mode !== 'ignore');
}

/** The metrics of the operator whose documents these are, under its names and labels. */
export const DATABASE_METRICS: OperatorMetrics = {
  gauges: [
    { metric: 'dbprovision_drift_detected', help: '1 if drift is detected in the resource, else 0.', labels: LABELS },
  ],
  counters: [
    {
      metric: 'dbprovision_drift_corrections_total',
      help: 'Drift corrections: corrected once verified, else failed.',
      labels: ['resource_type', 'namespace', 'status'],
    },
  ],
  sample(unit, documents, findings) {
    const drifted = new Set(findings.filter(isOperatorDrift).map((finding) => finding.resourceRef));
    return judged(unit, documents).map((each) => ({
      metric: 'dbprovision_drift_detected',
      labels: { resource_type: typeOf(each.resource), name: each.name, namespace: each.namespace ?? '' },
      value: drifted.has(each.resource) ? 1 : 0,
    }));
  },
  series(unit, documents) {
    return judged(unit, documents).flatMap((each) =>
      (['corrected', 'failed'] as const).map((status) => ({
        metric: 'dbprovision_drift_corrections_total',
        labels: { resource_type: typeOf(each.resource), namespace: each.namespace ?? '', status },
      })),
    );
  },
  correction(finding, status) {
    const parts = finding.resourceRef.split('/');
    return {
      metric: 'dbprovision_drift_corrections_total',
      labels: {
        resource_type: typeOf(finding.resourceRef),
        namespace: parts.length > 2 ? (parts[1] ?? '') : '',
        status,
      },
    };
  },
};
