import type { Difference } from '../../model/difference.ts';
import type { JudgedDifference } from '../../model/evaluation.ts';
import { every, some, type Tristate } from '../../model/tristate.ts';
import { compileCondition } from '../condition.ts';
import type { Match } from '../documents/match.ts';
import { conditionFacts, subjectOf, type GroupContext } from '../group-context.ts';
import { matches } from '../matcher.ts';

/** Whom a document speaks of. */
interface Selector {
  readonly match?: Match | undefined;
  readonly when?: string | undefined;
}

/** Whether it speaks of a finding, and the first part that did not hold. */
export interface Concern {
  readonly answer: Tristate;
  readonly failed: string;
}

/**
 * Whether a document with `match` and `when` speaks of a finding. A permission must fit every difference, a restriction any one;
 * what nobody knows stays unknown, and the kind of the document says what that means.
 */
export function concerns(
  { match, when }: Selector,
  context: GroupContext,
  visible: readonly (Difference | JudgedDifference)[],
  reading: 'permissive' | 'restrictive',
): Concern {
  const matched = match === undefined ? undefined : matches(match, subjectOf(context, visible), reading);
  const answer = matched?.answer ?? 'true';
  if (answer === 'false') return { answer, failed: `match.${matched?.failed ?? 'all'}` };
  if (when === undefined) return { answer, failed: `match.${matched?.failed ?? 'all'}` };
  const compiled = compileCondition(when);
  if (compiled.status !== 'compiled') return { answer: 'unknown', failed: 'when' };
  const answers = visible.map((each) =>
    compiled.condition.evaluate(conditionFacts(context, 'difference' in each ? each.difference : each)),
  );
  const condition = reading === 'restrictive' ? some(answers) : every(answers);
  return {
    answer: every([answer, condition]),
    failed: condition === 'true' ? `match.${matched?.failed ?? 'all'}` : 'when',
  };
}
