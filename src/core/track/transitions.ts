import type { FindingState } from '../model/vocabulary.ts';

/** Everything that can happen to a finding. */
export const FINDING_EVENTS = [
  'classified',
  'suppressed',
  'shown-again',
  'accepted',
  'acceptance-ended',
  'approval-requested',
  'approval-ended',
  'content-moved',
  'action-started',
  'action-done',
  'action-in-doubt',
  'action-failed',
  'not-converged',
  'verification-overdue',
  'back-off-over',
  'clean-look',
  'returned',
  'archived',
] as const;
export type FindingEvent = (typeof FINDING_EVENTS)[number];

type Row = Readonly<Partial<Record<FindingEvent, FindingState>>>;

const OPEN_ROW: Row = { 'clean-look': 'RESOLVED', archived: 'ARCHIVED' };

/** Where each event leads from each state; an event without an entry is refused. */
const TABLE: Readonly<Record<FindingState, Row>> = {
  DETECTED: { ...OPEN_ROW, classified: 'CLASSIFIED', suppressed: 'SUPPRESSED', 'content-moved': 'DETECTED' },
  CLASSIFIED: {
    ...OPEN_ROW,
    suppressed: 'SUPPRESSED',
    accepted: 'ACCEPTED',
    'approval-requested': 'AWAITING_APPROVAL',
    'action-started': 'ACTING',
    'content-moved': 'CLASSIFIED',
  },
  AWAITING_APPROVAL: {
    ...OPEN_ROW,
    'approval-ended': 'CLASSIFIED',
    'content-moved': 'CLASSIFIED',
    'action-started': 'ACTING',
  },
  ACTING: { ...OPEN_ROW, 'action-done': 'VERIFYING', 'action-in-doubt': 'VERIFYING', 'action-failed': 'ACTION_FAILED' },
  VERIFYING: { ...OPEN_ROW, 'not-converged': 'ACTION_FAILED', 'verification-overdue': 'ACTION_FAILED' },
  ACTION_FAILED: { ...OPEN_ROW, 'back-off-over': 'CLASSIFIED' },
  ACCEPTED: {
    'acceptance-ended': 'CLASSIFIED',
    'content-moved': 'CLASSIFIED',
    'clean-look': 'RESOLVED',
    archived: 'ARCHIVED',
  },
  SUPPRESSED: { 'shown-again': 'CLASSIFIED', 'clean-look': 'RESOLVED', archived: 'ARCHIVED' },
  RESOLVED: { returned: 'DETECTED' },
  ARCHIVED: {},
};

/** What became of an event. */
export type Transition =
  { readonly status: 'moved'; readonly state: FindingState } | { readonly status: 'refused'; readonly because: string };

/** The state after an event, or the refusal of an event that does not belong there. */
export function transition(state: FindingState, event: FindingEvent): Transition {
  const next = TABLE[state][event];
  return next === undefined
    ? { status: 'refused', because: `a finding that is ${state} cannot be ${event}` }
    : { status: 'moved', state: next };
}
