import { isJsonArray, isJsonObject, jsonText, type JsonObject, type JsonValue } from '../../../core/model/json.ts';
import type { ResourceObservation } from '../../../core/model/observation.ts';
import type { Snapshots } from './assembly.ts';
import type { PrivilegeIndex } from './privilege-index.ts';

/** Stands in a snapshot for whoever owns the thing: no role may be called so, since the server reserves `pg_`. */
const OWNER = 'pg_kedge_owner';
const LISTS = ['privileges', 'extraGrants'] as const;

type Rename = (grantor: JsonValue | undefined, on: string) => string | undefined;

function renamed(value: JsonValue | undefined, rename: Rename): JsonValue | undefined {
  if (!isJsonArray(value)) return undefined;
  let moved = false;
  const items = value.map((item) => {
    const held = isJsonObject(item) ? item['held'] : undefined;
    if (!isJsonObject(item) || !isJsonArray(held)) return item;
    const on = jsonText(item['on']);
    return {
      ...item,
      held: held.map((each) => {
        const name = isJsonObject(each) ? rename(each['grantor'], on) : undefined;
        if (!isJsonObject(each) || name === undefined) return each;
        moved = true;
        return { ...each, grantor: name };
      }),
    };
  });
  return moved ? items : undefined;
}

function withLists(value: JsonObject, rename: Rename): JsonObject | undefined {
  const changed = LISTS.flatMap((list) => {
    const items = renamed(value[list], rename);
    return items === undefined ? [] : [[list, items] as const];
  });
  return changed.length === 0 ? undefined : { ...value, ...Object.fromEntries(changed) };
}

/**
 * The recorded plane with owners' own grants in the name of who owns the thing now. The server rewrites the grantor of every such
 * grant when a thing changes its owner: that is one finding, the owner, and not one for every grantee.
 */
export function withPresentOwners(snapshots: Snapshots, index: PrivilegeIndex): Snapshots {
  if (snapshots.status !== 'read') return snapshots;
  const rename: Rename = (grantor, on) => (grantor === OWNER ? (index.ownerOf(on) ?? OWNER) : undefined);
  const byResource = new Map(
    [...snapshots.byResource].map(([resource, snapshot]) => {
      const value = withLists(snapshot.value, rename);
      return [resource, value === undefined ? snapshot : { ...snapshot, value }] as const;
    }),
  );
  return { status: 'read', byResource };
}

/** An observation whose snapshot names owners as owners. */
export function recordOwners(resource: ResourceObservation, index: PrivilegeIndex): ResourceObservation {
  const { actual } = resource.planes;
  if (actual.status !== 'present' || !isJsonObject(actual.value)) return resource;
  const rename: Rename = (grantor, on) => (grantor !== undefined && grantor === index.ownerOf(on) ? OWNER : undefined);
  const recordAs = withLists(actual.value, rename);
  return recordAs === undefined ? resource : { ...resource, recordAs };
}
