import type { Check } from '../../core/model/check.ts';
import type { Diagnostic } from '../../core/model/diagnostic.ts';
import type { Finding } from '../../core/model/finding.ts';
import type { Unchecked } from '../../core/model/observation.ts';
import type { CheckReason, CheckResult, FindingState, Risk } from '../../core/model/vocabulary.ts';
import { RISKS } from '../../core/model/vocabulary.ts';

/** The result of one unit in a report: the platform document's drift result, and what stands beside it. */
export interface UnitResult {
  readonly stack: string;
  readonly result: CheckResult;
  readonly severity: string;
  readonly owner: string;
  readonly resourceChanges: number;
  readonly destructiveChanges: number;
  readonly identityChanges: number;
  readonly actorCorrelation: string;
  readonly recommendedAction: string;
  readonly evidenceUri: string;
  readonly unit: string;
  readonly partial: boolean;
  readonly reasons: readonly CheckReason[];
  readonly detail: string;
  readonly coverage: { readonly complete: boolean; readonly unchecked: readonly Unchecked[] };
  readonly causes: readonly string[];
  readonly pendingConvergence: number;
  readonly resourcesCompared: number;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  readonly asOf: string;
  readonly freshness: 'fresh' | 'stale';
  readonly durationMs: number;
  /** File and line of the unit's document, for code scanning. */
  readonly declaredAt?: { readonly file: string; readonly line: number };
}

/** A finding in a report: the public contract, and whether the baseline knows it. */
export interface ReportedFinding {
  readonly finding: Finding;
  readonly knownUntil?: string;
  readonly declaredAt?: { readonly file: string; readonly line: number };
}

/** Everything `kedge check` found, once, for every format. */
export interface CheckReport {
  readonly kedgeVersion: string;
  readonly mode: 'check';
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly exitCode: number;
  readonly results: readonly UnitResult[];
  readonly findings: readonly ReportedFinding[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Counts of a report, each with what it counts. */
export interface ReportSummary {
  readonly units: number;
  readonly inSync: number;
  readonly drifted: number;
  readonly unknown: number;
  readonly findingsByRisk: Readonly<Record<Risk, number>>;
  readonly findingsByState: Readonly<Partial<Record<FindingState, number>>>;
  readonly suppressed: number;
  readonly accepted: number;
  readonly known: number;
  /** Instant of the oldest look among the results. */
  readonly oldestAt: string | undefined;
}

/** A unit's check as a report shows it. */
export function toUnitResult(
  check: Check,
  findings: readonly Finding[],
  more: { readonly fresh: boolean; readonly declaredAt: { readonly file: string; readonly line: number } | undefined },
): UnitResult {
  return {
    ...check.driftResult,
    unit: check.unit,
    partial: check.partial,
    reasons: check.reasons,
    detail: check.detail,
    coverage: check.coverage,
    causes: [...new Set(findings.map((finding) => finding.cause))].sort(),
    pendingConvergence: check.pendingConvergence,
    resourcesCompared: check.resourcesCompared,
    warnings: check.warnings,
    asOf: check.finishedAt,
    freshness: more.fresh ? 'fresh' : 'stale',
    durationMs: Math.max(0, Date.parse(check.finishedAt) - Date.parse(check.startedAt)),
    ...(more.declaredAt === undefined ? {} : { declaredAt: more.declaredAt }),
  };
}

/** Units by name, findings by unit, risk (highest first), resource and path. */
export function sortReport(report: CheckReport): CheckReport {
  const text = ({ finding }: ReportedFinding): string =>
    `${finding.unit}\0${RISKS.length - RISKS.indexOf(finding.risk)}\0${finding.resourceRef}\0${finding.pathRoot}\0${finding.category}\0${finding.identity}`;
  return {
    ...report,
    results: [...report.results].sort((left, right) => (left.unit < right.unit ? -1 : 1)),
    findings: [...report.findings].sort((left, right) => (text(left) < text(right) ? -1 : 1)),
  };
}

/** The counts of a report. */
export function summarise(report: CheckReport): ReportSummary {
  const of = (result: CheckResult): number => report.results.filter((each) => each.result === result).length;
  const byRisk = Object.fromEntries(
    RISKS.map((risk) => [risk, report.findings.filter(({ finding }) => finding.risk === risk).length]),
  ) as Record<Risk, number>;
  const byState: Partial<Record<FindingState, number>> = {};
  for (const { finding } of report.findings) byState[finding.state] = (byState[finding.state] ?? 0) + 1;
  return {
    units: report.results.length,
    inSync: of('IN_SYNC'),
    drifted: of('DRIFT_DETECTED'),
    unknown: of('UNKNOWN'),
    findingsByRisk: byRisk,
    findingsByState: byState,
    suppressed: byState.SUPPRESSED ?? 0,
    accepted: byState.ACCEPTED ?? 0,
    known: report.findings.filter((each) => each.knownUntil !== undefined).length,
    oldestAt: report.results.map((each) => each.asOf).sort()[0],
  };
}
