import { readFindingEntries } from '../../app/evidence.ts';
import type { Answer } from '../../core/evidence/answers/answer.ts';
import { tenAnswers } from '../../core/evidence/answers/ten-answers.ts';
import { textOption, type Invocation } from '../invocation.ts';
import { inert, inertMarkdown } from '../render/inert-text.ts';
import { printStructured } from '../structured.ts';

function answerLines(answer: Answer): readonly string[] {
  const status = answer.status === 'ANSWERED' ? '' : `${answer.status}: `;
  const reason = answer.reason === undefined ? [] : [`     ${inert(answer.reason)}`];
  return [`${String(answer.number).padStart(2)}. ${answer.question}`, `     ${status}${inert(answer.text)}`, ...reason];
}

function answersMarkdown(findingId: string, answers: readonly Answer[]): string {
  const rows = answers.map(
    ({ number, question, status, text, reason }) =>
      `| ${number} | ${question} | ${status} | ${inertMarkdown(text)}${reason === undefined ? '' : ` (${inertMarkdown(reason)})`} |`,
  );
  return [`# Evidence of ${findingId}`, '', '| # | question | status | answer |', '|---|---|---|---|', ...rows].join(
    '\n',
  );
}

/** Answers the ten questions from entries alone; the published ones are read from the evidence store. */
export async function run(invocation: Invocation): Promise<number> {
  const [findingId = ''] = invocation.arguments;
  const kedge = await invocation.open({ keepGoing: true });
  const answers = tenAnswers(findingId, await readFindingEntries(kedge, findingId));
  if (printStructured(invocation, { findingId, answers }, ['markdown'])) return 0;
  if (textOption(invocation, 'output') === 'markdown') invocation.console.result(answersMarkdown(findingId, answers));
  else invocation.console.result(answers.flatMap(answerLines).join('\n'));
  return 0;
}
