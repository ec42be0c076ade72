import type { Digest } from './digest.ts';
import type { SourceLocation } from './diagnostic.ts';
import type { Instant } from './instant.ts';
import type { JsonObject } from './json.ts';
import type { PlaneState } from './plane-state.ts';
import type { CheckReason, Plane } from './vocabulary.ts';

/** A part that was not looked at, and why. */
export interface Unchecked {
  /** What: a resource, a path of one, or a part of the system, in words a person can find. */
  readonly what: string;
  readonly reason: CheckReason;
  readonly detail?: string;
}

/** How much of the unit an observation saw. `complete` is true only if nothing is unchecked. */
export interface Coverage {
  readonly complete: boolean;
  readonly unchecked: readonly Unchecked[];
}

/** The operators' own setting on one resource, as its document says it (governance: switches). */
export interface OperatorSwitch {
  /** Whether declared fields are to be put back without anybody asking. */
  readonly heals: boolean;
  /** Whether the document allows corrections that lose data or access. */
  readonly allowsDestructive: boolean;
  /** Least age of a finding before it heals, in milliseconds; 0 = at once. */
  readonly minimumAge: number;
  /** Where the setting comes from, for people: `database/shop driftPolicy.mode`. */
  readonly origin: string;
}

/** Whether a resource is judged. Ignored ones are `SUPPRESSED` by their document; skipped ones keep their findings as they are. */
export type Judgement =
  | { readonly status: 'judged' }
  | { readonly status: 'ignored'; readonly by: string }
  | { readonly status: 'skipped'; readonly by: string };

/** What was seen of one resource on each plane. */
export interface ResourceObservation {
  /** Unique within the unit and stable: `role/reporting`. Becomes the finding's `resourceRef`. */
  readonly resource: string;
  /** The adapter's resource type: the key of its catalogue. */
  readonly type: string;
  readonly name: string;
  readonly namespace?: string;
  /** The kind of the declaring document, for selectors of policies; the type's own name when nobody declares it. */
  readonly kind: string;
  /** Labels of the desired plane; policies select by these, never by live ones. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly planes: Readonly<Record<Plane, PlaneState>>;
  /**
   * What the recorded plane keeps instead of the actual value, where the server renames parts by itself: the same value in a form
   * that outlives the renaming. The adapter reads it back into names when it gives the recorded plane.
   */
  readonly recordAs?: JsonObject;
  /** Who the live resource belongs to when nobody declares it; decides UNMANAGED, ORPHANED or FOREIGN. */
  readonly ownership?: 'ours' | 'foreign' | 'nobody';
  readonly judgement: Judgement;
  readonly operatorSwitch?: OperatorSwitch;
  readonly declaredAt?: SourceLocation;
  /** Facts of this adapter alone, read by its own `appraise` and stored under `details.<block>`; no secret in clear. */
  readonly facts?: JsonObject;
}

/** What one pass of an observer saw. An observation that failed as a whole has no resources at all, never an empty list. */
export type Observation =
  | {
      readonly status: 'unknown';
      readonly startedAt: Instant;
      readonly at: Instant;
      readonly reasons: readonly Unchecked[];
      /** The identity that looked (a user, an ARN); never a credential. */
      readonly identity?: string;
    }
  | {
      readonly status: 'observed';
      readonly startedAt: Instant;
      readonly at: Instant;
      readonly resources: readonly ResourceObservation[];
      readonly coverage: Coverage;
      readonly revisions: Readonly<Partial<Record<Plane, string>>>;
      /** When the desired plane was last known to be the head of its source. */
      readonly desiredAt: Instant;
      readonly identity: string;
      /** Moves when anything that is compared moved; equal means the last full read stands. */
      readonly fingerprint?: Digest;
      readonly warnings: readonly { readonly code: string; readonly message: string }[];
      /** Facts on the unit as a whole, stored with the check. */
      readonly facts?: JsonObject;
    };
