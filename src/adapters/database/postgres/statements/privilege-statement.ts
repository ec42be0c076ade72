import { ACL_FACTS, COLUMN_PRIVILEGES, DEFAULT_ACL_FACTS, type Privilege } from './privilege.ts';
import { quoteIdentifier } from './quote.ts';
import type { Grantee, WriteOf } from './schema.ts';
import { renderTarget } from './target.ts';

/** Default privileges on large objects exist from this major on. */
const LARGE_OBJECT_DEFAULTS_SINCE = 18;

function renderGrantee(grantee: Grantee): string {
  return grantee.kind === 'public' ? 'PUBLIC' : quoteIdentifier(grantee.name);
}

function checkPrivileges(given: readonly Privilege[], allowed: readonly Privilege[], what: string): void {
  const stranger = given.find((privilege) => !allowed.includes(privilege));
  if (stranger !== undefined) throw new TypeError(`${stranger} is no privilege on ${what}`);
}

function renderPrivileges(write: WriteOf<'grant'> | WriteOf<'revoke'>): string {
  if (write.columns.length === 0) {
    checkPrivileges(write.privileges, ACL_FACTS[write.target.kind].privileges, `a ${write.target.kind}`);
    return write.privileges.join(', ');
  }
  if (write.target.kind !== 'table') throw new TypeError(`a ${write.target.kind} has no columns`);
  checkPrivileges(write.privileges, COLUMN_PRIVILEGES, 'a column');
  const columns = write.columns.map(quoteIdentifier).join(', ');
  return write.privileges.map((privilege) => `${privilege} (${columns})`).join(', ');
}

export function renderGrant(write: WriteOf<'grant'>): string {
  const option = write.grantOption ? ' WITH GRANT OPTION' : '';
  return `GRANT ${renderPrivileges(write)} ON ${renderTarget(write.target)} TO ${renderGrantee(write.grantee)}${option}`;
}

export function renderRevoke(write: WriteOf<'revoke'>): string {
  const option = write.optionOnly ? 'GRANT OPTION FOR ' : '';
  const privileges = renderPrivileges(write);
  return `REVOKE ${option}${privileges} ON ${renderTarget(write.target)} FROM ${renderGrantee(write.grantee)}`;
}

function defaultHead(write: WriteOf<'default-grant'> | WriteOf<'default-revoke'>, major: number): string {
  const facts = DEFAULT_ACL_FACTS[write.objects];
  checkPrivileges(write.privileges, facts.privileges, `default privileges on ${write.objects}`);
  if (write.objects === 'large-objects' && major < LARGE_OBJECT_DEFAULTS_SINCE) {
    throw new TypeError(`default privileges on large objects need PostgreSQL ${LARGE_OBJECT_DEFAULTS_SINCE}`);
  }
  const schema = write.schema === undefined ? '' : ` IN SCHEMA ${quoteIdentifier(write.schema)}`;
  return `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoteIdentifier(write.owner)}${schema}`;
}

export function renderDefaultGrant(write: WriteOf<'default-grant'>, major: number): string {
  const option = write.grantOption ? ' WITH GRANT OPTION' : '';
  const objects = DEFAULT_ACL_FACTS[write.objects].keyword;
  return `${defaultHead(write, major)} GRANT ${write.privileges.join(', ')} ON ${objects} TO ${renderGrantee(write.grantee)}${option}`;
}

export function renderDefaultRevoke(write: WriteOf<'default-revoke'>, major: number): string {
  const option = write.optionOnly ? 'GRANT OPTION FOR ' : '';
  const objects = DEFAULT_ACL_FACTS[write.objects].keyword;
  return `${defaultHead(write, major)} REVOKE ${option}${write.privileges.join(', ')} ON ${objects} FROM ${renderGrantee(write.grantee)}`;
}
