import { describe, expect, it } from 'vitest';
import { toInstant } from '../../model/instant.ts';
import { TimeWindow, windowRemarks, windowState } from './time-window.ts';

const HOUR = 3_600_000;

function hoursOpen(given: unknown, from: string, hours: number): readonly string[] {
  const window = TimeWindow.parse(given);
  const start = Date.parse(from);
  const open: string[] = [];
  for (let at = 0; at < hours * 4; at += 1) {
    const now = toInstant(start + (at * HOUR) / 4);
    if (windowState(window, now).status === 'open') open.push(now);
  }
  return open;
}

describe('windows of time', () => {
  it.each([
    ['summer ends in it', '2026-10-22T00:00:00Z', '2026-10-23T15:00:00Z', '2026-10-26T04:45:00Z'],
    ['winter ends in it', '2026-03-26T00:00:00Z', '2026-03-27T16:00:00Z', '2026-03-30T05:45:00Z'],
    ['no clock changes', '2026-07-02T00:00:00Z', '2026-07-03T15:00:00Z', '2026-07-06T04:45:00Z'],
  ])('GOV-31: a weekly freeze of 62 hours is open exactly so long when %s', (_, from, first, last) => {
    const open = hoursOpen({ schedule: '0 17 * * FRI', duration: '62h', timeZone: 'Europe/Berlin' }, from, 6 * 24);

    expect([open[0], open.at(-1)]).toEqual([first, last]);
    expect(open).toHaveLength(62 * 4);
  });

  it('ends exclusively, and a time without an offset is local to its zone', () => {
    const window = TimeWindow.parse({ start: '2026-12-24T18:00', end: '2026-12-27', timeZone: 'America/New_York' });

    expect(windowState(window, '2026-12-24T22:59:59Z').status).toBe('closed');
    expect(windowState(window, '2026-12-24T23:00:00Z')).toEqual({
      status: 'open',
      since: '2026-12-24T23:00:00Z',
      until: '2026-12-27T05:00:00Z',
    });
    expect(windowState(window, '2026-12-27T05:00:00Z').status).toBe('closed');
    const offset = TimeWindow.parse({ start: '2026-01-01T00:00:00+02:00', end: '2026-01-01T00:00:00Z' });
    expect(windowState(offset, '2025-12-31T22:00:00Z').status).toBe('open');
  });

  it('is unknown where its zone or its times are, never closed', () => {
    for (const given of [
      { schedule: '0 17 * * FRI', duration: '62h', timeZone: 'Mars/Olympus' },
      { schedule: 'sometimes', duration: '62h' },
      { start: 'soon', end: '2026-01-01' },
    ])
      expect(windowState(TimeWindow.parse(given), '2026-07-03T10:00:00Z').status).toBe('unknown');
  });

  it.each([
    [{ schedule: '0 17 * * FRII', duration: '62h' }, '/w/schedule'],
    [{ schedule: '0 17 * *', duration: '62h' }, '/w/schedule'],
    [{ schedule: '0 0 30 2 *', duration: '62h' }, '/w/schedule'],
    [{ schedule: '2026-01-01T00:00', duration: '62h' }, '/w/schedule'],
    [{ schedule: '0 17 * * FRI', duration: '0s' }, '/w/duration'],
    [{ schedule: '0 17 * * FRI', duration: '1h', timeZone: 'CET/Berlin' }, '/w/timeZone'],
    [{ start: '2026-13-01', end: '2026-12-27' }, '/w/start'],
    [{ start: '2026-12-27', end: '2026-12-24' }, '/w/end'],
  ])('is refused at load: %j', (given, pointer) => {
    expect(windowRemarks(TimeWindow.parse(given), '/w').map((each) => [each.code, each.pointer])).toEqual([
      ['WINDOW_INVALID', pointer],
    ]);
  });

  it('stands as it is when it is sound', () => {
    for (const given of [
      { schedule: '0 17 * * FRI', duration: '62h', timeZone: 'Europe/Berlin' },
      { start: '2026-12-24T18:00', end: '2027-01-02', timeZone: 'Asia/Kolkata' },
    ])
      expect(windowRemarks(TimeWindow.parse(given), '/w')).toEqual([]);
  });
});
