import type { Difference } from '../model/difference.ts';
import type { AuditCorrelation } from '../model/finding.ts';
import type { FieldOwner } from '../model/vocabulary.ts';
import { every, not, some, type Tristate } from '../model/tristate.ts';

/** One difference as the class pack sees it. */
export interface ClassSubject {
  readonly difference: Difference;
  readonly fieldOwner: FieldOwner;
  readonly controllerOwned: boolean;
  readonly ownershipConflict: boolean;
  readonly correlation: AuditCorrelation;
  /** Corrections of this identity that did not converge in the last 24 hours. */
  readonly notConverged: number;
  readonly breakerOpen: boolean;
  fact(name: string): Tristate;
  /** Whether a team's own rule speaks of the difference, by the rule's name. */
  document(name: string): Tristate;
}

/** One condition of a class rule, with the words a person reads in the trace. */
export interface ClassCondition {
  readonly words: string;
  holds(subject: ClassSubject): Tristate;
}

function known(value: boolean): Tristate {
  return value ? 'true' : 'false';
}

/** One of these hints is set. */
export function hint(...names: readonly string[]): ClassCondition {
  return {
    words: `hint ${names.join(' or ')}`,
    holds: ({ difference }) => known(names.some((name) => difference.hints.includes(name))),
  };
}

/** A team's own rule speaks of it. */
export function document(name: string): ClassCondition {
  return { words: `the match and condition of ${name}`, holds: (subject) => subject.document(name) };
}

/** The relation is one of these. */
export function relation(...names: readonly Difference['relation'][]): ClassCondition {
  return {
    words: `relation ${names.join(' or ')}`,
    holds: ({ difference }) => known(names.includes(difference.relation)),
  };
}

/** The difference stands on this path root. */
export function pathRoot(root: string): ClassCondition {
  return { words: `path ${root}`, holds: ({ difference }) => known(difference.pathRoot === root) };
}

/** The writer is of one of these types. An answer that may still come is unknown. */
export function actorType(...types: readonly string[]): ClassCondition {
  return {
    words: `the writer is ${types.join(' or ')}`,
    holds: ({ correlation }) =>
      correlation.confidence === 'pending' ? 'unknown' : known(types.includes(correlation.actorType ?? '')),
  };
}

/** The writer is known at least this surely. An answer that may still come is unknown. */
export function confidence(...levels: readonly AuditCorrelation['confidence'][]): ClassCondition {
  return {
    words: `the writer is ${levels.join(' or ')}`,
    holds: ({ correlation }) =>
      correlation.confidence === 'pending' ? 'unknown' : known(levels.includes(correlation.confidence)),
  };
}

/** A context fact is true. */
export function fact(name: string): ClassCondition {
  return { words: name, holds: (subject) => subject.fact(name) };
}

/** A property of the subject itself. */
export function property(words: string, read: (subject: ClassSubject) => boolean): ClassCondition {
  return { words, holds: (subject) => known(read(subject)) };
}

/** All of these. */
export function all(...conditions: readonly ClassCondition[]): ClassCondition {
  return {
    words: conditions.map((each) => each.words).join(', '),
    holds: (subject) => every(conditions.map((each) => each.holds(subject))),
  };
}

/** Any of these. */
export function any(...conditions: readonly ClassCondition[]): ClassCondition {
  return {
    words: conditions.map((each) => each.words).join(', or '),
    holds: (subject) => some(conditions.map((each) => each.holds(subject))),
  };
}

/** Not this. */
export function no(condition: ClassCondition): ClassCondition {
  return { words: `not ${condition.words}`, holds: (subject) => not(condition.holds(subject)) };
}
