import {
  renderDatabaseConnectionLimit,
  renderDatabaseFlag,
  renderDatabaseOwner,
  renderExtensionCreate,
  renderExtensionUpdate,
  renderSchemaCreate,
  renderSchemaOwner,
} from './database-statement.ts';
import { renderMembershipGrant, renderMembershipRevoke } from './membership-statement.ts';
import { renderDefaultGrant, renderDefaultRevoke, renderGrant, renderRevoke } from './privilege-statement.ts';
import { quoteIdentifier } from './quote.ts';
import {
  renderRoleAttribute,
  renderRoleConnectionLimit,
  renderRoleCreate,
  renderRoleRename,
  renderRoleValidUntil,
  renderSetting,
} from './role-statement.ts';
import type { Write, WriteKind, WriteOf } from './schema.ts';
import { databaseOf } from './target.ts';

type Renderer<K extends WriteKind> = (write: WriteOf<K>, major: number) => string;

const RENDERERS: { readonly [K in WriteKind]: Renderer<K> } = {
  'role-attribute': renderRoleAttribute,
  'role-connection-limit': renderRoleConnectionLimit,
  'role-valid-until': renderRoleValidUntil,
  'role-rename': renderRoleRename,
  'role-create': renderRoleCreate,
  setting: renderSetting,
  'membership-grant': renderMembershipGrant,
  'membership-revoke': renderMembershipRevoke,
  'database-owner': renderDatabaseOwner,
  'database-connection-limit': renderDatabaseConnectionLimit,
  'database-flag': renderDatabaseFlag,
  'schema-create': renderSchemaCreate,
  'schema-owner': renderSchemaOwner,
  'extension-create': renderExtensionCreate,
  'extension-update': renderExtensionUpdate,
  grant: renderGrant,
  revoke: renderRevoke,
  'default-grant': renderDefaultGrant,
  'default-revoke': renderDefaultRevoke,
};

/** The one statement of a write, without the role it runs as. */
export function renderStatement(write: Write, major: number): string {
  const render = RENDERERS[write.kind] as (write: Write, major: number) => string;
  return render(write, major);
}

/** The role a write must run as to change the right entry; undefined: the writer's own. */
export function actingRole(write: Write): string | undefined {
  return write.kind === 'grant' || write.kind === 'revoke' ? write.as : undefined;
}

/** Every statement of a write in the order in which it is sent, as one message. */
export function renderMessage(write: Write, major: number): string {
  const role = actingRole(write);
  const statement = renderStatement(write, major);
  if (role === undefined) return `${statement};`;
  return `SET LOCAL ROLE ${quoteIdentifier(role)}; ${statement}; SET LOCAL ROLE NONE;`;
}

/** The database a write must be sent to; undefined: it concerns the whole server and any will do. */
export function databaseOfWrite(write: Write): string | undefined {
  if (write.kind === 'grant' || write.kind === 'revoke') return databaseOf(write.target);
  if (write.kind === 'default-grant' || write.kind === 'default-revoke') return write.database;
  const isLocal = write.kind.startsWith('schema-') || write.kind.startsWith('extension-');
  return isLocal && 'database' in write ? write.database : undefined;
}
