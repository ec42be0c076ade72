import { Cron } from 'croner';
import { z } from 'zod';
import type { DocumentRemark } from './policy-document.ts';
import { DurationField } from './fields.ts';
import { epochMilliseconds, toInstant, type Instant } from '../../model/instant.ts';

const TimeZoneField = z.string().default('UTC');

/** From one time to another; a time without an offset is local to `timeZone`. */
const FixedWindow = z.strictObject({ start: z.string(), end: z.string(), timeZone: TimeZoneField });

/** Again and again: from each time of a cron schedule on, for so long. A day of a clock change makes it neither longer nor shorter. */
const RecurringWindow = z.strictObject({ schedule: z.string(), duration: DurationField, timeZone: TimeZoneField });

/** When a document is in force. */
export const TimeWindow = z.union([FixedWindow, RecurringWindow]);
export type TimeWindow = z.infer<typeof TimeWindow>;

/** Whether a window is open at one moment. What cannot be worked out is unknown, and a restriction then holds. */
export type WindowState =
  | { readonly status: 'open'; readonly since: Instant; readonly until: Instant }
  | { readonly status: 'closed' }
  | { readonly status: 'unknown'; readonly because: string };

const OFFSET = /(?:Z|[+-]\d{2}:\d{2})$/;
const LOCAL = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?)?$/;

const schedules = new Map<string, Cron>();

/** A schedule or one local time in a zone. @throws TypeError, RangeError of croner for what it cannot read. */
function cron(pattern: string, timeZone: string): Cron {
  const key = `${timeZone} ${pattern}`;
  const known = schedules.get(key);
  if (known !== undefined) return known;
  const made = new Cron(pattern, { timezone: timeZone, paused: true });
  if (schedules.size > 10_000) schedules.clear();
  schedules.set(key, made);
  return made;
}

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Milliseconds of a time with an offset, or of a local one in its zone; undefined when it is no time. */
function instantOf(text: string, timeZone: string): number | undefined {
  if (OFFSET.test(text)) {
    const at = Date.parse(text);
    return Number.isNaN(at) ? undefined : at;
  }
  if (!LOCAL.test(text)) return undefined;
  const [day = '', time = '00:00'] = text.split('T');
  const local = `${day}T${time.length === 5 ? `${time}:00` : time}`;
  try {
    return cron(local, timeZone).nextRun(new Date(0))?.getTime();
  } catch {
    return undefined;
  }
}

function open(since: number, until: number, now: number): WindowState {
  return since <= now && now < until
    ? { status: 'open', since: toInstant(since), until: toInstant(until) }
    : { status: 'closed' };
}

/** Whether a window is open now. */
export function windowState(window: TimeWindow, at: Instant): WindowState {
  const { timeZone } = window;
  const now = epochMilliseconds(at);
  if (!isTimeZone(timeZone)) return { status: 'unknown', because: `nobody knows the time zone ${timeZone}` };
  if ('schedule' in window) {
    try {
      const began = cron(window.schedule, timeZone).nextRun(new Date(now - window.duration));
      return began === null ? { status: 'closed' } : open(began.getTime(), began.getTime() + window.duration, now);
    } catch {
      return { status: 'unknown', because: `the schedule ${window.schedule} cannot be read` };
    }
  }
  const start = instantOf(window.start, timeZone);
  const end = instantOf(window.end, timeZone);
  return start === undefined || end === undefined
    ? { status: 'unknown', because: 'its times cannot be read' }
    : open(start, end, now);
}

function remark(pointer: string, message: string, next: string): DocumentRemark {
  return { code: 'WINDOW_INVALID', level: 'error', pointer, message, next };
}

function scheduleFault(schedule: string, timeZone: string): string | undefined {
  if (LOCAL.test(schedule)) return 'it is one time, not a schedule';
  try {
    return cron(schedule, timeZone).nextRun(new Date(0)) === null ? 'it never begins' : undefined;
  } catch (cause) {
    return cause instanceof Error ? cause.message.replace(/^CronPattern: /, '') : 'it cannot be read';
  }
}

/** Faults of a window that its shape does not show. */
export function windowRemarks(window: TimeWindow, pointer: string): readonly DocumentRemark[] {
  const { timeZone } = window;
  if (!isTimeZone(timeZone))
    return [
      remark(
        `${pointer}/timeZone`,
        `"${timeZone}" is no time zone`,
        'write an IANA name such as Europe/Berlin, or UTC',
      ),
    ];
  if ('schedule' in window) {
    const fault = scheduleFault(window.schedule, timeZone);
    const remarks =
      fault === undefined
        ? []
        : [
            remark(
              `${pointer}/schedule`,
              `the schedule is refused: ${fault}`,
              'write five fields, for example "0 17 * * FRI"',
            ),
          ];
    return window.duration > 0
      ? remarks
      : [
          ...remarks,
          remark(`${pointer}/duration`, 'the window is never open', 'write how long it stays open, for example 62h'),
        ];
  }
  const start = instantOf(window.start, timeZone);
  const end = instantOf(window.end, timeZone);
  const remarks: DocumentRemark[] = [];
  for (const [key, at] of [
    ['start', start],
    ['end', end],
  ] as const)
    if (at === undefined)
      remarks.push(
        remark(
          `${pointer}/${key}`,
          `"${window[key]}" is no time`,
          'write 2026-12-24T18:00 (local to timeZone) or with an offset',
        ),
      );
  if (start !== undefined && end !== undefined && end <= start)
    remarks.push(remark(`${pointer}/end`, 'the window ends before it begins', 'put the later time into end'));
  return remarks;
}
