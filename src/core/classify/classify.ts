import type { Cause, DriftClass, Risk } from '../model/vocabulary.ts';
import type { ClassRule } from './class-pack.ts';
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

const NONE: ClassRule = {
  name: 'none',
  priority: 0,
  when: { words: 'no rule matched', holds: () => 'true' },
  driftClass: 'UNCLASSIFIED',
};

/** A rule worth naming to somebody who asks why nothing better matched: the one about who wrote. */
function nearestOf(rules: readonly ClassRule[], subject: ClassSubject, winner: ClassRule): Classification['nearest'] {
  const candidates = rules.filter(
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
export function classify(subject: ClassSubject, rules: readonly ClassRule[]): Classification {
  const waitingFor: string[] = [];
  const matched: ClassRule[] = [];
  let winner: ClassRule | undefined;
  for (const rule of rules) {
    const answer = rule.when.holds(subject);
    if (answer === 'true') {
      matched.push(rule);
      if (rule.driftClass !== undefined) winner ??= rule;
    } else if (answer === 'unknown' && winner === undefined) waitingFor.push(rule.name);
  }
  return describe(subject, rules, { matched, winner: winner ?? NONE, waitingFor });
}

function describe(
  subject: ClassSubject,
  rules: readonly ClassRule[],
  {
    matched,
    winner,
    waitingFor,
  }: { readonly matched: readonly ClassRule[]; readonly winner: ClassRule; readonly waitingFor: readonly string[] },
): Classification {
  return {
    driftClass: winner.driftClass ?? 'UNCLASSIFIED',
    cause: matched.find((rule) => rule.cause !== undefined)?.cause,
    atLeast: matched.find((rule) => rule.atLeast !== undefined)?.atLeast,
    atMost: matched.find((rule) => rule.atMost !== undefined)?.atMost,
    rule: winner.name,
    words: winner.when.words,
    priority: winner.priority,
    nearest: nearestOf(rules, subject, winner),
    waitingFor,
  };
}
