import { describe, expect, it } from 'vitest';
import {
  aKey,
  buildLog,
  FINDING_ID,
  tellFinding,
  usualStory,
  type TestEntry,
} from '../../../../test/support/evidence-log.ts';
import { QUESTIONS, type Answer } from './answer.ts';
import { tenAnswers } from './ten-answers.ts';

const KEY = aKey();

function answersOf(entries: readonly TestEntry[]): readonly Answer[] {
  return tenAnswers(
    FINDING_ID,
    buildLog(entries, KEY).entries.map((each) => each.statement),
  );
}

const opened = (more: Readonly<Record<string, unknown>> = {}): readonly TestEntry[] => [
  { type: 'FINDING_OPENED', body: tellFinding(more) },
];

describe('the ten questions', () => {
  it('are all answered for a finding from detection to resolution, from its entries alone', () => {
    const answers = answersOf(usualStory({ actor: 'mallory' }));

    expect(answers.map((answer) => answer.question)).toEqual(QUESTIONS);
    expect(answers.map((answer) => answer.status)).toEqual(QUESTIONS.map(() => 'ANSWERED'));
    expect(answers[5]?.text).toContain('mallory');
    expect(answers[7]?.text).toBe('alice, bob');
    expect(answers[8]?.text).toBe('RUNTIME_REVERT: done');
    expect(answers[9]?.text).toContain('CHECK2');
  });

  it('EV-02: each has its own word when there is no desired plane, no audit source and no action', () => {
    const [difference] = (tellFinding()['finding'] as { differences: Record<string, unknown>[] }).differences;
    const undeclared = { ...difference, planes: { desired: 'not-applicable', recorded: 'present', actual: 'present' } };
    const words = ['not-covered', 'none', 'pending'].map((confidence) =>
      answersOf(opened({ differences: [undeclared], auditCorrelation: { confidence } })),
    );

    expect(words.map((answers) => answers[5]?.value)).toEqual(['not-covered', 'none', 'pending']);
    expect(words.map((answers) => answers[5]?.status)).toEqual(['UNKNOWN', 'UNKNOWN', 'PENDING']);
    for (const answers of words) {
      expect(answers).toHaveLength(10);
      expect(answers[1]?.status).toBe('NOT_APPLICABLE');
      expect([answers[7]?.value, answers[8]?.value, answers[9]?.value]).toEqual(['NONE', 'NONE', 'NOT_VERIFIED']);
      expect(answers.every((answer) => answer.text !== '' && answer.value !== '')).toBe(true);
    }
  });

  it('EV-02: a plane that could not be seen is unknown, and says why', () => {
    const [difference] = (tellFinding()['finding'] as { differences: Record<string, unknown>[] }).differences;
    const unseen = { ...difference, planes: { desired: 'present', recorded: 'present', actual: 'unknown' } };

    const actual = answersOf(opened({ differences: [unseen] }))[2];

    expect([actual?.status, actual?.reason]).toEqual(['UNKNOWN', 'the plane was not observed']);
  });

  it('an intent without an end is in doubt and never done', () => {
    const entries = usualStory().filter(
      ({ type }) => !['ACTION_FINISHED', 'VERIFICATION_FINISHED', 'FINDING_RESOLVED'].includes(type),
    );

    const [action, closure] = answersOf(entries).slice(8);

    expect([action?.status, action?.text]).toEqual(['UNKNOWN', 'RUNTIME_REVERT: in doubt']);
    expect(closure?.status).toBe('PENDING');
  });
});
