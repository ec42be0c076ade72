import { isJsonArray, isJsonObject, jsonText, type JsonObject, type JsonValue } from '../../../core/model/json.ts';
import type { ResourceObservation } from '../../../core/model/observation.ts';
import type { Snapshots } from './assembly.ts';
import type { PrivilegeIndex } from './privilege-index.ts';
import type { DatabaseCatalog } from './server-catalog.ts';

/** Stands in a snapshot for whoever owns the thing: no role may be called so, since the server reserves `pg_`. */
const OWNER = 'pg_kedge_owner';
const LISTS = ['privileges', 'extraGrants'] as const;

type Rename = (grantor: JsonValue | undefined, on: string) => string | undefined;

function renamedItem(item: JsonValue, rename: Rename): JsonValue {
  const held = isJsonObject(item) ? item['held'] : undefined;
  if (!isJsonObject(item) || !isJsonArray(held)) return item;
  const names = held.map((each) => (isJsonObject(each) ? rename(each['grantor'], jsonText(item['on'])) : undefined));
  if (names.every((name) => name === undefined)) return item;
  return {
    ...item,
    held: held.map((each, at) => {
      const name = names[at];
      return isJsonObject(each) && name !== undefined ? { ...each, grantor: name } : each;
    }),
  };
}

function renamed(value: JsonValue | undefined, rename: Rename): JsonValue | undefined {
  if (!isJsonArray(value)) return undefined;
  const items = value.map((item) => renamedItem(item, rename));
  return items.some((item, at) => item !== value[at]) ? items : undefined;
}

function withLists(value: JsonObject, rename: Rename): JsonObject | undefined {
  const changed = LISTS.flatMap((list) => {
    const items = renamed(value[list], rename);
    return items === undefined ? [] : [[list, items] as const];
  });
  return changed.length === 0 ? undefined : { ...value, ...Object.fromEntries(changed) };
}

/** In the snapshot of a database: the highest oid of its tables, so that a later table is known as one. */
const NEWEST = '$newest';

/** The highest table oid a database had when it was recorded; undefined when that is not known. */
export function newestRecorded(snapshots: Snapshots, database: string): number | undefined {
  if (snapshots.status !== 'read') return undefined;
  const newest = snapshots.byResource.get(`database/${database}`)?.value[NEWEST];
  return typeof newest === 'number' ? newest : undefined;
}

function withoutNewest(value: JsonObject): JsonObject | undefined {
  if (value[NEWEST] === undefined) return undefined;
  const { [NEWEST]: _, ...rest } = value;
  return rest;
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
      const value = withLists(snapshot.value, rename) ?? withoutNewest(snapshot.value);
      return [resource, value === undefined ? snapshot : { ...snapshot, value }] as const;
    }),
  );
  return { status: 'read', byResource };
}

/** An observation whose snapshot names owners as owners and knows which tables there were. */
export function inRecordedForm(
  resource: ResourceObservation,
  index: PrivilegeIndex,
  databases: ReadonlyMap<string, DatabaseCatalog>,
): ResourceObservation {
  const { actual } = resource.planes;
  if (actual.status !== 'present' || !isJsonObject(actual.value)) return resource;
  const catalog = resource.type === 'database' ? databases.get(resource.name) : undefined;
  if (catalog !== undefined) {
    const newest = [...catalog.oids.values()].reduce((highest, oid) => Math.max(highest, oid), 0);
    return { ...resource, recordAs: { ...actual.value, [NEWEST]: newest } };
  }
  const rename: Rename = (grantor, on) => (grantor !== undefined && grantor === index.ownerOf(on) ? OWNER : undefined);
  const recordAs = withLists(actual.value, rename);
  return recordAs === undefined ? resource : { ...resource, recordAs };
}
