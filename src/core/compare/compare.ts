import type { Catalogue, CatalogueEntry } from '../model/catalogue.ts';
import { canonicalJson } from '../model/digest.ts';
import type { Difference } from '../model/difference.ts';
import { isJsonArray, isJsonObject, type JsonValue } from '../model/json.ts';
import type { Observation, ResourceObservation } from '../model/observation.ts';
import type { PathState } from '../model/plane-state.ts';
import type { UndeclaredPaths } from '../model/unit.ts';
import { SENSITIVE_CATEGORIES, type CheckReason, type Plane, type Relation, riskAtLeast } from '../model/vocabulary.ts';
import { indexCatalogue, type CatalogueIndex } from './catalogue-index.ts';
import { effectOf } from './effect.ts';
import { join, memberText, rootOf, WHOLE_RESOURCE } from './path.ts';
import {
  gapsOf,
  itemsOf,
  itemState,
  itemTexts,
  memberNames,
  memberPlanes,
  rootState,
  withGap,
  type Gaps,
  type Planes,
} from './plane-walk.ts';
import { relate, sameState } from './relation.ts';

/** A path that could not be compared, and why. It closes nothing and opens nothing. */
export interface UnknownPath {
  readonly resource: string;
  readonly path: string;
  readonly reason: CheckReason;
  readonly detail: string;
}

/** How a comparison treats what no document declares. */
export interface CompareOptions {
  readonly catalogue: Catalogue;
  readonly undeclaredPaths: UndeclaredPaths;
  readonly domain: string;
}

/** Every difference of an observation, and everything that could not be compared. */
export interface Comparison {
  /** By resource, then path, in code point order. */
  readonly differences: readonly Difference[];
  readonly unknowns: readonly UnknownPath[];
  /** Resources that were judged, whether they differ or not. */
  readonly compared: ReadonlySet<string>;
  readonly ignored: ReadonlyMap<string, string>;
  readonly skipped: ReadonlyMap<string, string>;
}

const FALLBACK: CatalogueEntry = {
  type: '*',
  path: '/**',
  category: 'other',
  effect: 'neutral',
  offer: { write: 'none' },
};

interface Walk {
  readonly resource: ResourceObservation;
  readonly gaps: Gaps;
  readonly index: CatalogueIndex;
  readonly options: CompareOptions;
  readonly differences: Difference[];
  readonly unknowns: UnknownPath[];
}

interface Place {
  readonly path: string;
  readonly shape: string;
}

const ROOT: Place = { path: WHOLE_RESOURCE, shape: WHOLE_RESOURCE };

function fieldName(template: string | undefined, path: string): string | undefined {
  if (template === undefined || !template.includes('{}')) return template;
  const key = /=(.*)\](?:\/[^/]*)?$/.exec(path)?.[1] ?? path.slice(path.lastIndexOf('/') + 1);
  return template.replace('{}', key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function toDifference(walk: Walk, place: Place, planes: Planes, relation: Relation): Difference {
  const { resource, options } = walk;
  const entry = walk.index.entryOf(resource.type, place.shape) ?? FALLBACK;
  const declared = planes.desired.status === 'present' || planes.desired.status === 'absent';
  const reference = declared ? planes.desired : planes.recorded;
  const field = fieldName(entry.field, place.path);
  const difference: Difference = {
    resource: resource.resource,
    resourceType: resource.type,
    kind: resource.kind,
    path: place.path,
    relation,
    desired: planes.desired,
    recorded: planes.recorded,
    actual: planes.actual,
    declared,
    domain: options.domain,
    category: entry.category,
    pathRoot: entry.pathRoot ?? rootOf(place.path),
    effect: effectOf(entry.effect, reference, planes.actual),
    destructive: entry.destructive ?? false,
    immutable: entry.immutable ?? false,
    sensitive: entry.sensitive ?? false,
    gated: entry.gated ?? false,
    hints: entry.hints ?? [],
    offer: entry.offer,
    ...(entry.floor === undefined ? {} : { floor: entry.floor }),
    ...(entry.cap === undefined ? {} : { cap: entry.cap }),
    ...(entry.held === undefined ? {} : { held: entry.held }),
    ...(field === undefined ? {} : { field }),
  };
  return { ...difference, ...options.catalogue.appraise?.(difference, resource) };
}

function reportsUndeclared(walk: Walk, difference: Difference): boolean {
  if (difference.declared || walk.resource.ownership !== undefined) return true;
  if (walk.options.undeclaredPaths === 'report') return true;
  if (walk.options.undeclaredPaths === 'ignore') return false;
  const { category, floor } = difference;
  return SENSITIVE_CATEGORIES.has(category) || (floor !== undefined && riskAtLeast(floor, 'HIGH'));
}

function addDifference(walk: Walk, place: Place, planes: Planes, relation: Relation): void {
  const difference = toDifference(walk, place, planes, relation);
  if (reportsUndeclared(walk, difference)) walk.differences.push(difference);
}

function addUnknown(walk: Walk, path: string, state: { readonly reason: CheckReason; readonly detail: string }): void {
  walk.unknowns.push({ resource: walk.resource.resource, path, reason: state.reason, detail: state.detail });
}

function asSet(state: PathState): PathState {
  if (state.status !== 'present' || !isJsonArray(state.value)) return state;
  const texts = [...new Set(state.value.map((member) => canonicalJson(member)))].sort();
  return { status: 'present', value: texts.map((text) => JSON.parse(text) as JsonValue) };
}

/** Declaration and runtime agree: Kedge's own memory of it follows, and nobody has anything to do. */
function isOwnMemory(walk: Walk, relation: Relation): boolean {
  return relation === 'RECORDED_STALE' && walk.options.catalogue.recordedBy === 'snapshot';
}

function compareLeaf(walk: Walk, place: Place, planes: Planes): void {
  const verdict = relate(planes.desired, planes.recorded, planes.actual);
  if (verdict.status === 'different' && isOwnMemory(walk, verdict.relation)) return;
  if (verdict.status === 'different') addDifference(walk, place, planes, verdict.relation);
  if (verdict.status === 'unknown') addUnknown(walk, place.path, verdict.state);
}

function isContainer(planes: Planes, test: (value: JsonValue) => boolean): boolean {
  const present = Object.values(planes).filter((state) => state.status === 'present');
  return present.length > 0 && present.every((state) => test(state.value));
}

/** An object is entered unless a plane says the whole of it is not there. */
function entersObject(planes: Planes): boolean {
  return isContainer(planes, isJsonObject) && Object.values(planes).every((state) => state.status !== 'absent');
}

function compareList(walk: Walk, place: Place, planes: Planes): void {
  const key = walk.index.listKeyOf(walk.resource.type, place.shape);
  if (key === undefined) {
    compareLeaf(walk, place, planes);
    return;
  }
  if (typeof key !== 'string') {
    // Lists that are equal as they stand are equal as sets; only others are worth sorting.
    if (planes.desired.status === 'not-applicable' && sameState(planes.recorded, planes.actual)) {
      compareLeaf(walk, place, planes);
      return;
    }
    compareLeaf(walk, place, {
      desired: asSet(planes.desired),
      recorded: asSet(planes.recorded),
      actual: asSet(planes.actual),
    });
    return;
  }
  const items: Record<Plane, ReturnType<typeof itemsOf>> = {
    desired: itemsOf(planes.desired, key),
    recorded: itemsOf(planes.recorded, key),
    actual: itemsOf(planes.actual, key),
  };
  const { desired, recorded, actual } = items;
  if (desired === undefined || recorded === undefined || actual === undefined) {
    compareLeaf(walk, place, planes);
    return;
  }
  const names = [...new Set([...desired.keys(), ...recorded.keys(), ...actual.keys()])].sort();
  for (const name of names) {
    const text = itemTexts(key, name);
    comparePath(
      walk,
      { path: join(place.path, text.path), shape: join(place.shape, text.shape) },
      {
        desired: itemState(planes.desired, desired, name),
        recorded: itemState(planes.recorded, recorded, name),
        actual: itemState(planes.actual, actual, name),
      },
    );
  }
}

function comparePath(walk: Walk, place: Place, found: Planes): void {
  const planes: Planes = {
    desired: withGap(found.desired, place.path, walk.gaps.desired),
    recorded: withGap(found.recorded, place.path, walk.gaps.recorded),
    actual: withGap(found.actual, place.path, walk.gaps.actual),
  };
  const entry = place === ROOT ? undefined : walk.index.entryOf(walk.resource.type, place.shape);
  const isAtomic = entry?.atomic === true && place.shape.split('/').length >= entry.path.split('/').length;
  if (isAtomic) compareLeaf(walk, place, planes);
  else if (isContainer(planes, isJsonArray)) compareList(walk, place, planes);
  else if (entersObject(planes)) compareMembers(walk, place, planes);
  else compareLeaf(walk, place, planes);
}

function compareMembers(walk: Walk, place: Place, planes: Planes): void {
  for (const name of memberNames(planes)) {
    const text = memberText(name);
    comparePath(walk, { path: join(place.path, text), shape: join(place.shape, text) }, memberPlanes(planes, name));
  }
}

/** The relation of a live resource that no document declares. */
function undeclaredRelation(resource: ResourceObservation, recorded: PathState): Relation | undefined {
  if (resource.ownership === 'foreign') return 'FOREIGN';
  if (resource.ownership === 'ours') return 'ORPHANED';
  if (resource.ownership === 'nobody') return 'UNMANAGED';
  return recorded.status === 'absent' ? 'UNMANAGED' : undefined;
}

function compareUndeclared(walk: Walk, planes: Planes): void {
  const { recorded, actual } = planes;
  if (actual.status === 'absent') {
    if (recorded.status === 'present') addDifference(walk, ROOT, planes, 'RECORDED_ACTUAL');
    if (recorded.status === 'unknown') addUnknown(walk, WHOLE_RESOURCE, recorded);
    return;
  }
  const relation = undeclaredRelation(walk.resource, recorded);
  if (relation !== undefined) addDifference(walk, ROOT, planes, relation);
  else comparePath(walk, ROOT, { ...planes, desired: { status: 'not-applicable' } });
}

function compareResource(walk: Walk): void {
  const { planes: given } = walk.resource;
  const planes: Planes = {
    desired: rootState(given.desired),
    recorded: rootState(given.recorded),
    actual: rootState(given.actual),
  };
  for (const state of [planes.desired, planes.actual]) {
    if (state.status === 'unknown') {
      addUnknown(walk, WHOLE_RESOURCE, state);
      return;
    }
  }
  if (planes.actual.status === 'not-applicable') return;
  if (planes.desired.status !== 'present') compareUndeclared(walk, planes);
  else if (planes.actual.status === 'absent') addDifference(walk, ROOT, planes, 'MISSING');
  else comparePath(walk, ROOT, planes);
}

function byPlace(
  left: { readonly resource: string; readonly path: string },
  right: { readonly resource: string; readonly path: string },
): number {
  if (left.resource !== right.resource) return left.resource < right.resource ? -1 : 1;
  if (left.path === right.path) return 0;
  return left.path < right.path ? -1 : 1;
}

/**
 * Compares the three planes of every resource of an observation. Knows paths, values and lists as the catalogue declares them,
 * and no system by name. The order of resources, members and items never matters.
 */
export function compare(
  observation: Extract<Observation, { status: 'observed' }>,
  options: CompareOptions,
): Comparison {
  const index = indexCatalogue(options.catalogue);
  const differences: Difference[] = [];
  const unknowns: UnknownPath[] = [];
  const compared = new Set<string>();
  const ignored = new Map<string, string>();
  const skipped = new Map<string, string>();
  for (const resource of observation.resources) {
    if (resource.judgement.status === 'ignored') ignored.set(resource.resource, resource.judgement.by);
    else if (resource.judgement.status === 'skipped') skipped.set(resource.resource, resource.judgement.by);
    else {
      compared.add(resource.resource);
      compareResource({ resource, gaps: gapsOf(resource.planes), index, options, differences, unknowns });
    }
  }
  return { differences: differences.sort(byPlace), unknowns: unknowns.sort(byPlace), compared, ignored, skipped };
}
