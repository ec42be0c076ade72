import { oneLine } from '../postgres/failure.ts';
import { quoteIdentifier } from '../postgres/statements/quote.ts';
import { connectGrant } from './observer-grants.ts';

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
export function administerGrant(role: string, username: string, major: number | undefined): string {
  const options = major !== undefined && major < 16 ? 'WITH ADMIN OPTION' : 'WITH ADMIN TRUE, INHERIT FALSE, SET FALSE';
  return `GRANT ${quoteIdentifier(role)} TO ${quoteIdentifier(username)} ${options};`;
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
    `CREATE ROLE ${role} LOGIN NOSUPERUSER ${creates} CREATEROLE INHERIT NOREPLICATION NOBYPASSRLS;`,
    ...databases.map((database) => connectGrant(database, username)),
    '-- Owners of what the documents speak of. Add the owners of its tables, and every role that gave grants which are to be taken back:',
    "-- SELECT DISTINCT 'GRANT ' || quote_ident(pg_get_userbyid(relowner)) || ' TO <actuator>;' FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S');",
    ...request.owners.map((owner) => actAsGrant(owner, username)),
    '-- Roles and users it administers. On PostgreSQL 14 and 15 write WITH ADMIN OPTION instead.',
    ...managed.map((each) => administerGrant(each, username, undefined)),
    '-- Only a superuser gives or takes SUPERUSER, REPLICATION and BYPASSRLS: such a plan is refused with PERMISSION.',
    '',
  ].join('\n');
}
