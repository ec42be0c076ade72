import type { Difference, Offer } from './difference.ts';
import type { ResourceObservation } from './observation.ts';
import type { Category, Effect, Risk } from './vocabulary.ts';

/**
 * How the effect of a change follows from the reference value (desired, else recorded) and the actual one.
 * `flag`: true widens, false narrows; `guard`: the other way round; `set`: a superset widens, a subset narrows;
 * `presence`: there widens, gone narrows; `absence`: there narrows, gone widens; else the effect itself.
 */
export type EffectRule = 'flag' | 'guard' | 'set' | 'presence' | 'absence' | Effect;

/** What is true of every path a pattern covers, for one resource type. The most specific pattern wins. */
export interface CatalogueEntry {
  /** The adapter's resource type, or `*`. */
  readonly type: string;
  /** Path pattern (`/grants/*`); `/` is the whole resource. */
  readonly path: string;
  readonly category: Category;
  /** Defaults to the first segment of the path. */
  readonly pathRoot?: string;
  readonly effect: EffectRule;
  /** Compared as one value, never below. */
  readonly atomic?: boolean;
  readonly destructive?: boolean;
  readonly immutable?: boolean;
  readonly sensitive?: boolean;
  readonly gated?: boolean;
  readonly floor?: Risk;
  readonly cap?: Risk;
  readonly held?: 'nothing' | 'identity' | 'data';
  readonly hints?: readonly string[];
  readonly offer: Offer;
  /** The document's own word; `{}` stands for the merge key's value. */
  readonly field?: string;
}

/** Which list is keyed by which member; lists without an entry are compared as one ordered value. */
export interface ListKey {
  readonly type: string;
  readonly path: string;
  /** Member that names an item, or `unordered` for lists of plain values whose order has no meaning. */
  readonly key: string | { readonly unordered: true };
}

/** Facts an adapter adds to one difference after the table has spoken. */
export type Appraisal = Partial<
  Pick<
    Difference,
    | 'effect'
    | 'destructive'
    | 'immutable'
    | 'floor'
    | 'cap'
    | 'held'
    | 'gated'
    | 'hints'
    | 'offer'
    | 'field'
    | 'details'
    | 'category'
  >
>;

/** The paths of a watched system, as data. */
export interface Catalogue {
  readonly domain: string;
  /**
   * Who remembers: the system's own record, which others can leave behind (`RECORDED_STALE`), or Kedge's snapshot of what it last
   * verified, which moves by itself as soon as declaration and runtime agree.
   */
  readonly recordedBy: 'system' | 'snapshot';
  readonly entries: readonly CatalogueEntry[];
  readonly lists: readonly ListKey[];
  /** Pure; adds what depends on values or on the resource. Never sets class, action or approval: it has no place for them. */
  appraise?(difference: Difference, resource: ResourceObservation): Appraisal;
}
