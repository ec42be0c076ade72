import { counted } from '../../core/model/counted.ts';
import type { Finding } from '../../core/model/finding.ts';
import type { Risk } from '../../core/model/vocabulary.ts';
import type { Console } from '../console.ts';
import { inert } from './inert-text.ts';
import { planesLine } from './plane-text.ts';
import { summarise, type CheckReport, type ReportedFinding, type UnitResult } from './report.ts';

const SYMBOLS: Readonly<Record<Risk, readonly [string, string]>> = {
  CRITICAL: ['⬢', '#'],
  HIGH: ['▲', '^'],
  MEDIUM: ['◆', '*'],
  LOW: ['●', 'o'],
  INFO: ['○', '.'],
};
const STYLES: Readonly<Record<Risk, Parameters<Console['paint']>[0]>> = {
  CRITICAL: 'magenta',
  HIGH: 'red',
  MEDIUM: 'yellow',
  LOW: 'cyan',
  INFO: 'dim',
};
const DIFFERENCES_SHOWN = 8;

/** Word and symbol of a risk; the word always stands. */
export function riskText(risk: Risk, console: Console): string {
  return console.paint(STYLES[risk], `${SYMBOLS[risk][console.unicode ? 0 : 1]} ${risk}`);
}

/** A time as people read it. */
export function timeText(instant: string, console: Console): string {
  if (console.options.utc || !console.isTerminal) return instant.replace('T', ' ');
  return new Date(instant).toLocaleString();
}

function actorText(finding: Finding): string {
  const { actor, confidence } = finding.auditCorrelation;
  return actor === undefined ? `actor ${confidence}` : `${confidence}: ${inert(actor)}`;
}

/** A finding this look did not see still stands, and says when it was seen. */
function findingLines({ finding, knownUntil }: ReportedFinding, lookedAt: string, console: Console): readonly string[] {
  const arrow = console.unicode ? '→' : '->';
  const shown = finding.differences.slice(0, DIFFERENCES_SHOWN);
  const known = knownUntil === undefined ? '' : `  known until ${knownUntil}`;
  const old = finding.lastSeenAt < lookedAt ? `  not seen now, last ${timeText(finding.lastSeenAt, console)}` : '';
  const set = finding.state === 'SUPPRESSED' || finding.state === 'ACCEPTED' ? `  ${finding.state}` : '';
  return [
    `${riskText(finding.risk, console)} ${inert(finding.unit)}  ${inert(finding.resourceRef)}  ${finding.driftClass}  ${actorText(finding)}${set}${known}${old}`,
    ...shown.map(
      (difference) =>
        `           ${inert(difference.path)}  ${planesLine(difference)}${difference.hiddenBy === undefined ? '' : `  hidden by ${inert(difference.hiddenBy.name)}`}`,
    ),
    ...(finding.differences.length > shown.length
      ? [`           and ${finding.differences.length - shown.length} more paths`]
      : []),
    `           ${arrow} ${finding.decision.action}${finding.decision.approval === 'none' ? '' : `, ${finding.decision.approval}`}  ${console.paint('dim', `${finding.findingId}  ${finding.state}  since ${timeText(finding.firstSeenAt, console)}`)}`,
  ];
}

function unknownLines(result: UnitResult, console: Console): readonly string[] {
  const arrow = console.unicode ? '→' : '->';
  const { unchecked } = result.coverage;
  const alone = result.result === 'UNKNOWN' && unchecked.length < 2;
  const parts = unchecked
    .slice(0, alone ? 0 : 5)
    .map(
      (each) =>
        `           not seen: ${inert(each.what)}: ${each.reason}${each.detail === undefined ? '' : `, ${inert(each.detail)}`}`,
    );
  const head =
    result.result === 'UNKNOWN'
      ? [
          `${console.paint('yellow', '? UNKNOWN')}  ${inert(result.unit)}  ${result.reasons.join(', ')}${alone ? `: ${inert(result.detail)}` : ''}  ${arrow} kedge units doctor ${inert(result.unit)}`,
        ]
      : [`${console.paint('yellow', '? PARTIAL')}  ${inert(result.unit)}  ${result.reasons.join(', ')}`];
  return [...head, ...parts];
}

function cleanLine(result: UnitResult, console: Console): string {
  const tick = console.unicode ? '✓' : 'ok';
  const pending = result.pendingConvergence === 0 ? '' : `, ${result.pendingConvergence} on their way`;
  return `${console.paint('green', `${tick} IN SYNC`)}  ${inert(result.unit)}  ${result.resourcesCompared} resources compared${pending}`;
}

/** A report as people read it: verdict with its denominator and time first, then units, then findings. */
export function renderTable(report: CheckReport, console: Console): string {
  const summary = summarise(report);
  const known = summary.known === 0 ? '' : ` · ${summary.known} known`;
  const head =
    summary.units === 0
      ? '0 units compared'
      : `${counted(summary.units, 'unit')} · ${summary.inSync} in sync · ${summary.drifted} drifted · ${summary.unknown} unknown${known} · as of ${timeText(report.finishedAt, console)}`;
  const lines = [console.paint('bold', head)];
  for (const result of report.results) {
    const findings = report.findings.filter(({ finding }) => finding.unit === result.unit);
    if (result.result === 'IN_SYNC') lines.push(cleanLine(result, console));
    for (const finding of findings) lines.push(...findingLines(finding, report.startedAt, console));
    if (!result.coverage.complete) lines.push(...unknownLines(result, console));
    for (const warning of result.warnings)
      lines.push(`${console.paint('yellow', `! ${warning.code}`)}  ${inert(result.unit)}  ${inert(warning.message)}`);
  }
  return lines.join('\n');
}
