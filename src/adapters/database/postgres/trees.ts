import type { JsonObject, JsonValue } from '../../../core/model/json.ts';
import type { Declarations } from '../documents/declarations.ts';
import { actualGrant, extraHoldings, toGrantItems } from './declared-grants.ts';
import type { PrivilegeIndex } from './privilege-index.ts';
import { databaseKey } from './object-key.ts';
import { expandPrivileges } from './privilege-words.ts';
import type { ClusterCatalog, DatabaseCatalog, DefaultFact, Membership, Role } from './server-catalog.ts';
import { foldSetting } from './settings.ts';
import { PUBLIC, type DefaultItem, type GrantItem, type MembershipItem } from './state.ts';

/** Everything of one look that trees are made from. */
export interface TreeSource {
  readonly declarations: Declarations;
  readonly cluster: ClusterCatalog;
  readonly databases: ReadonlyMap<string, DatabaseCatalog>;
  readonly index: PrivilegeIndex;
  readonly version: number;
}

type UserDeclaration = Declarations['users'][number];
type RoleDeclaration = Declarations['roles'][number];
type GrantDeclaration = Declarations['grants'][number];
export type DatabaseDeclaration = Declarations['databases'][number];

/** Everything documents say of one grantee, by document. */
export interface GranteeDocuments {
  readonly grants: readonly { readonly resource: string; readonly items: readonly GrantItem[] }[];
  readonly memberships: readonly { readonly resource: string; readonly roles: readonly string[] }[];
  readonly defaults: readonly { readonly resource: string; readonly items: readonly DefaultItem[] }[];
}

export function json(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}

const OBJECT_KIND = {
  tables: 'table',
  sequences: 'sequence',
  functions: 'function',
  types: 'type',
  schemas: 'schema',
  largeobjects: 'largeobject',
} as const;

export function defaultItem(
  given: {
    readonly database: string;
    readonly schema?: string | undefined;
    readonly objectType: DefaultItem['objectType'];
    readonly owner: string;
    readonly grantee: string;
    readonly privileges: readonly string[];
  },
  version: number,
): DefaultItem {
  const { database, schema, objectType, owner, grantee } = given;
  const within = schema === undefined ? [] : [schema];
  return {
    on: databaseKey(database, ...within, objectType, 'of', owner, 'to', grantee),
    database: given.database,
    ...(given.schema === undefined ? {} : { schema: given.schema }),
    objectType: given.objectType,
    owner: given.owner,
    grantee: given.grantee,
    privileges: [...expandPrivileges(given.privileges, OBJECT_KIND[given.objectType], version)].sort(),
  };
}

function grantDefaults(document: GrantDeclaration, version: number): readonly DefaultItem[] {
  return (document.spec.postgres?.defaultPrivileges ?? []).map((each) =>
    defaultItem({ ...each, owner: each.grantedBy, grantee: document.grantee }, version),
  );
}

/** Groups what all documents say by the role it is about. */
export function documentsOf(grantee: string, source: TreeSource): GranteeDocuments {
  const { declarations, version } = source;
  const roles = declarations.roles.filter((each) => each.spec.roleName === grantee);
  const users = declarations.users.filter((each) => each.spec.username === grantee);
  const grants = declarations.grants.filter((each) => each.grantee === grantee);
  return {
    grants: [
      ...roles
        .filter((each) => each.spec.postgres?.grants !== undefined)
        .map((each) => ({ resource: each.resource, items: toGrantItems(each.spec.postgres?.grants ?? [], version) })),
      ...grants
        .filter((each) => each.spec.postgres?.grants !== undefined)
        .map((each) => ({ resource: each.resource, items: toGrantItems(each.spec.postgres?.grants ?? [], version) })),
    ],
    memberships: [
      ...roles
        .filter((each) => each.spec.postgres?.inRoles !== undefined)
        .map((each) => ({ resource: each.resource, roles: each.spec.postgres?.inRoles ?? [] })),
      ...users
        .filter((each) => each.spec.roles !== undefined || each.spec.postgres?.inRoles !== undefined)
        .map((each) => ({
          resource: each.resource,
          roles: [...(each.spec.roles ?? []), ...(each.spec.postgres?.inRoles ?? [])],
        })),
      ...grants
        .filter((each) => each.spec.postgres?.roles !== undefined)
        .map((each) => ({ resource: each.resource, roles: each.spec.postgres?.roles ?? [] })),
    ],
    defaults: grants
      .filter((each) => each.spec.postgres?.defaultPrivileges !== undefined)
      .map((each) => ({ resource: each.resource, items: grantDefaults(each, version) })),
  };
}

function byRole(memberships: readonly Membership[]): ReadonlyMap<string, readonly Membership[]> {
  return Map.groupBy(
    memberships.filter((each) => !each.serverMade),
    (each) => each.role,
  );
}

function membershipItem(role: string, edges: readonly Membership[], withGrantors: boolean): MembershipItem {
  const item = {
    role,
    admin: edges.some((each) => each.admin),
    inherit: edges.some((each) => each.inherit),
    set: edges.some((each) => each.set),
  };
  return withGrantors ? { ...item, grantors: edges.map((each) => each.grantor).sort() } : item;
}

interface MembershipTrees {
  readonly desired: readonly MembershipItem[] | undefined;
  readonly actual: readonly MembershipItem[];
  readonly extra: readonly MembershipItem[];
}

function membershipTrees(
  resource: string,
  documents: GranteeDocuments,
  edges: ReadonlyMap<string, readonly Membership[]>,
  inherits: boolean,
): MembershipTrees {
  const own = documents.memberships.find((each) => each.resource === resource);
  const everywhere = new Set(documents.memberships.flatMap((each) => each.roles));
  const first = documents.memberships[0]?.resource;
  const declared = [...new Set(own?.roles ?? [])].sort();
  const extra =
    first === resource || first === undefined
      ? [...edges].filter(([role]) => !everywhere.has(role)).map(([role, list]) => membershipItem(role, list, true))
      : [];
  return {
    desired:
      own === undefined ? undefined : declared.map((role) => ({ role, admin: false, inherit: inherits, set: true })),
    actual: declared.flatMap((role) => {
      const list = edges.get(role);
      return list === undefined ? [] : [membershipItem(role, list, false)];
    }),
    extra: extra.sort((left, right) => (left.role < right.role ? -1 : 1)),
  };
}

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

export function foldDefaults(facts: readonly DefaultFact[], version: number): readonly DefaultItem[] {
  const groups = Map.groupBy(facts, (each) =>
    JSON.stringify([each.database, each.schema, each.objectType, each.owner, each.grantee]),
  );
  return [...groups.values()]
    .flatMap((group): DefaultItem[] => {
      const [first] = group;
      if (first === undefined || first.grantee === first.owner) return [];
      return [defaultItem({ ...first, privileges: group.map((each) => each.privilege) }, version)];
    })
    .sort((left, right) => (left.on < right.on ? -1 : 1));
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

/** The desired tree of a grant document. */
export function desiredGrant(declared: GrantDeclaration, source: TreeSource): JsonObject {
  const documents = documentsOf(declared.grantee, source);
  const grants = documents.grants.find((each) => each.resource === declared.resource);
  const memberships = documents.memberships.find((each) => each.resource === declared.resource);
  const defaults = documents.defaults.find((each) => each.resource === declared.resource);
  return json({
    ...(memberships === undefined
      ? {}
      : {
          roles: [...new Set(memberships.roles)]
            .sort()
            .map((role) => ({ role, admin: false, inherit: true, set: true })),
        }),
    ...(documents.memberships[0]?.resource === declared.resource ? { extraRoles: [] } : {}),
    ...(grants === undefined ? {} : { grants: grants.items, extraGrants: [] }),
    ...(defaults === undefined ? {} : { defaults: defaults.items, extraDefaults: [] }),
  }) as JsonObject;
}

export function scopeOfDefault(item: DefaultItem): string {
  return JSON.stringify([item.database, item.schema, item.objectType, item.owner]);
}

/** The actual tree of a grant document: what of it is there, and what stands beyond it inside the parts it speaks of. */
export function actualGrantTree(declared: GrantDeclaration, source: TreeSource): JsonObject {
  const documents = documentsOf(declared.grantee, source);
  const edges = byRole(source.index.membershipsOf(declared.grantee));
  const memberships = membershipTrees(declared.resource, documents, edges, true);
  const { extra } = extraHoldings(declared.grantee, documents.grants, source.index);
  const grants = documents.grants.find((each) => each.resource === declared.resource)?.items ?? [];
  const defaults = documents.defaults.find((each) => each.resource === declared.resource)?.items ?? [];
  const scopes = new Set(defaults.map(scopeOfDefault));
  const there = foldDefaults(source.index.defaultsOf(declared.grantee), source.version);
  const wanted = new Map(defaults.map((item) => [item.on, item]));
  const inherits = source.cluster.roles.get(declared.grantee)?.attributes.inherit ?? true;
  return json({
    roles: memberships.actual.map((item) => ({ ...item, inherit: item.inherit === inherits ? true : item.inherit })),
    extraRoles: documents.memberships[0]?.resource === declared.resource ? memberships.extra : [],
    grants: grants.flatMap((item) => actualGrant(item, declared.grantee, source.index) ?? []),
    extraGrants: extra.get(declared.resource) ?? [],
    defaults: there.flatMap((item) => {
      const own = wanted.get(item.on);
      return own === undefined
        ? []
        : [{ ...item, privileges: item.privileges.filter((privilege) => own.privileges.includes(privilege)) }];
    }),
    extraDefaults: there
      .filter((item) => scopes.has(scopeOfDefault(item)))
      .flatMap((item) => {
        const more = item.privileges.filter(
          (privilege) => !(wanted.get(item.on)?.privileges.includes(privilege) ?? false),
        );
        return more.length === 0 ? [] : [{ ...item, privileges: more }];
      }),
  }) as JsonObject;
}

/** The instance: engine, declared settings, tablespaces. */
export function instanceTrees(
  source: TreeSource,
  declaredSettings: Readonly<Record<string, string>>,
): { readonly desired: JsonObject; readonly actual: JsonObject } {
  const { cluster } = source;
  const fold = (name: string, value: string): string => {
    const known = cluster.serverSettings.get(name);
    return foldSetting(value, known?.unit, known !== undefined && (known.value === 'on' || known.value === 'off'));
  };
  const watched = [...cluster.serverSettings.keys()].filter(
    (name) =>
      name.startsWith('log_') ||
      name.startsWith('pgaudit.') ||
      [
        'shared_preload_libraries',
        'session_preload_libraries',
        'local_preload_libraries',
        'row_security',
        'logging_collector',
        'password_encryption',
      ].includes(name),
  );
  const names = [...new Set([...Object.keys(declaredSettings), ...watched])]
    .filter((name) => cluster.serverSettings.has(name))
    .sort();
  return {
    desired: {
      engine: source.declarations.instance?.spec.engine ?? 'postgres',
      ...(Object.keys(declaredSettings).length === 0
        ? {}
        : {
            settings: Object.fromEntries(
              Object.entries(declaredSettings).map(([name, value]) => [name, fold(name, value)]),
            ),
          }),
    },
    actual: {
      engine: 'postgres',
      settings: Object.fromEntries(
        names.map((name) => [name, fold(name, cluster.serverSettings.get(name)?.value ?? '')]),
      ),
      tablespaces: cluster.tablespaces
        .filter((each) => !each.name.startsWith('pg_'))
        .map((each) => ({ name: each.name, owner: each.owner })),
    },
  };
}
