import type { Cause, DriftClass, Risk } from '../model/vocabulary.ts';
import { CLASS_PACK, type ClassRule } from './class-pack.ts';
import type { ClassSubject } from './class-subject.ts';

/** What the class rules say of one difference. */
export interface Classification {
  readonly driftClass: DriftClass;
  readonly cause: Cause | undefined;
  readonly atLeast: Risk | undefined;
  readonly atMost: Risk | undefined;
  readonly rule: string;
  readonly words: string;
  readonly priority: number;
  /** The nearest rule that did not match: the first with a part that failed. */
  readonly nearest: { readonly rule: string; readonly failed: string } | undefined;
  /** Rules above the winner whose condition is unknown, by name. */
  readonly waitingFor: readonly string[];
}

/** The pack in the order of its authority: priority first, then name in code point order. */
const ORDERED: readonly ClassRule[] = [...CLASS_PACK].sort((left, right) => {
  if (left.priority !== right.priority) return right.priority - left.priority;
  return left.name < right.name ? -1 : 1;
});

const NONE: ClassRule = {
  name: 'none',
  priority: 0,
  when: { words: 'no rule matched', holds: () => 'true' },
  driftClass: 'UNCLASSIFIED',
};

/** A rule worth naming to somebody who asks why nothing better matched: the one about who wrote. */
function nearestOf(subject: ClassSubject, winner: ClassRule): Classification['nearest'] {
  const candidates = ORDERED.filter(
    (rule) =>
      rule.name !== winner.name && rule.priority >= winner.priority && rule.priority >= 400 && rule.priority < 500,
  );
  const [nearest] = candidates;
  if (nearest === undefined || winner.priority >= 500) return undefined;
  const writer =
    subject.correlation.confidence === 'not-covered'
      ? 'no audit source covers this unit, so nobody can be named'
      : `the writer is ${subject.correlation.confidence}`;
  return { rule: nearest.name, failed: `needs: ${nearest.when.words}; ${writer}` };
}

/** Class, cause, floor and cap of one difference: each from the first matching rule that names it. */
export function classify(subject: ClassSubject): Classification {
  const waitingFor: string[] = [];
  const matched: ClassRule[] = [];
  for (const rule of ORDERED) {
    const answer = rule.when.holds(subject);
    if (answer === 'true') matched.push(rule);
    else if (answer === 'unknown' && matched.length === 0) waitingFor.push(rule.name);
  }
  const winner = matched[0] ?? NONE;
  return {
    driftClass: winner.driftClass,
    cause: matched.find((rule) => rule.cause !== undefined)?.cause,
    atLeast: matched.find((rule) => rule.atLeast !== undefined)?.atLeast,
    atMost: matched.find((rule) => rule.atMost !== undefined)?.atMost,
    rule: winner.name,
    words: winner.when.words,
    priority: winner.priority,
    nearest: nearestOf(subject, winner),
    waitingFor,
  };
}
