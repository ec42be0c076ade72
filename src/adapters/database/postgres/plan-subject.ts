import { parsePath } from '../../../core/compare/path.ts';
import type { Difference } from '../../../core/model/difference.ts';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../../core/model/json.ts';
import type { Observation, ResourceObservation } from '../../../core/model/observation.ts';
import type { PathState } from '../../../core/model/plane-state.ts';
import type { Plane } from '../../../core/model/vocabulary.ts';
import { SeenFacts } from './payload.ts';
import { PUBLIC } from './state.ts';
import type { Grantee, Write } from './statements/schema.ts';

/** When a write has its turn: names and owners first, what is taken away after what is given. */
export const PHASES = ['name', 'create', 'owner', 'narrow', 'grant', 'limit', 'revoke', 'column', 'default'] as const;
export type Phase = (typeof PHASES)[number];

/** A write with its place in the order and what it takes from whom. */
export interface PlannedWrite {
  readonly write: Write;
  readonly phase: Phase;
  readonly loses: readonly string[];
}

/** What one difference needs, or why nothing is offered for it. */
export type Proposal =
  | { readonly status: 'proposed'; readonly writes: readonly PlannedWrite[]; readonly seen: readonly SeenFacts[] }
  | { readonly status: 'refused'; readonly code: string; readonly because: string };

/** One difference with everything around it that planning may look at. */
export interface PlanSubject {
  readonly difference: Difference;
  readonly resource: ResourceObservation;
  readonly observation: Extract<Observation, { readonly status: 'observed' }>;
  /** Every difference of the plan, this one among them. */
  readonly differences: readonly Difference[];
  readonly major: number;
  readonly approved: boolean;
}

export function refuse(code: string, because: string): Proposal {
  return { status: 'refused', code, because };
}

export function propose(writes: readonly PlannedWrite[], seen: readonly SeenFacts[]): Proposal {
  return { status: 'proposed', writes, seen };
}

/** One fact as it was seen; undefined: it was seen not to be there. */
export function seenFact(key: readonly string[], value: JsonValue | undefined): SeenFacts {
  return SeenFacts.parse({ pattern: key, facts: value === undefined ? [] : [[JSON.stringify(key), value]] });
}

/** Where the path is to come back to: what is declared, else what was recorded. */
export function referencePlane(difference: Difference): Plane {
  return difference.declared ? 'desired' : 'recorded';
}

export function referenceState(difference: Difference): PathState {
  return difference.declared ? difference.desired : difference.recorded;
}

/** The value a path should have, where it is a plain one. */
export function wantedValue(difference: Difference): JsonValue | undefined {
  const state = referenceState(difference);
  return state.status === 'present' ? state.value : undefined;
}

export function actualValue(difference: Difference): JsonValue | undefined {
  return difference.actual.status === 'present' ? difference.actual.value : undefined;
}

/** The names along a path: members as they are, items by their merge key's value. */
export function pathNames(difference: Difference): readonly string[] {
  return parsePath(difference.path).map((segment) => (segment.kind === 'member' ? segment.name : segment.value));
}

/** The whole item of a keyed list that a path leads into, on one plane. */
export function itemOf(subject: PlanSubject, plane: Plane): JsonObject | undefined {
  const [list, item] = parsePath(subject.difference.path);
  if (list?.kind !== 'member' || item?.kind !== 'item') return undefined;
  return listOf(subject.resource, plane, list.name).find((each) => each[item.key] === item.value);
}

/** The items of a list of a resource on one plane; none where the plane does not speak. */
export function listOf(resource: ResourceObservation, plane: Plane, name: string): readonly JsonObject[] {
  const state = resource.planes[plane];
  const list = state.status === 'present' ? state.value[name] : undefined;
  return isJsonArray(list) ? list.filter(isJsonObject) : [];
}

/** The role a resource's privileges are given to. */
export function granteeOf(resource: ResourceObservation): string {
  const declared = resource.facts?.['grantee'];
  return typeof declared === 'string' ? declared : liveName(resource);
}

/** The name a role has on the server now, which a rename by hand may have changed. */
export function liveName(resource: ResourceObservation): string {
  const { actual } = resource.planes;
  const name = actual.status === 'present' ? actual.value['name'] : undefined;
  return typeof name === 'string' && resource.type !== 'database' ? name : resource.name;
}

export function toGrantee(name: string): Grantee {
  return name === PUBLIC ? { kind: 'public' } : { kind: 'role', name };
}
