import { databaseKey, serverKey } from './object-key.ts';
import { PUBLIC, type Attribute, type HeldPrivilege, type Target, type TargetKind } from './state.ts';
import type { CatalogRows } from './reader.ts';
import type { Row } from './queries.ts';

/** One role with its seven powers. */
export interface Role {
  readonly oid: string;
  readonly name: string;
  readonly attributes: Readonly<Record<Attribute, boolean>>;
  readonly connectionLimit: number;
  /** `infinity` when it never ends. */
  readonly validUntil: string;
}

/** One edge of the membership graph. Before 16 `inherit` is the member's own attribute and `set` always true. */
export interface Membership {
  readonly role: string;
  readonly member: string;
  readonly grantor: string;
  readonly admin: boolean;
  readonly inherit: boolean;
  readonly set: boolean;
  /** Made by the server itself for who created the role. */
  readonly serverMade: boolean;
}

/** One database as the cluster lists it. */
export interface ListedDatabase {
  readonly oid: string;
  readonly name: string;
  readonly owner: string;
  readonly encoding: string;
  readonly collation: string;
  readonly ctype: string;
  readonly provider: string;
  readonly locale: string | undefined;
  readonly isTemplate: boolean;
  readonly allowConnections: boolean;
  readonly connectionLimit: number;
  readonly tablespace: string;
}

/** A privilege of one grantee on one target. */
export interface PrivilegeFact {
  readonly target: Target;
  readonly grantee: string;
  readonly held: HeldPrivilege;
}

/** A default privilege of one creator. */
export interface DefaultFact {
  readonly database: string;
  readonly schema: string | undefined;
  readonly objectType: 'tables' | 'sequences' | 'functions' | 'types' | 'schemas' | 'largeobjects';
  readonly owner: string;
  readonly grantee: string;
  readonly privilege: string;
  readonly grantable: boolean;
}

/** What all databases of a server share. */
export interface ClusterCatalog {
  readonly version: number;
  readonly roles: ReadonlyMap<string, Role>;
  readonly roleNames: ReadonlyMap<string, string>;
  readonly memberships: readonly Membership[];
  readonly databases: readonly ListedDatabase[];
  readonly privileges: readonly PrivilegeFact[];
  /** Setting by (database or undefined, role or undefined). */
  readonly settings: readonly {
    readonly database: string | undefined;
    readonly role: string | undefined;
    readonly name: string;
    readonly value: string;
  }[];
  readonly tablespaces: readonly { readonly name: string; readonly owner: string }[];
  readonly serverSettings: ReadonlyMap<string, { readonly value: string; readonly unit: string | undefined }>;
}

/** What one database holds. */
export interface DatabaseCatalog {
  readonly database: string;
  readonly privileges: readonly PrivilegeFact[];
  readonly schemas: readonly { readonly name: string; readonly owner: string; readonly holdsTables: boolean }[];
  readonly extensions: readonly { readonly name: string; readonly version: string; readonly hasDependants: boolean }[];
  readonly availableVersions: ReadonlyMap<string, string>;
  /** Every table, sequence and function that is nobody's extension member, for `*` grants and owners. */
  readonly objects: readonly (Target & {
    readonly kind: TargetKind;
    readonly schema: string;
    readonly name: string;
    readonly owner: string;
  })[];
  /** Oid of each table and sequence, to tell those that came later. */
  readonly oids: ReadonlyMap<string, number>;
  readonly definers: readonly { readonly on: string; readonly owner: string; readonly searchPath: string }[];
  readonly rowSecurity: readonly {
    readonly on: string;
    readonly enabled: boolean;
    readonly forced: boolean;
    readonly policies: readonly string[];
  }[];
  readonly eventTriggers: readonly {
    readonly name: string;
    readonly event: string;
    readonly owner: string;
    readonly enabled: string;
  }[];
  readonly languages: readonly { readonly name: string; readonly owner: string; readonly trusted: boolean }[];
  readonly servers: readonly { readonly name: string; readonly owner: string; readonly wrapper: string }[];
  readonly defaults: readonly DefaultFact[];
}

/** A name in a row that the snapshot does not hold: the catalogs moved under the read. */
export class VanishedOid extends Error {
  override readonly name = 'VanishedOid';
}

export const NOBODY = '0';

export function isTrue(value: string | null | undefined): boolean {
  return value === 't' || value === 'true';
}

export function text(row: Row, column: string): string {
  return row[column] ?? '';
}

export function roleName(names: ReadonlyMap<string, string>, oid: string | null | undefined): string {
  if (oid === NOBODY) return PUBLIC;
  const name = names.get(oid ?? '');
  if (name === undefined) throw new VanishedOid(`role ${oid ?? ''} is not in the snapshot`);
  return name;
}

function toRole(row: Row): Role {
  const flag = (column: string): boolean => isTrue(row[column]);
  return {
    oid: text(row, 'oid'),
    name: text(row, 'rolname'),
    connectionLimit: Number(row['rolconnlimit']),
    validUntil: row['rolvaliduntil'] ?? 'infinity',
    attributes: {
      superuser: flag('rolsuper'),
      createdb: flag('rolcreatedb'),
      createrole: flag('rolcreaterole'),
      inherit: flag('rolinherit'),
      login: flag('rolcanlogin'),
      replication: flag('rolreplication'),
      bypassrls: flag('rolbypassrls'),
    },
  };
}

const BOOTSTRAP_SUPERUSER = '10';

function toMemberships(
  rows: readonly Row[],
  roles: ReadonlyMap<string, Role>,
  names: ReadonlyMap<string, string>,
  version: number,
): readonly Membership[] {
  return rows.map((row) => {
    const member = roleName(names, row['member']);
    const memberRole = roles.get(member);
    const admin = isTrue(row['admin_option']);
    const inherit = version >= 16 ? isTrue(row['inherit_option']) : (memberRole?.attributes.inherit ?? true);
    const set = version >= 16 ? isTrue(row['set_option']) : true;
    const byServer = version >= 16 && admin && !inherit && !set && row['grantor'] === BOOTSTRAP_SUPERUSER;
    const grantor =
      row['grantor'] === NOBODY || !names.has(row['grantor'] ?? '') ? '' : roleName(names, row['grantor']);
    return {
      role: roleName(names, row['roleid']),
      member,
      grantor,
      admin,
      inherit,
      set,
      serverMade: byServer && (memberRole?.attributes.createrole ?? false),
    };
  });
}

function splitSetting(setting: string): readonly [string, string] {
  const at = setting.indexOf('=');
  return [setting.slice(0, at).toLowerCase(), setting.slice(at + 1)];
}

/** The shared catalogs by name. Throws {@link VanishedOid} when a name is missing from the snapshot. */
export function toClusterCatalog(rows: CatalogRows, version: number): ClusterCatalog {
  const list = (name: string): readonly Row[] => rows[name] ?? [];
  const roles = new Map(list('roles').map((row) => [text(row, 'rolname'), toRole(row)]));
  const roleNames = new Map(list('roles').map((row) => [text(row, 'oid'), text(row, 'rolname')]));
  const databases = list('databases').map((row): ListedDatabase => ({
    oid: text(row, 'oid'),
    name: text(row, 'datname'),
    owner: roleName(roleNames, row['datdba']),
    encoding: text(row, 'encoding'),
    collation: text(row, 'datcollate'),
    ctype: text(row, 'datctype'),
    provider: text(row, 'datlocprovider'),
    locale: row['datlocale'] ?? undefined,
    isTemplate: isTrue(row['datistemplate']),
    allowConnections: isTrue(row['datallowconn']),
    connectionLimit: Number(row['datconnlimit']),
    tablespace: text(row, 'tablespace'),
  }));
  const databaseNames = new Map(databases.map((each) => [each.oid, each.name]));
  const held = (row: Row, column = 'privilege'): HeldPrivilege => ({
    privilege: text(row, column),
    grantor: roleName(roleNames, row['grantor']),
    grantable: isTrue(row['grantable']),
  });
  const privileges: PrivilegeFact[] = [
    ...list('databaseAcls').map((row) => {
      const name = databaseNames.get(text(row, 'oid')) ?? '';
      return {
        target: { on: databaseKey(name), kind: 'database' as const, database: name },
        grantee: roleName(roleNames, row['grantee']),
        held: held(row),
      };
    }),
    ...list('tablespaces')
      .filter((row) => row['grantee'] !== null)
      .map((row) => ({
        target: {
          on: serverKey('tablespace', text(row, 'name')),
          kind: 'tablespace' as const,
          name: text(row, 'name'),
        },
        grantee: roleName(roleNames, row['grantee']),
        held: held(row),
      })),
    ...list('parameters').map((row) => ({
      target: { on: serverKey('parameter', text(row, 'name')), kind: 'parameter' as const, name: text(row, 'name') },
      grantee: roleName(roleNames, row['grantee']),
      held: held(row),
    })),
  ];
  const settings = list('settings').map((row) => {
    const [name, value] = splitSetting(text(row, 'setting'));
    return {
      database: row['setdatabase'] === NOBODY ? undefined : databaseNames.get(text(row, 'setdatabase')),
      role: row['setrole'] === NOBODY ? undefined : roleName(roleNames, row['setrole']),
      name,
      value,
    };
  });
  const tablespaces = new Map(
    list('tablespaces').map((row) => [
      text(row, 'name'),
      { name: text(row, 'name'), owner: roleName(roleNames, row['owner']) },
    ]),
  );
  return {
    version,
    roles,
    roleNames,
    memberships: toMemberships(list('members'), roles, roleNames, version),
    databases,
    privileges,
    settings,
    tablespaces: [...tablespaces.values()],
    serverSettings: new Map(
      list('serverSettings').map((row) => [
        text(row, 'name'),
        { value: text(row, 'setting'), unit: row['unit'] ?? undefined },
      ]),
    ),
  };
}
