import { databaseKey } from './object-key.ts';
import type { ClusterCatalog, DatabaseCatalog, DefaultFact, Membership, PrivilegeFact } from './server-catalog.ts';
import type { HeldPrivilege, Target } from './state.ts';

/** What a grantee holds on one target. */
export interface Holding {
  readonly target: Target;
  readonly held: readonly HeldPrivilege[];
}

/** What each role of a server has directly: privileges by target, memberships, settings, default privileges. Owners are looked up apart. */
export interface PrivilegeIndex {
  of(grantee: string): ReadonlyMap<string, Holding>;
  /** Targets of a kind in a schema, for `*`. */
  objectsIn(
    database: string,
    schema: string,
    kind: string,
  ): readonly (Target & { readonly name: string; readonly owner: string })[];
  ownerOf(on: string): string | undefined;
  grantees(): Iterable<string>;
  membershipsOf(member: string): readonly Membership[];
  settingsOf(role: string): ClusterCatalog['settings'];
  /** Default privileges in every database that was read. */
  defaultsOf(grantee: string): readonly DefaultFact[];
}

const NOTHING: ReadonlyMap<string, Holding> = new Map();

/** Indexes the privileges of everything that was read. */
export function indexPrivileges(cluster: ClusterCatalog, databases: Iterable<DatabaseCatalog>): PrivilegeIndex {
  const byGrantee = new Map<string, Map<string, { target: Target; held: HeldPrivilege[] }>>();
  const owners = new Map<string, string>(cluster.databases.map((each) => [each.name, each.owner]));
  const objects = new Map<string, (Target & { readonly name: string; readonly owner: string })[]>();

  function add({ target, grantee, held }: PrivilegeFact): void {
    let targets = byGrantee.get(grantee);
    if (targets === undefined)
      byGrantee.set(grantee, (targets = new Map<string, { target: Target; held: HeldPrivilege[] }>()));
    const holding = targets.get(target.on);
    if (holding === undefined) targets.set(target.on, { target, held: [held] });
    else holding.held.push(held);
  }

  const memberships = Map.groupBy(cluster.memberships, (each) => each.member);
  const settings = Map.groupBy(cluster.settings, (each) => each.role);
  const read = [...databases];
  const defaults = Map.groupBy(
    read.flatMap((catalog) => catalog.defaults),
    (each) => each.grantee,
  );
  for (const fact of cluster.privileges) add(fact);
  for (const catalog of read) {
    for (const fact of catalog.privileges) add(fact);
    for (const schema of catalog.schemas) owners.set(databaseKey(catalog.database, schema.name), schema.owner);
    for (const object of catalog.objects) {
      owners.set(object.on, object.owner);
      const key = JSON.stringify([catalog.database, object.schema, object.kind]);
      const list = objects.get(key);
      if (list === undefined) objects.set(key, [object]);
      else list.push(object);
    }
  }
  return {
    of: (grantee) => byGrantee.get(grantee) ?? NOTHING,
    objectsIn: (database, schema, kind) => objects.get(JSON.stringify([database, schema, kind])) ?? [],
    ownerOf: (on) => owners.get(on),
    grantees: () => byGrantee.keys(),
    membershipsOf: (member) => memberships.get(member) ?? [],
    settingsOf: (role) => settings.get(role) ?? [],
    defaultsOf: (grantee) => defaults.get(grantee) ?? [],
  };
}
