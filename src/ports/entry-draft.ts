import type { Digest } from '../core/model/digest.ts';
import type { Instant } from '../core/model/instant.ts';

/** An evidence entry before the store has given it its predecessor. */
export interface EntryDraft {
  /** ULID, made by the caller. */
  readonly id: string;
  readonly type: string;
  readonly at: Instant;
  readonly unit: string | undefined;
  readonly about: { readonly kind: 'FINDING' | 'UNIT' | 'DOCUMENT' | 'PRINCIPAL' | 'SYSTEM'; readonly id: string };
  readonly artifacts: readonly ArtifactDraft[];
  /** Builds the statement's bytes once the digest of the previous statement about the same thing is known. Pure. */
  readonly seal: (previous: Digest | undefined) => { readonly statement: Uint8Array; readonly digest: Digest };
}

/** An artifact's redacted bytes. Stored once by digest. */
export interface ArtifactDraft {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}
