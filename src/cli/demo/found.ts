import type { TraceEntry } from '../../core/model/evaluation.ts';
import type { Finding } from '../../core/model/finding.ts';
import { counts } from '../../core/track/counts.ts';
import type { Stage } from './stage.ts';

function hasThreePlanes(finding: Finding): boolean {
  return finding.differences.every(
    (each) =>
      each.planes !== undefined ||
      (each.desired !== undefined && each.recorded !== undefined && each.actual !== undefined),
  );
}

function actorOf({ auditCorrelation }: Finding): string {
  return auditCorrelation.actor ?? `not known (${auditCorrelation.confidence})`;
}

function isExplained(finding: Finding): boolean {
  const { owner, auditCorrelation } = finding;
  return (
    owner !== '' && (auditCorrelation.actor ?? auditCorrelation.confidence) !== '' && classReason(finding) !== undefined
  );
}

/** The rule that gave the class, or what the nearest rule lacked. */
function classReason({ classification }: Finding): string | undefined {
  if (classification.rule !== 'none') return `rule ${classification.rule}`;
  const trace = classification.trace as unknown as readonly TraceEntry[];
  const nearest = trace.find((entry) => entry.nearest !== undefined)?.nearest;
  return nearest === undefined ? undefined : `no rule; ${nearest.rule} lacked: ${nearest.failed}`;
}

/** The check finds exactly these three, each classified and explained. */
export async function found(stage: Stage): Promise<void> {
  stage.claim('the check ends with code 2', (await stage.check()) === 2);
  const records = (await stage.findings()).filter(({ finding }) => counts(finding));
  stage.claim(
    'exactly three findings count',
    records.length === 3,
    records.map(({ finding }) => finding.changedFields),
  );
  for (const { finding } of records) {
    stage.claim(
      `${finding.resourceRef} ${finding.changedFields.join(', ')}: risk ${finding.risk}, owner ${finding.owner}, actor ${actorOf(finding)}, ${finding.driftClass} by ${classReason(finding) ?? 'nothing'}`,
      hasThreePlanes(finding) && isExplained(finding),
      finding,
    );
  }
}
