import type { Instant } from './instant.ts';
import type { JsonValue } from './json.ts';

/**
 * One context fact joined before classifying. `absent` is knowledge (there is no incident);
 * `unknown` is the lack of it and is never read as false before its deadline.
 */
export type Fact =
  | { readonly status: 'known'; readonly value: JsonValue; readonly source: string; readonly at: Instant }
  | { readonly status: 'absent'; readonly source: string; readonly at: Instant }
  | { readonly status: 'unknown'; readonly reason: string; readonly deadline?: Instant };

/** Facts by dotted name (`context.change.matched`). A name that is not in the set is unknown. */
export type FactSet = ReadonlyMap<string, Fact>;
