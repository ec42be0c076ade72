import { setTimeout as wait } from 'node:timers/promises';
import { toInstant } from '../../core/model/instant.ts';
import type { Clock } from '../../ports/clock.ts';

/** The machine's own time. */
export function createSystemClock(): Clock {
  return {
    now: () => toInstant(Date.now()),
    epochMilliseconds: () => Date.now(),
    monotonicMilliseconds: () => performance.now(),
    async sleep(milliseconds, signal) {
      await wait(milliseconds, undefined, { signal });
    },
  };
}
