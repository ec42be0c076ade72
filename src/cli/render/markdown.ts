import { inertMarkdown } from './inert-text.ts';
import { planeText } from './plane-text.ts';
import { summarise, type CheckReport, type ReportedFinding } from './report.ts';

const LONGEST = 60_000;
/** By this a comment of an earlier run is found again and updated. */
const MARKER = '<!-- kedge:check -->';

function details({ finding, knownUntil }: ReportedFinding): string {
  const rows = finding.differences
    .slice(0, 50)
    .map(
      (each) =>
        `| ${inertMarkdown(each.path)} | ${(['desired', 'recorded', 'actual'] as const).map((plane) => inertMarkdown(planeText(each, plane))).join(' | ')} |`,
    );
  return [
    `<details><summary>${finding.risk} ${inertMarkdown(finding.unit)} ${inertMarkdown(finding.resourceRef)} ${finding.driftClass}${knownUntil === undefined ? '' : ` (known until ${inertMarkdown(knownUntil)})`}</summary>`,
    '',
    '| path | desired | recorded | actual |',
    '|---|---|---|---|',
    ...rows,
    '',
    `${finding.decision.action}, approval ${finding.decision.approval}; owner ${inertMarkdown(finding.owner)}; ${inertMarkdown(finding.findingId)}, ${finding.state} since ${inertMarkdown(finding.firstSeenAt)}`,
    '',
    '</details>',
  ].join('\n');
}

/** A report as Markdown for a summary or a comment, never longer than such places take. */
export function renderMarkdown(report: CheckReport): string {
  const summary = summarise(report);
  const verdict =
    summary.units === 0
      ? '**0 units compared**'
      : `**${summary.units} units: ${summary.inSync} in sync, ${summary.drifted} drifted, ${summary.unknown} unknown**`;
  const rows = report.results.map(
    (each) =>
      `| ${inertMarkdown(each.unit)} | ${each.result}${each.partial ? ' (partial)' : ''} | ${each.severity} | ${inertMarkdown(each.owner)} | ${inertMarkdown(each.coverage.unchecked.map((part) => `${part.what}: ${part.reason}`).join('; ') || each.detail)} |`,
  );
  const head = [
    MARKER,
    '## Drift',
    '',
    verdict,
    '',
    '| unit | result | severity | owner | not seen |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
  let text = head;
  let left = report.findings.length;
  for (const finding of report.findings) {
    const next = details(finding);
    if (text.length + next.length > LONGEST - 200) break;
    text += `\n${next}\n`;
    left -= 1;
  }
  return left === 0 ? `${text}\n` : `${text}\nand ${left} more findings: see the JSON report\n`;
}
