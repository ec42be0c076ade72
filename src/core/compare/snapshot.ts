import { canonicalJson } from '../model/digest.ts';
import type { Difference } from '../model/difference.ts';
import type { Instant } from '../model/instant.ts';
import { jsonText, isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts';
import type { Observation, ResourceObservation } from '../model/observation.ts';
import type { PathState, PlaneGap } from '../model/plane-state.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Comparison } from './compare.ts';
import { isWithin, parsePath, WHOLE_RESOURCE, type PathSegment } from './path.ts';

/** What the recorded plane is after a look: what to keep anew and what to forget. */
export interface SnapshotChange {
  readonly save: readonly Snapshot[];
  readonly forget: readonly string[];
}

/** What the next recorded plane is made from. */
export interface SnapshotInput {
  readonly observation: Extract<Observation, { status: 'observed' }>;
  readonly comparison: Comparison;
  readonly previous: ReadonlyMap<string, Snapshot>;
  readonly normalizerVersion: number;
  readonly at: Instant;
  /** Accepted by an approved refresh: these (resource, path) move to the actual value although they differ. */
  readonly accepted?: readonly { readonly resource: string; readonly path: string }[];
}

type Tree = Record<string, unknown>;

function childOf(node: unknown, segment: PathSegment): unknown {
  if (segment.kind === 'member')
    return isJsonObject(node) && Object.hasOwn(node, segment.name) ? node[segment.name] : undefined;
  if (!isJsonArray(node)) return undefined;
  return node.find((item) => isJsonObject(item) && jsonText(item[segment.key]) === segment.value);
}

function setChild(node: unknown, segment: PathSegment, value: JsonValue | undefined): void {
  if (segment.kind === 'member' && isJsonObject(node)) {
    const tree = node as Tree;
    if (value === undefined) delete tree[segment.name];
    else Object.defineProperty(tree, segment.name, { value, enumerable: true, configurable: true, writable: true });
    return;
  }
  if (segment.kind !== 'item' || !Array.isArray(node)) return;
  const at = node.findIndex((item) => isJsonObject(item) && jsonText(item[segment.key]) === segment.value);
  if (at >= 0) node.splice(at, 1);
  if (value !== undefined) node.push(value);
}

function containerFor(next: PathSegment): JsonValue {
  return next.kind === 'member' ? {} : [];
}

/** Puts a value at a path of a copied tree, or takes it away; makes the lists and objects on the way that are not there. */
function put(root: Tree, path: string, value: JsonValue | undefined): void {
  const segments = parsePath(path);
  let node: unknown = root;
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1];
    if (next === undefined) {
      setChild(node, segment, value);
      return;
    }
    if (childOf(node, segment) === undefined) {
      if (value === undefined) return;
      setChild(node, segment, containerFor(next));
    }
    node = childOf(node, segment);
  }
}

function restoredGap(difference: Difference): PlaneGap | undefined {
  return difference.recorded.status === 'not-applicable'
    ? { path: difference.path, status: 'not-applicable' }
    : undefined;
}

function knownValue(state: PathState): JsonValue | undefined {
  return state.status === 'present' ? state.value : undefined;
}

function isAccepted(input: SnapshotInput, difference: Difference): boolean {
  return (input.accepted ?? []).some(
    (each) => each.resource === difference.resource && isWithin(difference.path, each.path),
  );
}

function unknownGaps(resource: string, comparison: Comparison): readonly PlaneGap[] {
  return comparison.unknowns
    .filter((each) => each.resource === resource)
    .map((each) => ({ path: each.path, status: 'not-applicable' }));
}

/**
 * The actual tree with every differing path put back to what was recorded before: a snapshot moves only where it was verified.
 */
function nextSnapshot(input: SnapshotInput, resource: ResourceObservation, actual: JsonObject): Snapshot {
  const tree = structuredClone(actual) as Tree;
  const gaps: PlaneGap[] = [...actualGaps(resource), ...unknownGaps(resource.resource, input.comparison)];
  const open = input.comparison.differences.filter(
    (each) => each.resource === resource.resource && !isAccepted(input, each),
  );
  for (const difference of open) {
    put(tree, difference.path, knownValue(difference.recorded));
    const gap = restoredGap(difference);
    if (gap !== undefined) gaps.push(gap);
  }
  const nativeId = resource.facts?.['nativeId'];
  const before = input.previous.get(resource.resource);
  return {
    resource: resource.resource,
    type: resource.type,
    value: tree as JsonObject,
    gaps,
    normalizerVersion: input.normalizerVersion,
    at: input.at,
    basis: input.accepted === undefined ? (before === undefined ? 'first-observation' : 'verified') : 'refreshed',
    ...(typeof nativeId === 'string' ? { nativeId } : {}),
  };
}

function actualGaps(resource: ResourceObservation): readonly PlaneGap[] {
  const { actual } = resource.planes;
  if (actual.status !== 'present') return [];
  return (actual.gaps ?? []).map((gap) => ({ path: gap.path, status: 'not-applicable' }));
}

function unchanged(before: Snapshot | undefined, after: Snapshot): boolean {
  if (before?.normalizerVersion !== after.normalizerVersion) return false;
  const text = (snapshot: Snapshot): string =>
    canonicalJson([snapshot.value, [...snapshot.gaps].map((gap) => gap.path).sort(), snapshot.nativeId ?? '']);
  return text(before) === text(after);
}

function isWholeDifference(input: SnapshotInput, resource: string): boolean {
  return input.comparison.differences.some(
    (each) => each.resource === resource && each.path === WHOLE_RESOURCE && !isAccepted(input, each),
  );
}

function sawNothing(input: SnapshotInput, resource: string): boolean {
  return input.comparison.unknowns.some((each) => each.resource === resource && each.path === WHOLE_RESOURCE);
}

/**
 * The recorded plane after a complete look. The first look becomes the baseline of what nobody declares; afterwards a path moves
 * only when desired and actual met there, or when an approved refresh accepted it. What was not seen keeps what it had.
 */
export function nextSnapshots(input: SnapshotInput): SnapshotChange {
  const save: Snapshot[] = [];
  const forget: string[] = [];
  for (const resource of input.observation.resources) {
    const name = resource.resource;
    if (!input.comparison.compared.has(name) || sawNothing(input, name) || isWholeDifference(input, name)) continue;
    const before = input.previous.get(name);
    if (resource.planes.actual.status === 'absent' && before !== undefined) forget.push(name);
    if (resource.planes.actual.status !== 'present') continue;
    const after = nextSnapshot(input, resource, resource.recordAs ?? resource.planes.actual.value);
    if (!unchanged(before, after)) save.push(after);
  }
  return { save, forget };
}
