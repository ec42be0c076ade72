/** A length of time in whole milliseconds. */
export type Milliseconds = number;

const UNIT_MILLISECONDS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};
const GO_UNITS = 'ns|us|µs|ms|s|m|h';

function parseWith(units: string, text: string): Milliseconds | undefined {
  const whole = new RegExp(`^(?:\\d+(?:\\.\\d+)?(?:${units}))+$`);
  if (text.length > 64 || !whole.test(text)) return undefined;
  let total = 0;
  for (const part of text.matchAll(new RegExp(`(\\d+(?:\\.\\d+)?)(${units})`, 'g'))) {
    total += Number(part[1]) * (UNIT_MILLISECONDS[part[2] ?? ''] ?? Number.NaN);
  }
  return Number.isSafeInteger(Math.round(total)) ? Math.round(total) : undefined;
}

/** Parses a Go duration (`1h30m`); `undefined` when the text is none. Zero and unsigned only. */
export function parseGoDuration(text: string): Milliseconds | undefined {
  return parseWith(GO_UNITS, text);
}

/** Parses a Kedge duration: Go's units plus `d`, `w` and `y` (365 days; retention counts calendar years itself). */
export function parseDuration(text: string): Milliseconds | undefined {
  return parseWith(`${GO_UNITS}|d|w|y`, text);
}
