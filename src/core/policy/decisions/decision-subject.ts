import type { JudgedDifference } from '../../model/evaluation.ts';
import type { OperatorSwitch } from '../../model/observation.ts';
import type { Unit } from '../../model/unit.ts';
import type { Action, Approval } from '../../model/vocabulary.ts';
import type { Tristate } from '../../model/tristate.ts';

/** A finding as decision rows see it. */
export interface DecisionSubject {
  readonly unit: Unit;
  readonly leading: JudgedDifference;
  /** Every difference that nothing hides; the leading one alone when all are hidden. */
  readonly visible: readonly JudgedDifference[];
  readonly operatorSwitch: OperatorSwitch | undefined;
  /** A person requested the action: the row's class limits do not apply, the key rule does. */
  readonly fact: (name: string) => Tristate;
  /** Rows of a team's own documents in their order, each with whether it speaks of the finding. */
  readonly ownRows: readonly OwnRow[];
}

/** A row of a team's own document. */
export interface OwnRow {
  /** `policy/row`. */
  readonly name: string;
  readonly action: Action;
  readonly approval: Approval;
  readonly answer: Tristate;
  /** The first part that did not hold. */
  readonly failed: string;
}

/** Whether any visible difference carries one of these hints. */
export function hasHint(subject: DecisionSubject, ...hints: readonly string[]): boolean {
  return subject.visible.some(({ difference }) => hints.some((hint) => difference.hints.includes(hint)));
}

/** Whether the finding is of something that is gone. */
export function isMissing(subject: DecisionSubject): boolean {
  return subject.leading.difference.relation === 'MISSING';
}

/** Whether what is gone had been there as far as Kedge knows. */
export function recordedKnewIt(subject: DecisionSubject): boolean {
  return subject.leading.difference.recorded.status === 'present';
}

/** Whether a switch of the operators asks for this resource to be put back. */
export function underSwitch(subject: DecisionSubject): boolean {
  return subject.operatorSwitch?.heals === true;
}

/** Whether the finding is about values of something that is there, not about whole resources. */
export function isValueDrift(subject: DecisionSubject): boolean {
  return !['MISSING', 'UNMANAGED', 'ORPHANED', 'FOREIGN'].includes(subject.leading.difference.relation);
}
