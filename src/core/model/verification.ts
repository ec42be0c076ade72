import type { Instant } from './instant.ts';
import type { Unchecked } from './observation.ts';

/** What a new observation after acting says. `converged` needs every path of the finding seen on all planes and equal. */
export type Verification =
  | { readonly verdict: 'converged'; readonly checkId: string; readonly at: Instant }
  | {
      readonly verdict: 'not-converged';
      readonly checkId: string;
      readonly at: Instant;
      readonly remaining: readonly string[];
    }
  | {
      readonly verdict: 'unknown';
      readonly checkId: string | undefined;
      readonly at: Instant;
      readonly reasons: readonly Unchecked[];
    };
