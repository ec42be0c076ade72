/** An instant as RFC 3339 text in UTC with a `Z`: `2026-07-03T10:22:31Z`, fractions of a second allowed. */
export type Instant = string;

/** The instant of a number of milliseconds since 1970-01-01T00:00:00Z, with milliseconds when they are not zero. */
export function toInstant(epochMilliseconds: number): Instant {
  return new Date(epochMilliseconds).toISOString().replace('.000Z', 'Z');
}

/** Milliseconds since 1970-01-01T00:00:00Z; NaN when the text is no instant. */
export function epochMilliseconds(instant: Instant): number {
  return Date.parse(instant);
}
