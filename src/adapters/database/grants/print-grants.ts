import type { Unit } from '../../../core/model/unit.ts';
import type { SourceDocument } from '../../../ports/document-source.ts';
import { readDeclarations, type Declarations } from '../documents/declarations.ts';
import { declaredDatabaseNames } from '../documents/declared-databases.ts';
import { DatabaseBlock } from '../unit-block.ts';
import { renderActuatorGrants } from './actuator-grants.ts';
import type { GrantRole, PrintedGrants } from './grant-role.ts';
import { renderObserverGrants } from './observer-grants.ts';

function usernameOf(reference: Unit['credentials'], fallback: string): string {
  const username = reference?.['username'];
  return typeof username === 'string' && username !== '' ? username : fallback;
}

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();

/** Owners that documents name: of databases, of schemas, and of what default privileges are for. */
export function declaredOwners(declarations: Declarations): readonly string[] {
  const owners = declarations.databases.flatMap((each) => [
    each.spec.owner,
    ...(each.spec.postgres?.schemas ?? []).map((schema) => schema.owner),
  ]);
  const creators = declarations.grants.flatMap((each) =>
    (each.spec.postgres?.defaultPrivileges ?? []).map((item) => item.grantedBy),
  );
  return unique([...owners.filter((owner) => owner !== undefined), ...creators]);
}

/** Roles whose own rows or memberships documents declare. */
export function managedRoles(declarations: Declarations): readonly string[] {
  const groups = [
    ...declarations.users.flatMap((each) => [...(each.spec.roles ?? []), ...(each.spec.postgres?.inRoles ?? [])]),
    ...declarations.roles.flatMap((each) => each.spec.postgres?.inRoles ?? []),
    ...declarations.grants.flatMap((each) => each.spec.postgres?.roles ?? []),
  ];
  return unique([
    ...declarations.users.map((each) => each.spec.username),
    ...declarations.roles.map((each) => each.spec.roleName),
    ...groups,
  ]);
}

/**
 * The SQL that makes one of a unit's roles, from its documents alone. It is printed for a person to read and run;
 * Kedge never runs it.
 */
export function printGrants(role: GrantRole, unit: Unit, documents: readonly SourceDocument[]): PrintedGrants {
  const declarations = readDeclarations(unit, documents);
  const { connection } = DatabaseBlock.parse(unit.block);
  const probe = connection.database ?? declarations.instance?.spec.connection.database ?? 'postgres';
  const databases = declaredDatabaseNames(declarations);
  if (role === 'observer') {
    const username = usernameOf(unit.credentials, 'kedge_observer');
    return { status: 'printed', sql: renderObserverGrants({ unit: unit.name, username, probe, databases }) };
  }
  if (role === 'actuator') {
    const username = usernameOf(unit.writeCredentials, 'kedge_actuator');
    const movesOwners = declarations.databases.some((each) => each.spec.owner !== undefined);
    const owners = declaredOwners(declarations);
    const managed = managedRoles(declarations);
    return {
      status: 'printed',
      sql: renderActuatorGrants({ unit: unit.name, username, probe, databases, owners, managed, movesOwners }),
    };
  }
  const because = role === 'password' ? 'passwords are not compared' : 'audit sources of databases are not read';
  return { status: 'not-offered', because: `${because}, so no role is needed for it` };
}
