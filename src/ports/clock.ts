import type { Instant } from '../core/model/instant.ts';

/** Time and waiting, so that the loop can be tested without waiting. */
export interface Clock {
  /** The instant now. */
  now(): Instant;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  epochMilliseconds(): number;
  /** Milliseconds of a clock that never steps back, for durations only. */
  monotonicMilliseconds(): number;
  /** Resolves after a time; rejects with the signal's reason when it aborts first. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}
