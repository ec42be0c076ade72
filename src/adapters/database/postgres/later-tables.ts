import { isJsonArray, isJsonObject, jsonText, type JsonObject } from '../../../core/model/json.ts';
import type { Assembly } from './assembly.ts';
import { lackingTargets } from './declared-grants.ts';
import { newestRecorded } from './recorded-form.ts';
import type { GrantItem } from './state.ts';

function cameLater(assembly: Assembly, item: GrantItem, grantee: string): boolean {
  const { database = '' } = item;
  const newest = newestRecorded(assembly.rawSnapshots, database);
  const oids = assembly.source.databases.get(database)?.oids;
  const lacking = lackingTargets(item, grantee, assembly.source.index);
  if (newest === undefined || oids === undefined || lacking.length === 0) return false;
  return lacking.every((target) => (oids.get(target.on) ?? 0) > newest);
}

/** Declared wildcards of which only tables are uncovered that did not exist when the database was recorded. */
export function laterTables(assembly: Assembly, desired: JsonObject, grantee: string): readonly string[] {
  const items = isJsonArray(desired['grants']) ? desired['grants'].filter(isJsonObject) : [];
  return items
    .filter((item) => item['name'] === '*')
    .filter((item) => cameLater(assembly, item as unknown as GrantItem, grantee))
    .map((item) => jsonText(item['on']));
}
