import { integerLiteral, quoteIdentifier, quoteLiteral } from './quote.ts';
import type { WriteOf } from './schema.ts';

const FLAG_WORDS = { isTemplate: 'IS_TEMPLATE', allowConnections: 'ALLOW_CONNECTIONS' } as const;

export function renderDatabaseOwner(write: WriteOf<'database-owner'>): string {
  return `ALTER DATABASE ${quoteIdentifier(write.database)} OWNER TO ${quoteIdentifier(write.owner)}`;
}

export function renderDatabaseConnectionLimit(write: WriteOf<'database-connection-limit'>): string {
  return `ALTER DATABASE ${quoteIdentifier(write.database)} CONNECTION LIMIT ${integerLiteral(write.value)}`;
}

export function renderDatabaseFlag(write: WriteOf<'database-flag'>): string {
  return `ALTER DATABASE ${quoteIdentifier(write.database)} ${FLAG_WORDS[write.flag]} ${String(write.value)}`;
}

export function renderSchemaCreate(write: WriteOf<'schema-create'>): string {
  const owner = write.owner === undefined ? '' : ` AUTHORIZATION ${quoteIdentifier(write.owner)}`;
  return `CREATE SCHEMA ${quoteIdentifier(write.schema)}${owner}`;
}

export function renderSchemaOwner(write: WriteOf<'schema-owner'>): string {
  return `ALTER SCHEMA ${quoteIdentifier(write.schema)} OWNER TO ${quoteIdentifier(write.owner)}`;
}

export function renderExtensionCreate(write: WriteOf<'extension-create'>): string {
  const version = write.version === undefined ? '' : ` VERSION ${quoteLiteral(write.version)}`;
  return `CREATE EXTENSION ${quoteIdentifier(write.extension)} SCHEMA ${quoteIdentifier(write.schema)}${version}`;
}

export function renderExtensionUpdate(write: WriteOf<'extension-update'>): string {
  return `ALTER EXTENSION ${quoteIdentifier(write.extension)} UPDATE TO ${quoteLiteral(write.version)}`;
}
