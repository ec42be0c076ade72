import type { JsonValue } from '../../model/json.ts';

/** How far a question can be answered. */
export const ANSWER_STATUSES = ['ANSWERED', 'UNKNOWN', 'NOT_APPLICABLE', 'PENDING'] as const;
export type AnswerStatus = (typeof ANSWER_STATUSES)[number];

/** One of the ten questions, answered from entries alone. The value is never left out: where nothing is known it is the word for that. */
export interface Answer {
  readonly number: number;
  readonly question: string;
  readonly status: AnswerStatus;
  /** For people, one line. */
  readonly text: string;
  readonly value: JsonValue;
  readonly reason?: string;
}

/** An answer without its number and question. */
export type AnswerBody = Pick<Answer, 'status' | 'text' | 'value' | 'reason'>;

/** The questions in their order. */
export const QUESTIONS = [
  'What resource drifted?',
  'What was the desired state?',
  'What was the observed actual state?',
  'When was drift detected?',
  'How long did it exist?',
  'Who/what caused it, if known?',
  'Which policy classified it?',
  'Who approved remediation?',
  'What action was taken?',
  'What verified closure?',
] as const;
