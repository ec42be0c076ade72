import type { Declarations } from './declarations.ts';

/** Every database a document names. */
export function declaredDatabaseNames(declarations: Declarations): readonly string[] {
  const grants = [...declarations.roles, ...declarations.grants].flatMap((each) => each.spec.postgres?.grants ?? []);
  const defaults = declarations.grants.flatMap((each) => each.spec.postgres?.defaultPrivileges ?? []);
  const names = [
    ...declarations.databases.map((each) => each.spec.name ?? each.name),
    ...grants.map((each) => each.database),
    ...defaults.map((each) => each.database),
  ];
  return [...new Set(names)].sort();
}

/** Databases that documents want closed: nobody can use what stands inside, so it is not missed that nobody can read it. */
export function declaredClosed(declarations: Declarations): ReadonlySet<string> {
  return new Set(
    declarations.databases
      .filter((each) => each.spec.postgres?.allowConnections === false)
      .map((each) => each.spec.name ?? each.name),
  );
}
