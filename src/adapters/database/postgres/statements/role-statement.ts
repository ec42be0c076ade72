import { integerLiteral, quoteIdentifier, quoteLiteral } from './quote.ts';
import { ROLE_ATTRIBUTES, type RoleAttribute, type WriteOf } from './schema.ts';
import { quoteSettingName } from './target.ts';

const ATTRIBUTE_WORDS: Readonly<Record<RoleAttribute, string>> = {
  superuser: 'SUPERUSER',
  createdb: 'CREATEDB',
  createrole: 'CREATEROLE',
  inherit: 'INHERIT',
  login: 'LOGIN',
  replication: 'REPLICATION',
  bypassrls: 'BYPASSRLS',
};

function attributeWord(attribute: RoleAttribute, value: boolean): string {
  return value ? ATTRIBUTE_WORDS[attribute] : `NO${ATTRIBUTE_WORDS[attribute]}`;
}

export function renderRoleAttribute(write: WriteOf<'role-attribute'>): string {
  return `ALTER ROLE ${quoteIdentifier(write.role)} ${attributeWord(write.attribute, write.value)}`;
}

export function renderRoleConnectionLimit(write: WriteOf<'role-connection-limit'>): string {
  return `ALTER ROLE ${quoteIdentifier(write.role)} CONNECTION LIMIT ${integerLiteral(write.value)}`;
}

export function renderRoleValidUntil(write: WriteOf<'role-valid-until'>): string {
  return `ALTER ROLE ${quoteIdentifier(write.role)} VALID UNTIL ${quoteLiteral(write.value)}`;
}

export function renderRoleRename(write: WriteOf<'role-rename'>): string {
  return `ALTER ROLE ${quoteIdentifier(write.role)} RENAME TO ${quoteIdentifier(write.to)}`;
}

export function renderRoleCreate(write: WriteOf<'role-create'>): string {
  const words = ROLE_ATTRIBUTES.flatMap((attribute) => {
    const value = write.attributes[attribute];
    return value === undefined ? [] : [attributeWord(attribute, value)];
  });
  const limit =
    write.connectionLimit === undefined ? [] : [`CONNECTION LIMIT ${integerLiteral(write.connectionLimit)}`];
  const until = write.validUntil === undefined ? [] : [`VALID UNTIL ${quoteLiteral(write.validUntil)}`];
  return ['CREATE ROLE', quoteIdentifier(write.role), ...words, ...limit, ...until].join(' ');
}

function settingSubject(write: WriteOf<'setting'>): string {
  if (write.role === undefined) {
    if (write.database === undefined) throw new TypeError('a setting belongs to a role, a database or both');
    return `ALTER DATABASE ${quoteIdentifier(write.database)}`;
  }
  const within = write.database === undefined ? '' : ` IN DATABASE ${quoteIdentifier(write.database)}`;
  return `ALTER ROLE ${quoteIdentifier(write.role)}${within}`;
}

export function renderSetting(write: WriteOf<'setting'>): string {
  const name = quoteSettingName(write.name);
  if (write.values === undefined) return `${settingSubject(write)} RESET ${name}`;
  return `${settingSubject(write)} SET ${name} TO ${write.values.map(quoteLiteral).join(', ')}`;
}
