import { inertCell } from './inert-text.ts';
import { planeText } from './plane-text.ts';
import type { CheckReport } from './report.ts';

const COLUMNS = [
  'unit',
  'result',
  'findingId',
  'resource',
  'path',
  'relation',
  'class',
  'risk',
  'state',
  'owner',
  'action',
  'approval',
  'desired',
  'recorded',
  'actual',
  'firstSeenAt',
  'detail',
];

function row(cells: readonly string[]): string {
  return cells.map(inertCell).join(',');
}

/** A report as CSV: a line for each difference, and one for each unit without findings. */
export function renderCsv(report: CheckReport): string {
  const lines = [COLUMNS.join(',')];
  if (report.results.length === 0)
    lines.push(row(['', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '0 units compared']));
  for (const result of report.results) {
    const findings = report.findings.filter(({ finding }) => finding.unit === result.unit);
    if (findings.length === 0 || !result.coverage.complete) {
      const unchecked = result.coverage.unchecked.map((each) => `${each.what}: ${each.reason}`).join('; ');
      lines.push(
        row([
          result.unit,
          result.result,
          '',
          '',
          '',
          '',
          '',
          '',
          '',
          result.owner,
          '',
          '',
          '',
          '',
          '',
          '',
          unchecked === '' ? result.detail : unchecked,
        ]),
      );
    }
    for (const { finding } of findings) {
      for (const each of finding.differences) {
        lines.push(
          row([
            finding.unit,
            result.result,
            finding.findingId,
            finding.resourceRef,
            each.path,
            each.relation,
            finding.driftClass,
            finding.risk,
            finding.state,
            finding.owner,
            finding.decision.action,
            finding.decision.approval,
            planeText(each, 'desired'),
            planeText(each, 'recorded'),
            planeText(each, 'actual'),
            finding.firstSeenAt,
            '',
          ]),
        );
      }
    }
  }
  return `${lines.join('\n')}\n`;
}
