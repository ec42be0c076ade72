import type { JsonObject, JsonValue } from './json.ts';
import type { CheckReason } from './vocabulary.ts';

/** A part of a present resource about which one plane says nothing, or does not know. */
export interface PlaneGap {
  /** JSON pointer with merge keys; covers what is below it. */
  readonly path: string;
  readonly status: 'unknown' | 'not-applicable';
  readonly reason?: CheckReason;
  readonly detail?: string;
}

/**
 * What one plane says of one resource.
 * `absent` is a statement (it is not there); `not-applicable` is none (this plane does not speak of it);
 * `unknown` is a failure to see and never counts as either.
 */
export type PlaneState =
  | { readonly status: 'present'; readonly value: JsonObject; readonly gaps?: readonly PlaneGap[] }
  | { readonly status: 'absent' }
  | { readonly status: 'not-applicable' }
  | { readonly status: 'unknown'; readonly reason: CheckReason; readonly detail: string };

/** What one plane says of one path. */
export type PathState =
  | { readonly status: 'present'; readonly value: JsonValue }
  | { readonly status: 'absent' }
  | { readonly status: 'not-applicable' }
  | { readonly status: 'unknown'; readonly reason: CheckReason; readonly detail: string };
