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

/** Each field is inherited alone: resource, then instance, then `detect` and `5m`. */
export function resolveDriftPolicy(places: readonly PolicyPlace[]): ResolvedDriftPolicy {
  const faults: { pointer: string; message: string }[] = [];
  let mode: { readonly value: DriftMode; readonly origin: string } | undefined;
  let interval: { readonly value: Milliseconds; readonly text: string; readonly origin: string } | undefined;
  for (const { origin, policy, own } of places) {
    if (policy?.mode !== undefined && mode === undefined) {
      if (isMode(policy.mode)) mode = { value: policy.mode, origin };
      else if (own)
        faults.push({
          pointer: '/spec/driftPolicy/mode',
          message: `driftPolicy.mode must be ignore, detect or correct, not ${JSON.stringify(policy.mode)}`,
        });
    }
    if (policy?.interval !== undefined && interval === undefined) {
      const parsed = parseInterval(policy.interval);
      if (parsed !== undefined) interval = { value: parsed, text: jsonText(policy.interval as JsonValue), origin };
      else if (own)
        faults.push({
          pointer: '/spec/driftPolicy/interval',
          message: `driftPolicy.interval must be a Go duration of at least 10s, not ${JSON.stringify(policy.interval)}`,
        });
    }
  }
  return {
    mode: mode?.value ?? 'detect',
    modeOrigin: mode?.origin ?? 'default',
    interval: interval?.value ?? 300_000,
    intervalText: interval?.text ?? '5m',
    intervalOrigin: interval?.origin ?? 'default',
    faults,
  };
}
