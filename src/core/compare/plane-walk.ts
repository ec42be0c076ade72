import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts';
import type { PathState, PlaneGap, PlaneState } from '../model/plane-state.ts';
import type { Plane } from '../model/vocabulary.ts';
import { isWithin, itemText } from './path.ts';

/** The three planes at one path. */
export type Planes = Readonly<Record<Plane, PathState>>;

const ABSENT: PathState = { status: 'absent' };
const NOT_APPLICABLE: PathState = { status: 'not-applicable' };

/** A plane of a resource as the state of its root path. */
export function rootState(plane: PlaneState): PathState {
  return plane.status === 'present' ? { status: 'present', value: plane.value } : plane;
}

/** The gaps of each plane, for paths that are set apart from what the tree says. */
export type Gaps = Readonly<Record<Plane, readonly PlaneGap[]>>;

/** The gaps of a resource's planes. */
export function gapsOf(planes: Readonly<Record<Plane, PlaneState>>): Gaps {
  const of = (plane: PlaneState): readonly PlaneGap[] => (plane.status === 'present' ? (plane.gaps ?? []) : []);
  return { desired: of(planes.desired), recorded: of(planes.recorded), actual: of(planes.actual) };
}

/** The state at a path once the gaps of its plane are heard. */
export function withGap(state: PathState, path: string, gaps: readonly PlaneGap[]): PathState {
  const gap = gaps.find((each) => isWithin(path, each.path));
  if (gap === undefined || state.status === 'unknown') return state;
  if (gap.status === 'not-applicable') return NOT_APPLICABLE;
  return { status: 'unknown', reason: gap.reason ?? 'PARTIAL', detail: gap.detail ?? '' };
}

/** The child of an object: what it does not mention is absent, except in the desired plane, which then says nothing. */
function memberState(state: PathState, name: string, plane: Plane): PathState {
  if (state.status !== 'present') return state;
  if (isJsonObject(state.value) && Object.hasOwn(state.value, name))
    return { status: 'present', value: state.value[name] as JsonValue };
  return plane === 'desired' ? NOT_APPLICABLE : ABSENT;
}

/** Names of every member of the objects among the planes, in code point order. */
export function memberNames(planes: Planes): readonly string[] {
  const names = new Set<string>();
  for (const state of Object.values(planes)) {
    if (state.status === 'present' && isJsonObject(state.value))
      for (const name of Object.keys(state.value)) names.add(name);
  }
  return [...names].sort();
}

/** The three planes of one member of an object. */
export function memberPlanes(planes: Planes, name: string): Planes {
  return {
    desired: memberState(planes.desired, name, 'desired'),
    recorded: memberState(planes.recorded, name, 'recorded'),
    actual: memberState(planes.actual, name, 'actual'),
  };
}

function keyOf(item: JsonValue, key: string): string | undefined {
  if (!isJsonObject(item) || !Object.hasOwn(item, key)) return undefined;
  const value = item[key];
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The items of a keyed list; undefined when the list cannot be keyed (an item without the key, or two of one). */
export function itemsOf(state: PathState, key: string): ReadonlyMap<string, JsonObject> | undefined {
  if (state.status !== 'present') return new Map();
  if (!isJsonArray(state.value)) return undefined;
  const items = new Map<string, JsonObject>();
  for (const item of state.value) {
    const name = keyOf(item, key);
    if (name === undefined || items.has(name)) return undefined;
    items.set(name, item as JsonObject);
  }
  return items;
}

/** The state of one item: a list that is there speaks of all its items. */
export function itemState(state: PathState, items: ReadonlyMap<string, JsonObject>, name: string): PathState {
  if (state.status !== 'present') return state;
  const item = items.get(name);
  return item === undefined ? ABSENT : { status: 'present', value: item };
}

/** The texts of an item's segment in a path and in its shape. */
export function itemTexts(key: string, name: string): { readonly path: string; readonly shape: string } {
  return { path: itemText(key, name), shape: `[${key}=*]` };
}
