import type { CheckResult, Risk } from '../core/model/vocabulary.ts';
import { riskAtLeast } from '../core/model/vocabulary.ts';
import { counts } from '../core/track/counts.ts';
import type { CheckReport } from './render/report.ts';

/** Whether a finding sets exit code 2 under `--fail-on` and the baseline. What is unclassified always does. */
function fails({ finding, knownUntil }: CheckReport['findings'][number], failOn: Risk): boolean {
  if (!counts(finding) || knownUntil !== undefined) return false;
  return finding.driftClass === 'UNCLASSIFIED' || riskAtLeast(finding.risk, failOn);
}

/**
 * The exit code of `kedge check`: a finding counts 2, else an unknown unit 3, else 0. Unusable input is 1 and decided elsewhere.
 * Findings of a unit that could not be looked at stay open, but this check did not see them: the unit is unknown, not drifted.
 */
export function checkExitCode(report: Pick<CheckReport, 'results' | 'findings'>, failOn: Risk): number {
  const unseen = new Set(report.results.filter((each) => each.result === 'UNKNOWN').map((each) => each.unit));
  if (report.findings.some((each) => !unseen.has(each.finding.unit) && fails(each, failOn))) return 2;
  const unsure = (result: CheckResult, partial: boolean): boolean => result === 'UNKNOWN' || partial;
  return report.results.some((each) => unsure(each.result, each.partial)) ? 3 : 0;
}
