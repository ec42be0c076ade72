import { oneLine } from '../postgres/failure.ts';
import { MEMBERSHIP_OPTIONS_SINCE } from '../postgres/statements/membership-statement.ts';
import { quoteIdentifier } from '../postgres/statements/quote.ts';
import { connectGrant } from './observer-grants.ts';
import { byVersion, makeRole, whereDatabaseIs, whereRoleIs } from './repeatable.ts';

/** What the printed SQL is about. */
export interface ActuatorGrants {
  readonly unit: string;
  readonly username: string;
  readonly probe: string;
  readonly databases: readonly string[];
  /** Roles that own what documents speak of, and that gave what is to be taken back: the actuator acts as them. */
  readonly owners: readonly string[];
  /** Roles whose attributes, settings or memberships documents declare. */
  readonly managed: readonly string[];
  /** Whether a document declares a database's owner. */
  readonly movesOwners: boolean;
}

/** Membership through which the actuator acts as an owner or a grantor. */
export function actAsGrant(owner: string, username: string): string {
  return `GRANT ${quoteIdentifier(owner)} TO ${quoteIdentifier(username)};`;
}

/** Administration of a managed role; from 16 on it brings none of its privileges. */
export function administerGrant(role: string, username: string, major: number): string {
  const options = major < MEMBERSHIP_OPTIONS_SINCE ? 'WITH ADMIN OPTION' : 'WITH ADMIN TRUE, INHERIT FALSE, SET FALSE';
  return `GRANT ${quoteIdentifier(role)} TO ${quoteIdentifier(username)} ${options};`;
}

/** Administration of a managed role, in a form that every version runs. */
function administerAnywhere(role: string, username: string): string {
  return byVersion(role, {
    since: MEMBERSHIP_OPTIONS_SINCE,
    newer: administerGrant(role, username, MEMBERSHIP_OPTIONS_SINCE),
    older: administerGrant(role, username, MEMBERSHIP_OPTIONS_SINCE - 1),
  });
}

/** What `correct` needs and no more: administration of the managed roles, the owners it acts as, no superuser. */
export function renderActuatorGrants(request: ActuatorGrants): string {
  const { username, probe } = request;
  const role = quoteIdentifier(username);
  const databases = [...new Set([probe, ...request.databases])].sort();
  const managed = request.managed.filter((each) => !request.owners.includes(each));
  const creates = request.movesOwners ? 'CREATEDB' : 'NOCREATEDB';
  return [
    `-- The actuator of unit ${oneLine(request.unit)}. Read it, then run it as a superuser; leave it out and Kedge cannot write here.`,
    `-- The password is set apart: \\password ${role}`,
    '-- It may be run again, and should be when roles or databases that documents name have come since.',
    ...makeRole(username, `LOGIN NOSUPERUSER ${creates} CREATEROLE INHERIT NOREPLICATION NOBYPASSRLS`),
    ...databases.map((database) => whereDatabaseIs(database, connectGrant(database, username))),
    '-- Owners of what the documents speak of. Add the owners of its tables, and every role that gave grants which are to be taken back:',
    "-- SELECT DISTINCT 'GRANT ' || quote_ident(pg_get_userbyid(relowner)) || ' TO <actuator>;' FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S');",
    ...request.owners.map((owner) => whereRoleIs(owner, actAsGrant(owner, username))),
    '-- Roles and users it administers. Those that are not there yet it creates, and administers from then on.',
    ...managed.map((each) => administerAnywhere(each, username)),
    '-- Only a superuser gives or takes SUPERUSER, REPLICATION and BYPASSRLS: such a plan is refused with PERMISSION.',
    '',
  ].join('\n');
}
