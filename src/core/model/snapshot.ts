import type { Instant } from './instant.ts';
import type { JsonObject } from './json.ts';
import type { PlaneGap } from './plane-state.ts';

/** What Kedge last verified of one resource: its own recorded plane for systems that remember nothing themselves. */
export interface Snapshot {
  readonly resource: string;
  readonly type: string;
  readonly value: JsonObject;
  /** Paths that were never verified; the recorded plane is not applicable there. */
  readonly gaps: readonly PlaneGap[];
  /** Version of the adapter's normalisers that read `value`; an older one is compared as `not-applicable` where it differs only by it. */
  readonly normalizerVersion: number;
  /** Native identity at that time (an oid), proof of renames and re-creations. */
  readonly nativeId?: string;
  readonly at: Instant;
  /** The first observation is trusted on first use; all others were verified. */
  readonly basis: 'first-observation' | 'verified' | 'refreshed';
}
