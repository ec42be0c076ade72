import type { PathState } from './plane-state.ts';
import type { Category, Effect, Relation, Risk } from './vocabulary.ts';
import type { JsonObject } from './json.ts';

/** What the adapter could write to close a difference; words about the write, never about who may order it. */
export interface Offer {
  /** `alter` changes what is there, `create` makes what is missing, `none`: the adapter has no write for it. */
  readonly write: 'alter' | 'create' | 'none';
  /** Facts that make the write delicate. */
  readonly care?: readonly OfferCare[];
}

/** `returns-power`: gives back a strong power that was lost; `returns-login`: gives back a lesser one; `proven`: the adapter saw the difference first-hand. */
export type OfferCare = 'returns-power' | 'returns-login' | 'upgrades' | 'cascades' | 'restarts-consumers' | 'unproven';

/** What an adapter's catalogue says of a path. */
export interface PathFacts {
  readonly category: Category;
  /** Root of the finding this path belongs to; `/` for a whole resource. */
  readonly pathRoot: string;
  readonly effect: Effect;
  /** Putting it back loses data (or, where the seed says so, access). */
  readonly destructive: boolean;
  /** Cannot be changed after creation. */
  readonly immutable: boolean;
  /** Its value must never be shown. */
  readonly sensitive: boolean;
  readonly floor?: Risk;
  readonly cap?: Risk;
  /** For a MISSING resource: what was lost with it. */
  readonly held?: 'nothing' | 'identity' | 'data';
  /** Of a kind that no policy may heal. */
  readonly gated: boolean;
  readonly hints: readonly string[];
  readonly offer: Offer;
  /** The name of the path in the document's own vocabulary (`connectionLimit`), where it has one. */
  readonly field?: string;
  /** Facts of this adapter on the difference, stored under `details.<block>`. */
  readonly details?: JsonObject;
}

/** One path of one resource on which planes disagree. Values are already redacted: a sensitive one is a keyed digest. */
export interface Difference extends PathFacts {
  readonly resource: string;
  readonly resourceType: string;
  readonly kind: string;
  /** JSON pointer with merge keys (`/grants/[on=shop.app]`); `/` for the whole resource. */
  readonly path: string;
  readonly relation: Relation;
  readonly desired: PathState;
  readonly recorded: PathState;
  readonly actual: PathState;
  /** Whether the desired plane speaks of this path. */
  readonly declared: boolean;
  readonly domain: string;
}
