import { describe, expect, it } from 'vitest';
import { FINDING_STATES, isOpenState, type FindingState } from '../model/vocabulary.ts';
import { FINDING_EVENTS, transition, type FindingEvent } from './transitions.ts';

/** The transitions of the life of a finding, and no others. */
const ALLOWED: readonly (readonly [FindingState, FindingEvent, FindingState])[] = [
  ['DETECTED', 'classified', 'CLASSIFIED'],
  ['DETECTED', 'suppressed', 'SUPPRESSED'],
  ['DETECTED', 'content-moved', 'DETECTED'],
  ['CLASSIFIED', 'suppressed', 'SUPPRESSED'],
  ['CLASSIFIED', 'accepted', 'ACCEPTED'],
  ['CLASSIFIED', 'approval-requested', 'AWAITING_APPROVAL'],
  ['CLASSIFIED', 'action-started', 'ACTING'],
  ['CLASSIFIED', 'content-moved', 'CLASSIFIED'],
  ['AWAITING_APPROVAL', 'approval-ended', 'CLASSIFIED'],
  ['AWAITING_APPROVAL', 'content-moved', 'CLASSIFIED'],
  ['AWAITING_APPROVAL', 'action-started', 'ACTING'],
  ['ACTING', 'action-done', 'VERIFYING'],
  ['ACTING', 'action-in-doubt', 'VERIFYING'],
  ['ACTING', 'action-failed', 'ACTION_FAILED'],
  ['VERIFYING', 'not-converged', 'ACTION_FAILED'],
  ['VERIFYING', 'verification-overdue', 'ACTION_FAILED'],
  ['ACTION_FAILED', 'back-off-over', 'CLASSIFIED'],
  ['ACCEPTED', 'acceptance-ended', 'CLASSIFIED'],
  ['ACCEPTED', 'content-moved', 'CLASSIFIED'],
  ['SUPPRESSED', 'shown-again', 'CLASSIFIED'],
  ['RESOLVED', 'returned', 'DETECTED'],
];

describe('the life of a finding', () => {
  it('GOV-48: moves by its transitions alone; every other pair of state and event is refused', () => {
    const key = (state: FindingState, event: FindingEvent): string => `${state} ${event}`;
    const allowed = new Map(ALLOWED.map(([from, event, to]) => [key(from, event), to]));
    for (const state of FINDING_STATES) {
      if (state !== 'RESOLVED' && state !== 'ARCHIVED') {
        allowed.set(key(state, 'clean-look'), 'RESOLVED');
        allowed.set(key(state, 'archived'), 'ARCHIVED');
      }
    }
    for (const state of FINDING_STATES) {
      for (const event of FINDING_EVENTS) {
        const moved = transition(state, event);
        const wanted = allowed.get(key(state, event));
        expect(moved.status === 'moved' ? moved.state : 'refused', key(state, event)).toBe(wanted ?? 'refused');
      }
    }
  });

  it('GOV-48: only a clean look or the end of its declaration closes a finding', () => {
    for (const state of FINDING_STATES.filter(isOpenState)) {
      for (const event of FINDING_EVENTS.filter((each) => each !== 'clean-look' && each !== 'archived')) {
        const moved = transition(state, event);
        expect(
          moved.status === 'moved' && (moved.state === 'RESOLVED' || moved.state === 'ARCHIVED'),
          `${state} ${event}`,
        ).toBe(false);
      }
    }
  });
});
