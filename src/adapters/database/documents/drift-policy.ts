import { parseGoDuration, type Milliseconds } from '../../../core/model/duration.ts';
import { jsonText, type JsonValue } from '../../../core/model/json.ts';

export const DRIFT_MODES = ['ignore', 'detect', 'correct'] as const;
export type DriftMode = (typeof DRIFT_MODES)[number];

const LEAST_INTERVAL: Milliseconds = 10_000;

/** Mode and interval of one resource, each with where it comes from. */
export interface ResolvedDriftPolicy {
  readonly mode: DriftMode;
  readonly modeOrigin: string;
  readonly interval: Milliseconds;
  readonly intervalText: string;
  readonly intervalOrigin: string;
  /** What was wrong with a value that a document gave; the value further out then holds. */
  readonly faults: readonly { readonly pointer: string; readonly message: string }[];
}

/** One place a policy may stand: the resource first, then its instance. */
export interface PolicyPlace {
  readonly origin: string;
  readonly policy: { readonly mode?: unknown; readonly interval?: unknown } | undefined;
  /** Whether a fault here refuses the resource: one on the instance is the instance's own. */
  readonly own: boolean;
}

function isMode(value: unknown): value is DriftMode {
  return typeof value === 'string' && (DRIFT_MODES as readonly string[]).includes(value);
}

function parseInterval(value: unknown): Milliseconds | undefined {
  const parsed = typeof value === 'string' ? parseGoDuration(value) : undefined;
  return parsed !== undefined && parsed >= LEAST_INTERVAL ? parsed : undefined;
}

interface Field<T> {
  readonly key: 'mode' | 'interval';
  readonly must: string;
  readonly parse: (given: unknown) => T | undefined;
}

const MODE: Field<DriftMode> = {
  key: 'mode',
  must: 'be ignore, detect or correct',
  parse: (given) => (isMode(given) ? given : undefined),
};

const INTERVAL: Field<{ readonly milliseconds: Milliseconds; readonly text: string }> = {
  key: 'interval',
  must: 'be a Go duration of at least 10s',
  parse: (given) => {
    const milliseconds = parseInterval(given);
    return milliseconds === undefined ? undefined : { milliseconds, text: jsonText(given as JsonValue) };
  },
};

/** The first place that gives a field well, and the fault of the resource's own place when it gives it badly. */
function inherit<T>(
  places: readonly PolicyPlace[],
  { key, must, parse }: Field<T>,
): {
  readonly found: { readonly value: T; readonly origin: string } | undefined;
  readonly faults: ResolvedDriftPolicy['faults'];
} {
  const faults: { pointer: string; message: string }[] = [];
  for (const { origin, policy, own } of places) {
    const given = policy?.[key];
    if (given === undefined) continue;
    const value = parse(given);
    if (value !== undefined) return { found: { value, origin }, faults };
    if (own)
      faults.push({
        pointer: `/spec/driftPolicy/${key}`,
        message: `driftPolicy.${key} must ${must}, not ${JSON.stringify(given)}`,
      });
  }
  return { found: undefined, faults };
}

/** Each field is inherited alone: resource, then instance, then `detect` and `5m`. */
export function resolveDriftPolicy(places: readonly PolicyPlace[]): ResolvedDriftPolicy {
  const mode = inherit(places, MODE);
  const interval = inherit(places, INTERVAL);
  return {
    mode: mode.found?.value ?? 'detect',
    modeOrigin: mode.found?.origin ?? 'default',
    interval: interval.found?.value.milliseconds ?? 300_000,
    intervalText: interval.found?.value.text ?? '5m',
    intervalOrigin: interval.found?.origin ?? 'default',
    faults: [...mode.faults, ...interval.faults],
  };
}
