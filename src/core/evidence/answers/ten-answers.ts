import type { Statement } from '../statement.ts';
import { answerAction, answerApproval, answerClosure } from './action-answers.ts';
import { QUESTIONS, type Answer, type AnswerBody } from './answer.ts';
import {
  answerActor,
  answerActual,
  answerDesired,
  answerDetected,
  answerDuration,
  answerPolicy,
  answerResource,
} from './drift-answers.ts';
import { viewEntries, type EntryView } from './entry-view.ts';

const ANSWERS: readonly ((view: EntryView) => AnswerBody)[] = [
  answerResource,
  answerDesired,
  answerActual,
  answerDetected,
  answerDuration,
  answerActor,
  answerPolicy,
  answerApproval,
  answerAction,
  answerClosure,
];

/** All ten questions about a finding, answered from its entries alone, in order of the log. None is left out. */
export function tenAnswers(findingId: string, statements: readonly Statement[]): readonly Answer[] {
  const view = viewEntries(findingId, statements);
  return QUESTIONS.map((question, at) => {
    const answer = ANSWERS[at]?.(view) ?? { status: 'UNKNOWN', text: 'not asked', value: 'unknown' };
    return { number: at + 1, question, ...answer };
  });
}
