import { oneLine } from '../postgres/failure.ts';
import { quoteIdentifier } from '../postgres/statements/quote.ts';
import { makeRole, whereDatabaseIs } from './repeatable.ts';

/** What the printed SQL is about. */
export interface ObserverGrants {
  readonly unit: string;
  readonly username: string;
  /** The database the probe connects to. */
  readonly probe: string;
  readonly databases: readonly string[];
}

/** The statement that lets a role connect, as doctor and error messages print it. */
export function connectGrant(database: string, username: string): string {
  return `GRANT CONNECT ON DATABASE ${quoteIdentifier(database)} TO ${quoteIdentifier(username)};`;
}

/** The statement that shows the settings only superusers see by default. */
export function settingsGrant(username: string): string {
  return `GRANT pg_read_all_settings TO ${quoteIdentifier(username)};`;
}

/** The statement that makes the attribution of role changes exact; it shows no password. */
export function roleRowsGrant(username: string): string {
  return `GRANT SELECT (oid, rolname, xmin) ON pg_catalog.pg_authid TO ${quoteIdentifier(username)};`;
}

export function readOnlyDefault(username: string): string {
  return `ALTER ROLE ${quoteIdentifier(username)} SET default_transaction_read_only TO 'on';`;
}

/** The least an observer needs: it logs in, connects, and reads the system catalogs that everybody may read. */
export function renderObserverGrants(request: ObserverGrants): string {
  const { username, probe } = request;
  const role = quoteIdentifier(username);
  const databases = [...new Set([probe, ...request.databases])].sort();
  return [
    `-- The observer of unit ${oneLine(request.unit)}. Read it, then run it as a superuser.`,
    `-- The password is set apart, so that it stands in no file and no log: \\password ${role}`,
    ...makeRole(username, 'LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE INHERIT NOREPLICATION NOBYPASSRLS'),
    readOnlyDefault(username),
    '-- Settings that only superusers see by default: preloaded libraries, logging.',
    settingsGrant(username),
    '-- Wherever PUBLIC may no longer connect; harmless where it may. Repeat for databases that no document names.',
    ...databases.map((database) => whereDatabaseIs(database, connectGrant(database, username))),
    `-- Optional, in database ${quoteIdentifier(probe)}: whose transaction wrote a role, without any password.`,
    roleRowsGrant(username),
    '-- Until PostgreSQL 14 everybody may create in schema public. Where nobody relies on it, in each database:',
    '-- REVOKE CREATE ON SCHEMA public FROM PUBLIC;',
    '',
  ].join('\n');
}
