import type { Digest } from './digest.ts';
import type { Instant } from './instant.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { Action } from './vocabulary.ts';

/** One write in a plan, as a person reads it. */
export interface PlanStep {
  readonly resource: string;
  readonly paths: readonly string[];
  /** What will be sent, secrets replaced (`<verifier>`). */
  readonly statement: string;
  /** What this step loses, in words; empty when nothing. */
  readonly loses: readonly string[];
}

/** Exactly what would be written, in order. Nothing in it has been executed. */
export interface Plan {
  readonly findingId: string;
  readonly identity: Digest;
  readonly content: Digest;
  readonly unit: string;
  readonly action: Action;
  readonly steps: readonly PlanStep[];
  /** State of the affected resources before the write, redacted. */
  readonly preImage: JsonObject;
  readonly blastRadius: { readonly resources: readonly string[]; readonly writes: number };
  /** Of the affected resources when the plan was made; the write is refused when it moved. */
  readonly fingerprint: Digest;
  readonly desiredRevision: string | undefined;
  readonly plannedAt: Instant;
  /** The adapter's own typed form of the steps; covered by the digest, no secret in clear. */
  readonly payload: JsonValue;
  /** Of (identity, content, action, steps, payload, fingerprint, desired revision). What an approval binds, with policy, risk and budget. */
  readonly digest: Digest;
}
