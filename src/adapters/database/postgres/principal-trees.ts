import type { JsonObject } from '../../../core/model/json.ts';
import { actualGrant, extraHoldings } from './declared-grants.ts';
import { foldDefaults } from './default-items.ts';
import { documentsOf } from './grantee-documents.ts';
import { byRole, membershipTrees } from './membership-trees.ts';
import type { PrivilegeIndex } from './privilege-index.ts';
import type { Role } from './server-catalog.ts';
import { foldSetting } from './settings.ts';
import { PUBLIC } from './state.ts';
import { json, type RoleDeclaration, type TreeSource, type UserDeclaration } from './tree-source.ts';

function instant(text: string): string {
  if (text === 'infinity' || text === '') return 'infinity';
  const at = Date.parse(text.replace(' ', 'T').replace(/([+-]\d{2})$/, '$1:00'));
  return Number.isNaN(at) ? text : new Date(at).toISOString().replace('.000Z', 'Z');
}

function declaredAttributes(
  spec: UserDeclaration['spec']['postgres'] | RoleDeclaration['spec']['postgres'],
  loginDefault: boolean,
): JsonObject {
  return {
    superuser: spec?.superuser ?? false,
    createdb: spec?.createDB ?? false,
    createrole: spec?.createRole ?? false,
    inherit: spec?.inherit ?? true,
    login: spec?.login ?? loginDefault,
    replication: spec?.replication ?? false,
    bypassrls: spec?.bypassRLS ?? false,
  };
}

/** Up to 15 a membership has no option of its own: whether it is inherited is the role's attribute, compared as that. */
function inheritOf(inherit: boolean, { version }: TreeSource): boolean {
  return version < 16 || inherit;
}

/** The desired tree of a user or role: what its document says, and nothing about the rest. */
export function desiredPrincipal(declared: UserDeclaration | RoleDeclaration, source: TreeSource): JsonObject {
  const isUser = 'username' in declared.spec;
  const name = 'username' in declared.spec ? declared.spec.username : declared.spec.roleName;
  const block = declared.spec.postgres;
  const documents = documentsOf(name, source);
  const memberships = membershipTrees(
    declared.resource,
    documents,
    new Map(),
    inheritOf(block?.inherit ?? true, source),
  );
  const grants = documents.grants.find((each) => each.resource === declared.resource);
  const user = 'username' in declared.spec ? declared.spec.postgres : undefined;
  const settings = user === undefined ? undefined : userSettings(user);
  return json({
    name,
    ...(block === undefined ? {} : { attributes: declaredAttributes(block, isUser) }),
    ...(user === undefined
      ? {}
      : {
          connectionLimit: user.connectionLimit,
          ...(user.validUntil === undefined ? {} : { validUntil: instant(user.validUntil) }),
        }),
    ...(settings === undefined || Object.keys(settings).length === 0 ? {} : { settings }),
    ...(memberships.desired === undefined ? {} : { memberOf: memberships.desired }),
    ...(documents.memberships[0]?.resource === declared.resource ? { extraMemberOf: [] } : {}),
    ...(grants === undefined ? {} : { grants: grants.items, extraGrants: [] }),
  }) as JsonObject;
}

function userSettings(block: NonNullable<UserDeclaration['spec']['postgres']>): Readonly<Record<string, string>> {
  const parameters = Object.fromEntries(
    Object.entries(block.configParameters ?? {}).map(([name, value]) => [
      name.toLowerCase(),
      foldSetting(value, undefined, false),
    ]),
  );
  return block.defaultRole === undefined ? parameters : { ...parameters, role: block.defaultRole };
}

function roleSettings(name: string, index: PrivilegeIndex): Readonly<Record<string, string>> {
  return Object.fromEntries(
    index
      .settingsOf(name)
      .map((each) => [
        each.database === undefined ? each.name : `${each.database}:${each.name}`,
        foldSetting(each.value, undefined, false),
      ]),
  );
}

/** The actual tree of a role, for the document that declares it or for nobody. */
export function actualPrincipal(
  resource: string,
  role: Role,
  source: TreeSource,
  declared: UserDeclaration | RoleDeclaration | undefined,
): JsonObject {
  const documents = documentsOf(role.name, source);
  const memberOf = source.index.membershipsOf(role.name);
  const edges = byRole(memberOf.map((each) => ({ ...each, inherit: inheritOf(each.inherit, source) })));
  const memberships = membershipTrees(resource, documents, edges, role.attributes.inherit);
  const own = documents.grants.find((each) => each.resource === resource);
  const { extra, undeclared } = extraHoldings(role.name, documents.grants, source.index);
  const declaredDefaults = new Set(documents.defaults.flatMap((each) => each.items.map((item) => item.on)));
  const defaults = foldDefaults(source.index.defaultsOf(role.name), source.version).filter(
    (each) => !declaredDefaults.has(each.on),
  );
  const grants = (own?.items ?? []).flatMap((item) => actualGrant(item, role.name, source.index) ?? []);
  return json({
    $identity: role.oid,
    name: role.name,
    attributes: role.attributes,
    connectionLimit: role.connectionLimit,
    validUntil: instant(role.validUntil),
    settings: roleSettings(role.name, source.index),
    ...(declared === undefined
      ? { memberOf: memberships.extra }
      : {
          memberOf: memberships.actual,
          extraMemberOf: memberships.extra,
          grants,
          extraGrants: extra.get(resource) ?? [],
        }),
    privileges: undeclared,
    defaults,
  }) as JsonObject;
}

/** The tree of everybody: what PUBLIC holds beyond the documents. */
export function actualPublic(source: TreeSource): JsonObject {
  const { undeclared } = extraHoldings(PUBLIC, [], source.index);
  return json({
    privileges: undeclared,
    defaults: foldDefaults(source.index.defaultsOf(PUBLIC), source.version),
  }) as JsonObject;
}
