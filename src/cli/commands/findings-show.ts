import { counted } from '../../core/model/counted.ts';
import { openFinding } from '../open-finding.ts';
import type { Invocation } from '../invocation.ts';
import { inert } from '../render/inert-text.ts';
import { planeText } from '../render/plane-text.ts';
import { riskText } from '../render/table.ts';
import { printStructured } from '../structured.ts';

/** Shows one finding: its planes path by path, what was decided, and what happened so far. */
export async function run(invocation: Invocation): Promise<number> {
  const { kedge, record } = await openFinding(invocation);
  const { finding } = record;
  const entries = await kedge.store.entries.listEntries({ kind: 'FINDING', id: finding.findingId });
  if (printStructured(invocation, { ...finding, timeline: entries.map(({ id, type, at }) => ({ id, type, at })) }))
    return 0;
  const { console } = invocation;
  const actor = finding.auditCorrelation.actor ?? `nobody named: ${finding.auditCorrelation.confidence}`;
  console.result(
    [
      `${riskText(finding.risk, console)} ${finding.findingId}  ${finding.state}`,
      `  ${inert(finding.resourceRef)} of ${inert(finding.unit)} (${inert(finding.environment)}${finding.environmentAssumed === true ? ', assumed' : ''}), owner ${inert(finding.owner)}`,
      `  ${finding.driftClass} by rule ${finding.classification.rule}; cause ${finding.cause}; ${finding.taxonomy}; actor ${inert(actor)}`,
      `  first seen ${finding.firstSeenAt}, last seen ${finding.lastSeenAt}, ${counted(finding.occurrences, 'occurrence')}; onset ${finding.onset.basis}`,
      '',
      ...finding.differences.flatMap((each) => [
        `  ${inert(each.path)}  ${each.relation}, ${each.effect}, owned by ${each.fieldOwner}${each.hiddenBy === undefined ? '' : `, hidden by ${inert(each.hiddenBy.name)}`}`,
        ...(['desired', 'recorded', 'actual'] as const).map(
          (plane) => `    ${plane.padEnd(8)} ${planeText(each, plane)}`,
        ),
      ]),
      '',
      `  decision: ${finding.decision.action} by ${finding.decision.rule}, approval ${finding.decision.approval}`,
      ...finding.decision.reasons.map((reason) => `    ${reason.code}  ${inert(reason.because)}`),
      '',
      ...entries.map((entry) => `  ${entry.at}  ${entry.type}`),
      `  evidence: ${finding.evidenceUri}`,
    ].join('\n'),
  );
  return 0;
}
