import type { ClassSubject } from '../../classify/class-subject.ts';
import { classify, type Classification } from '../../classify/classify.ts';
import { riskOf, type RiskResult } from '../../classify/risk.ts';
import { taxonomyOf } from '../../classify/taxonomy.ts';
import type { Difference } from '../../model/difference.ts';
import type { JudgedDifference } from '../../model/evaluation.ts';
import { epochMilliseconds } from '../../model/instant.ts';
import { RISKS, type Cause } from '../../model/vocabulary.ts';
import { correlationOf, readFact, type GroupContext } from '../group-context.ts';
import { rulesOf } from './classification-rules.ts';
import { concerns } from './concerns.ts';
import { excuse, factFor, isOverdue, type ExceptionOutcome } from './exception.ts';
import { ignoreDifference, type IgnoreOutcome } from './ignore.ts';
import { ownPath, type Ownership } from './ownership.ts';

const DAY = 86_400_000;

/** A difference through steps 2 to 6, with what each step concluded. */
export interface Judgement {
  readonly judged: JudgedDifference;
  readonly ownership: Ownership;
  readonly exception: ExceptionOutcome;
  readonly ignore: IgnoreOutcome;
  readonly classification: Classification;
  readonly risk: RiskResult;
}

/** Corrections of the finding that did not converge in the last 24 hours. */
export function notConvergedRecently(context: GroupContext): number {
  const { now } = context.input;
  const attempts = context.history?.life.attempts ?? [];
  return attempts.filter(
    (each) => each.outcome === 'not-converged' && epochMilliseconds(now) - epochMilliseconds(each.at) <= DAY,
  ).length;
}

function inferCause(
  context: GroupContext,
  difference: Difference,
  classification: Classification,
): { readonly cause: Cause; readonly inferred: boolean } {
  if (classification.cause !== undefined) return { cause: classification.cause, inferred: false };
  if (readFact(context, 'context.upgrade.recent') === 'true') return { cause: 'PROVIDER_UPGRADE', inferred: true };
  if (difference.hints.includes('VARIABLE_CHANGED')) return { cause: 'VARIABLE_CHANGE', inferred: true };
  if (difference.relation === 'DESIRED_NOT_APPLIED') return { cause: 'UNAPPLIED_CODE', inferred: true };
  return { cause: 'UNKNOWN', inferred: true };
}

/** Steps 2 to 6 on one difference. What is hidden is judged all the same. */
export function judge(context: GroupContext, difference: Difference): Judgement {
  const { unit, circumstances } = context.input;
  const ownership = ownPath(context, difference);
  const exception = excuse(context, difference);
  const { classificationRules } = context.input.policy;
  const subject: ClassSubject = {
    difference,
    fieldOwner: ownership.owner,
    controllerOwned: ownership.owner.startsWith('controller:'),
    ownershipConflict: ownership.conflict,
    correlation: correlationOf(context, difference),
    notConverged: notConvergedRecently(context),
    breakerOpen: context.history?.life.breaker.status === 'open',
    fact: (name) => factFor(context, exception, name),
    document: (name) => {
      const rule = classificationRules.find((each) => each.name === name);
      return rule === undefined ? 'false' : concerns(rule.spec, context, [difference], 'permissive').answer;
    },
  };
  const classification = classify(subject, rulesOf(classificationRules));
  const risk = riskOf({
    difference,
    driftClass: classification.driftClass,
    unit,
    ruleFloor: classification.atLeast,
    ruleCap: classification.atMost,
    unhealthy: circumstances.health === 'unhealthy',
    firstLook: circumstances.firstCompleteCheck,
    overdue: isOverdue(exception, context.input.now),
  });
  const ignore = ignoreDifference(context, difference, risk.risk);
  const { cause, inferred } = inferCause(context, difference, classification);
  const hiddenBy = ownership.hiddenBy ?? ignore.hiddenBy;
  const judged: JudgedDifference = {
    difference,
    fieldOwner: ownership.owner,
    driftClass: classification.driftClass,
    cause,
    causeInferred: inferred,
    taxonomy: taxonomyOf(difference, classification.driftClass, ownership.owner),
    risk: risk.risk,
    classRule: classification.rule,
    ...(hiddenBy === undefined ? {} : { hiddenBy }),
    ...(risk.floor === undefined ? {} : { floor: risk.floor }),
  };
  return { judged, ownership, exception, ignore, classification, risk };
}

/** The difference that gives the finding its class, risk and relation: visible, riskiest, then rule priority, then path. */
export function leadingOf(judgements: readonly Judgement[]): Judgement {
  const visible = judgements.filter((each) => each.judged.hiddenBy === undefined);
  const pool = visible.length === 0 ? judgements : visible;
  const sorted = [...pool].sort((left, right) => {
    const byRisk = RISKS.indexOf(right.judged.risk) - RISKS.indexOf(left.judged.risk);
    if (byRisk !== 0) return byRisk;
    const byPriority = right.classification.priority - left.classification.priority;
    if (byPriority !== 0) return byPriority;
    return left.judged.difference.path < right.judged.difference.path ? -1 : 1;
  });
  const [leading] = sorted;
  if (leading === undefined) throw new Error('a finding without a difference cannot be judged');
  return leading;
}
