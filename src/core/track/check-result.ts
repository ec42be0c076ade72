import type { Check, DriftResult } from '../model/check.ts';
import type { Finding } from '../model/finding.ts';
import type { Coverage, Unchecked } from '../model/observation.ts';
import type { Unit } from '../model/unit.ts';
import { RISKS, type CheckReason, type CheckResult, type Risk } from '../model/vocabulary.ts';
import { counts } from './counts.ts';

/** Result, partial and reasons of a look, by the one rule. */
export type CheckVerdict = Pick<Check, 'result' | 'partial' | 'reasons' | 'coverage'>;

function reasonsOf(unchecked: readonly Unchecked[]): readonly CheckReason[] {
  return [...new Set(unchecked.map((each) => each.reason))];
}

/** A look that compared nothing: it does not know. */
export function unknownVerdict(unchecked: readonly Unchecked[]): CheckVerdict {
  return { result: 'UNKNOWN', partial: false, reasons: reasonsOf(unchecked), coverage: { complete: false, unchecked } };
}

/** A look that compared something: drifted if and only if a finding counts; UNKNOWN where it saw only part and would have said in sync. */
export function checkVerdict(findings: readonly Finding[], coverage: Coverage, compared: number): CheckVerdict {
  if (compared === 0 && !coverage.complete) return unknownVerdict(coverage.unchecked);
  const drifted = findings.some(counts);
  const reasons = coverage.complete ? [] : [...new Set<CheckReason>(['PARTIAL', ...reasonsOf(coverage.unchecked)])];
  const clean: CheckResult = coverage.complete ? 'IN_SYNC' : 'UNKNOWN';
  return { result: drifted ? 'DRIFT_DETECTED' : clean, partial: !coverage.complete, reasons, coverage };
}

function riskiest(findings: readonly Finding[]): Finding | undefined {
  return [...findings].sort(
    (left, right) =>
      RISKS.indexOf(right.risk) - RISKS.indexOf(left.risk) || (left.resourceRef < right.resourceRef ? -1 : 1),
  )[0];
}

function correlationWords(finding: Finding | undefined): string {
  if (finding === undefined) return 'not-found';
  const { confidence, source, actorType } = finding.auditCorrelation;
  if (['confirmed', 'probable', 'possible'].includes(confidence))
    return `${source ?? 'unknown'}:found-${actorType ?? 'unknown'}-change`;
  return confidence === 'none' ? 'not-found' : confidence;
}

/** The platform document's drift result of one check. */
export function driftResult(
  unit: Unit,
  verdict: CheckVerdict,
  findings: readonly Finding[],
  evidenceUri: string,
): DriftResult {
  const counting = findings.filter(counts);
  const top = riskiest(counting);
  const severity: Risk | 'NONE' = top?.risk ?? 'NONE';
  return {
    stack: typeof unit.source['path'] === 'string' ? unit.source['path'] : unit.name,
    result: verdict.result,
    severity,
    owner: unit.owner,
    resourceChanges: new Set(counting.map((finding) => finding.resourceRef)).size,
    destructiveChanges: counting.filter((finding) => finding.differences.some((each) => each.destructive)).length,
    identityChanges: counting.filter((finding) => finding.category === 'identity' || finding.category === 'privilege')
      .length,
    actorCorrelation: verdict.result === 'UNKNOWN' && top === undefined ? 'not-covered' : correlationWords(top),
    recommendedAction: top?.recommendedAction ?? 'NONE',
    evidenceUri,
  };
}
