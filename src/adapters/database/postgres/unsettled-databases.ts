import { isJsonArray, isJsonObject, jsonText, type JsonObject, type JsonValue } from '../../../core/model/json.ts';
import type { PlaneGap, PlaneState } from '../../../core/model/plane-state.ts';
import type { ObserveRequest } from '../../../ports/observer.ts';
import type { ClusterCatalog } from './server-catalog.ts';

const LISTS = ['privileges', 'extraGrants', 'defaults', 'extraDefaults'] as const;

/** Databases that were recorded and are not there any more, or are other ones under the same name. */
export function unsettledDatabases(
  snapshots: ObserveRequest['snapshots'],
  cluster: ClusterCatalog,
): ReadonlySet<string> {
  if (snapshots.status !== 'read') return new Set();
  const present = new Map(cluster.databases.map((each) => [each.name, each.oid]));
  return new Set(
    [...snapshots.byResource.values()]
      .filter((snapshot) => snapshot.type === 'database')
      .map((snapshot) => ({ name: snapshot.resource.slice('database/'.length), oid: snapshot.value['$identity'] }))
      .filter(({ name, oid }) => present.get(name) !== oid)
      .map(({ name }) => name),
  );
}

function isWithin(item: JsonValue, databases: ReadonlySet<string>): boolean {
  return isJsonObject(item) && databases.has(jsonText(item['database']));
}

/** A recorded tree without what was held in databases that are gone: that they are gone is one finding, of their own. */
export function withoutDatabases(value: JsonObject, databases: ReadonlySet<string>): JsonObject {
  if (databases.size === 0) return value;
  const lists = LISTS.flatMap((list) => {
    const items = value[list];
    return isJsonArray(items) ? [[list, items.filter((item) => !isWithin(item, databases))] as const] : [];
  });
  return { ...value, ...Object.fromEntries(lists) };
}

/** The recorded plane says nothing of what is held in a database that was made anew: it is seen for the first time. */
export function withoutMemory(recorded: PlaneState, actual: JsonObject, databases: ReadonlySet<string>): PlaneState {
  if (recorded.status !== 'present' || databases.size === 0) return recorded;
  const gaps = LISTS.flatMap((list) => {
    const items = actual[list];
    const fresh = isJsonArray(items) ? items.filter((item) => isWithin(item, databases)) : [];
    return fresh.map((item): PlaneGap => {
      const on = isJsonObject(item) ? jsonText(item['on']).replaceAll('~', '~0').replaceAll('/', '~1') : '';
      return { path: `/${list}/[on=${on}]`, status: 'not-applicable' };
    });
  });
  return gaps.length === 0 ? recorded : { ...recorded, gaps: [...(recorded.gaps ?? []), ...gaps] };
}
