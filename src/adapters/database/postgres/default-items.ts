import { databaseKey } from './object-key.ts';
import { expandPrivileges } from './privilege-words.ts';
import type { DefaultFact } from './server-catalog.ts';
import type { DefaultItem } from './state.ts';

const OBJECT_KIND = {
  tables: 'table',
  sequences: 'sequence',
  functions: 'function',
  types: 'type',
  schemas: 'schema',
  largeobjects: 'largeobject',
} as const;

/** Default privileges as trees hold them, under one key. */
export function defaultItem(
  given: {
    readonly database: string;
    readonly schema?: string | undefined;
    readonly objectType: DefaultItem['objectType'];
    readonly owner: string;
    readonly grantee: string;
    readonly privileges: readonly string[];
  },
  version: number,
): DefaultItem {
  const { database, schema, objectType, owner, grantee } = given;
  const within = schema === undefined ? [] : [schema];
  return {
    on: databaseKey(database, ...within, objectType, 'of', owner, 'to', grantee),
    database: given.database,
    ...(given.schema === undefined ? {} : { schema: given.schema }),
    objectType: given.objectType,
    owner: given.owner,
    grantee: given.grantee,
    privileges: [...expandPrivileges(given.privileges, OBJECT_KIND[given.objectType], version)].sort(),
  };
}

/** What a server holds of default privileges, one item a scope and grantee. */
export function foldDefaults(facts: readonly DefaultFact[], version: number): readonly DefaultItem[] {
  const groups = Map.groupBy(facts, (each) =>
    JSON.stringify([each.database, each.schema, each.objectType, each.owner, each.grantee]),
  );
  return [...groups.values()]
    .flatMap((group): DefaultItem[] => {
      const [first] = group;
      if (first === undefined || first.grantee === first.owner) return [];
      return [defaultItem({ ...first, privileges: group.map((each) => each.privilege) }, version)];
    })
    .sort((left, right) => (left.on < right.on ? -1 : 1));
}

/** Where default privileges apply, whoever they are given to. */
export function scopeOfDefault(item: DefaultItem): string {
  return JSON.stringify([item.database, item.schema, item.objectType, item.owner]);
}
