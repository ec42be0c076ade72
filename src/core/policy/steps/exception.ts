import type { Difference } from '../../model/difference.ts';
import type { AuditCorrelation } from '../../model/finding.ts';
import { epochMilliseconds, toInstant, type Instant } from '../../model/instant.ts';
import type { Tristate } from '../../model/tristate.ts';
import { indexPeople, samePerson } from '../approval/people.ts';
import type { ExceptionWindow } from '../documents/exception-window.ts';
import { correlationOf, readFact, type GroupContext } from '../group-context.ts';
import { concerns } from './concerns.ts';

/** How long after its end an emergency has to be in Git, or undone, where its document does not say. */
const RECONCILE_WITHIN = 72 * 3_600_000;

/** What step 4 says of one difference. */
export interface ExceptionOutcome {
  /** The window that excuses it. */
  readonly window: ExceptionWindow | undefined;
  /** Whether an answer about who wrote may still make a window excuse it. */
  readonly awaited: boolean;
  readonly nearest: { readonly rule: string; readonly failed: string } | undefined;
}

/** By when what a window excused is in Git, or undone. */
export function reconcileBy({ spec }: ExceptionWindow): Instant {
  return spec.reconcileBy ?? toInstant(epochMilliseconds(spec.endsAt) + RECONCILE_WITHIN);
}

const NAMED: readonly AuditCorrelation['confidence'][] = ['confirmed', 'probable', 'possible'];

/** The first part of a window that the writer of a difference does not meet; undefined when it meets all. */
function failedPart(
  { spec }: ExceptionWindow,
  context: GroupContext,
  correlation: AuditCorrelation,
): string | undefined {
  const { actor, eventTime, confidence } = correlation;
  if (actor === undefined || !NAMED.includes(confidence)) return `actors: nobody is named (${confidence})`;
  const people = indexPeople(context.input.policy.settings.aliases);
  const listed = spec.actors.some((each) => 'user' in each && samePerson(people, [each.user], [actor]));
  if (!listed) return `actors: ${actor} is not listed`;
  if (eventTime === undefined) return 'startsAt: nobody knows when it was changed';
  const at = epochMilliseconds(eventTime);
  if (at < epochMilliseconds(spec.startsAt)) return `startsAt: it was changed at ${eventTime}`;
  return at < epochMilliseconds(spec.endsAt) ? undefined : `endsAt: it was changed at ${eventTime}`;
}

/** Step 4. Permissive: a window excuses only what is known to be its path, its actor and its time, by the time of the change. */
export function excuse(context: GroupContext, difference: Difference): ExceptionOutcome {
  const correlation = correlationOf(context, difference);
  let nearest: ExceptionOutcome['nearest'];
  let awaited = false;
  for (const window of context.input.policy.exceptionWindows) {
    const { answer, failed } = concerns(window.spec, context, [difference], 'permissive');
    const part = answer === 'true' ? failedPart(window, context, correlation) : failed;
    if (part === undefined) return { window, awaited: false, nearest: undefined };
    if (answer === 'true' && correlation.confidence === 'pending') awaited = true;
    nearest ??= { rule: window.name, failed: part };
  }
  return { window: undefined, awaited, nearest };
}

function yes(value: boolean): Tristate {
  return value ? 'true' : 'false';
}

/** Whether the window still waits to be settled: what it excused is not put back until then. */
export function isOpen(window: ExceptionWindow, now: Instant): boolean {
  const until = window.spec.kind === 'emergency' ? reconcileBy(window) : window.spec.endsAt;
  return epochMilliseconds(now) < epochMilliseconds(until);
}

/** Whether an emergency should have been settled by now. */
export function isOverdue({ window }: ExceptionOutcome, now: Instant): boolean {
  return window?.spec.kind === 'emergency' && !isOpen(window, now);
}

/** A fact of the surroundings as it stands for one difference: a window that excuses it brings its own record. */
export function factFor(context: GroupContext, outcome: ExceptionOutcome, name: string): Tristate {
  const { window, awaited } = outcome;
  const { now } = context.input;
  const isEmergency = window?.spec.kind === 'emergency';
  switch (name) {
    case 'context.exception.emergency':
      return awaited ? 'unknown' : yes(isEmergency);
    case 'context.exception.open':
      return yes(window !== undefined && isEmergency && isOpen(window, now));
    case 'context.exception.overdue':
      return yes(isOverdue(outcome, now));
    case 'context.change.matched':
      return window?.spec.change === undefined ? readFact(context, name) : 'true';
    case 'context.incident.linked':
      return window?.spec.incident === undefined ? readFact(context, name) : 'true';
    default:
      return readFact(context, name);
  }
}
