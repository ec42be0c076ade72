import { inertXml } from './inert-text.ts';
import { planesLine } from './plane-text.ts';
import type { CheckReport, ReportedFinding, UnitResult } from './report.ts';

function findingCase({ finding, knownUntil }: ReportedFinding): string {
  const name = inertXml(`${finding.resourceRef} ${finding.pathRoot}`);
  const head = `    <testcase classname="${inertXml(finding.unit)}" name="${name}">`;
  if (finding.state === 'SUPPRESSED' || finding.state === 'ACCEPTED' || knownUntil !== undefined)
    return `${head}<skipped message="${inertXml(knownUntil === undefined ? finding.state : `known until ${knownUntil}`)}"/></testcase>`;
  const body = finding.differences.map((each) => `${each.path} ${planesLine(each)}`).join('\n');
  return `${head}<failure type="${finding.driftClass}" message="${inertXml(`${finding.risk} ${finding.decision.action}`)}">${inertXml(body)}</failure></testcase>`;
}

function unitSuite(result: UnitResult, findings: readonly ReportedFinding[]): string {
  const open = result.coverage.complete
    ? ''
    : `<error type="${inertXml(result.reasons.join(' ') || 'UNKNOWN')}" message="${inertXml(result.coverage.unchecked.map((each) => `${each.what}: ${each.reason}`).join('; ') || result.detail)}"/>`;
  const cases = [
    `    <testcase classname="${inertXml(result.unit)}" name="unit is observed">${open}</testcase>`,
    ...findings.map(findingCase),
  ];
  const failures = cases.filter((text) => text.includes('<failure ')).length;
  const skipped = cases.filter((text) => text.includes('<skipped ')).length;
  return [
    `  <testsuite name="${inertXml(result.unit)}" tests="${cases.length}" failures="${failures}" errors="${open === '' ? 0 : 1}" skipped="${skipped}" time="${(result.durationMs / 1_000).toFixed(3)}">`,
    ...cases,
    '  </testsuite>',
  ].join('\n');
}

/** A report as JUnit XML: drift fails, unknown is an error, and there is never a report without a case. */
export function renderJunit(report: CheckReport): string {
  const suites = report.results.map((result) =>
    unitSuite(
      result,
      report.findings.filter(({ finding }) => finding.unit === result.unit),
    ),
  );
  const empty =
    '  <testsuite name="kedge" tests="1" failures="0" errors="0" skipped="1"><testcase classname="kedge" name="0 units compared"><skipped message="no unit selected"/></testcase></testsuite>';
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites name="kedge">',
    ...(suites.length === 0 ? [empty] : suites),
    '</testsuites>',
    '',
  ].join('\n');
}
