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

const NOBODY = '0';

function isTrue(value: string | null | undefined): boolean {
  return value === 't' || value === 'true';
}

function text(row: Row, column: string): string {
  return row[column] ?? '';
}

function roleName(names: ReadonlyMap<string, string>, oid: string | null | undefined): string {
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
        target: { on: name, kind: 'database' as const, database: name },
        grantee: roleName(roleNames, row['grantee']),
        held: held(row),
      };
    }),
    ...list('tablespaces')
      .filter((row) => row['grantee'] !== null)
      .map((row) => ({
        target: { on: `tablespace.${text(row, 'name')}`, kind: 'tablespace' as const, name: text(row, 'name') },
        grantee: roleName(roleNames, row['grantee']),
        held: held(row),
      })),
    ...list('parameters').map((row) => ({
      target: { on: `parameter.${text(row, 'name')}`, kind: 'parameter' as const, name: text(row, 'name') },
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

const DEFAULT_TYPES: Readonly<Record<string, DefaultFact['objectType']>> = {
  r: 'tables',
  S: 'sequences',
  f: 'functions',
  T: 'types',
  n: 'schemas',
  L: 'largeobjects',
};

function tableOrSequence(kind: string): TargetKind {
  return kind === 'S' ? 'sequence' : 'table';
}

function splitPrivileges(text_: string): readonly { readonly privilege: string; readonly grantable: boolean }[] {
  return text_
    .split(',')
    .filter((word) => word !== '')
    .map((word) =>
      word.endsWith('*') ? { privilege: word.slice(0, -1), grantable: true } : { privilege: word, grantable: false },
    );
}

interface Lookup {
  readonly database: string;
  role(oid: string | null | undefined): string;
  schema(oid: string | null | undefined): string;
  argumentTypes(oids: string): string;
}

function makeLookup(rows: CatalogRows, cluster: ClusterCatalog, database: string): Lookup {
  const schemas = new Map((rows['schemas'] ?? []).map((row) => [text(row, 'oid'), text(row, 'name')]));
  const types = new Map(
    (rows['types'] ?? []).map((row) => [
      text(row, 'oid'),
      row['schema'] === 'pg_catalog' ? text(row, 'name') : `${text(row, 'schema')}.${text(row, 'name')}`,
    ]),
  );
  return {
    database,
    role: (oid) => roleName(cluster.roleNames, oid),
    schema: (oid) => {
      const name = schemas.get(oid ?? '');
      if (name === undefined) throw new VanishedOid(`schema ${oid ?? ''} is not in the snapshot`);
      return name;
    },
    argumentTypes: (oids) =>
      oids
        .split(' ')
        .filter((oid) => oid !== '')
        .map((oid) => types.get(oid) ?? `oid ${oid}`)
        .join(', '),
  };
}

function objectTarget(
  lookup: Lookup,
  kind: TargetKind,
  row: Row,
): Target & { readonly schema: string; readonly name: string; readonly owner: string } {
  const schema = lookup.schema(row['schema']);
  const owner = lookup.role(row['owner']);
  const name = text(row, 'name');
  if (kind === 'function') {
    const argumentTypes = lookup.argumentTypes(text(row, 'argument_oids'));
    return {
      on: `${lookup.database}.${schema}.function.${name}(${argumentTypes})`,
      kind,
      database: lookup.database,
      schema,
      name,
      arguments: argumentTypes,
      owner,
    };
  }
  if (kind === 'column') {
    return {
      on: `${lookup.database}.${schema}.column.${name}.${text(row, 'column')}`,
      kind,
      database: lookup.database,
      schema,
      name,
      column: text(row, 'column'),
      owner,
    };
  }
  return { on: `${lookup.database}.${schema}.${kind}.${name}`, kind, database: lookup.database, schema, name, owner };
}

function factsOf(lookup: Lookup, rows: readonly Row[], toTarget: (row: Row) => Target): readonly PrivilegeFact[] {
  return rows
    .filter((row) => row['grantee'] !== null)
    .flatMap((row) => {
      const target = toTarget(row);
      const grantor = lookup.role(row['grantor']);
      const grantee = lookup.role(row['grantee']);
      return splitPrivileges(text(row, 'privileges')).map((each) => ({
        target,
        grantee,
        held: { ...each, grantable: each.grantable || isTrue(row['grantable']), grantor },
      }));
    });
}

function namedTarget(lookup: Lookup, kind: TargetKind): (row: Row) => Target {
  return (row) => ({
    on: `${lookup.database}.${kind}.${text(row, 'name')}`,
    kind,
    database: lookup.database,
    name: text(row, 'name'),
    owner: lookup.role(row['owner']),
  });
}

function collectPrivileges(lookup: Lookup, list: (name: string) => readonly Row[]): readonly PrivilegeFact[] {
  const schemaRow = (row: Row): Target => {
    const schema = lookup.schema(row['oid']);
    return { on: `${lookup.database}.${schema}`, kind: 'schema', database: lookup.database, schema };
  };
  const relation = (row: Row): Target => objectTarget(lookup, tableOrSequence(text(row, 'kind')), row);
  return [
    ...factsOf(
      lookup,
      list('schemaAcls').map((row) => ({ ...row, privileges: text(row, 'privilege') })),
      schemaRow,
    ),
    ...factsOf(lookup, list('relationAcls'), relation),
    ...factsOf(lookup, list('systemRelationAcls'), relation),
    ...factsOf(lookup, list('columnAcls'), (row) => objectTarget(lookup, 'column', row)),
    ...factsOf(lookup, list('functionAcls'), (row) => objectTarget(lookup, 'function', row)),
    ...factsOf(lookup, list('typeAcls'), (row) => objectTarget(lookup, 'type', row)),
    ...factsOf(lookup, list('languages'), namedTarget(lookup, 'language')),
    ...factsOf(lookup, list('servers'), namedTarget(lookup, 'server')),
    ...factsOf(lookup, list('wrappers'), namedTarget(lookup, 'wrapper')),
    ...factsOf(lookup, list('largeObjects'), (row) => ({
      on: `${lookup.database}.largeobject.${text(row, 'oid')}`,
      kind: 'largeobject',
      database: lookup.database,
      name: text(row, 'oid'),
      owner: lookup.role(row['owner']),
    })),
  ];
}

function unique<T>(items: readonly T[], key: (item: T) => string): readonly T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}

/** One database's catalogs by name. Throws {@link VanishedOid} when a name is missing from the snapshot. */
export function toDatabaseCatalog(rows: CatalogRows, cluster: ClusterCatalog, database: string): DatabaseCatalog {
  const list = (name: string): readonly Row[] => rows[name] ?? [];
  const lookup = makeLookup(rows, cluster, database);
  const members = new Set(list('extensionMembers').map((row) => `${text(row, 'catalog')} ${text(row, 'oid')}`));
  const relations = list('relations').map((row) => ({
    row,
    target: objectTarget(lookup, tableOrSequence(text(row, 'kind')), row),
  }));
  const functions = list('functions').map((row) => ({ row, target: objectTarget(lookup, 'function', row) }));
  const policies = Map.groupBy(list('policies'), (row) => text(row, 'relation'));
  const own = [
    ...relations.filter(({ row }) => !members.has(`pg_class ${text(row, 'oid')}`)),
    ...functions.filter(({ row }) => !members.has(`pg_proc ${text(row, 'oid')}`)),
  ].map(({ target }) => target);
  const withTables = new Set(
    relations.filter(({ row }) => text(row, 'kind') !== 'S').map(({ target }) => target.schema),
  );
  return {
    database,
    objects: own,
    privileges: collectPrivileges(lookup, list),
    schemas: list('schemas')
      .map((row) => ({
        name: text(row, 'name'),
        owner: lookup.role(row['owner']),
        holdsTables: withTables.has(text(row, 'name')),
      }))
      .filter((each) => each.name !== 'pg_catalog' && each.name !== 'information_schema'),
    extensions: list('extensions').map((row) => ({
      name: text(row, 'name'),
      version: text(row, 'version'),
      hasDependants: Number(row['dependants']) > 0,
    })),
    availableVersions: new Map(
      list('availableExtensions').map((row) => [text(row, 'name'), text(row, 'default_version')]),
    ),
    definers: functions
      .filter(({ row }) => isTrue(row['definer']))
      .map(({ row, target }) => ({
        on: target.on,
        owner: target.owner,
        searchPath: text(row, 'search_path').replace(/^search_path=/, ''),
      })),
    rowSecurity: relations
      .filter(({ row }) => isTrue(row['row_security']) || policies.has(text(row, 'oid')))
      .map(({ row, target }) => ({
        on: target.on,
        enabled: isTrue(row['row_security']),
        forced: isTrue(row['force_row_security']),
        policies: (policies.get(text(row, 'oid')) ?? []).map((policy) => policyText(policy, lookup)).sort(),
      })),
    eventTriggers: list('eventTriggers').map((row) => ({
      name: text(row, 'name'),
      event: text(row, 'event'),
      owner: lookup.role(row['owner']),
      enabled: text(row, 'enabled'),
    })),
    languages: unique(
      list('languages').map((row) => ({
        name: text(row, 'name'),
        owner: lookup.role(row['owner']),
        trusted: isTrue(row['trusted']),
      })),
      (each) => each.name,
    ),
    servers: unique(
      list('servers').map((row) => ({
        name: text(row, 'name'),
        owner: lookup.role(row['owner']),
        wrapper: text(row, 'wrapper'),
      })),
      (each) => each.name,
    ),
    defaults: list('defaultAcls').map((row) => ({
      database,
      schema: row['schema'] === NOBODY ? undefined : lookup.schema(row['schema']),
      objectType: DEFAULT_TYPES[text(row, 'object_type')] ?? 'tables',
      owner: lookup.role(row['owner']),
      grantee: lookup.role(row['grantee']),
      privilege: text(row, 'privileges'),
      grantable: isTrue(row['grantable']),
    })),
  };
}

function policyText(row: Row, lookup: Lookup): string {
  const roles = text(row, 'roles')
    .split(',')
    .map((oid) => lookup.role(oid))
    .join(', ');
  return `${text(row, 'name')} ${isTrue(row['permissive']) ? 'permissive' : 'restrictive'} ${text(row, 'command')} to ${roles} using ${text(row, 'using_digest')} check ${text(row, 'check_digest')}`;
}
