import { databaseKey, typeKey } from './object-key.ts';
import { type Target, type TargetKind } from './state.ts';
import type { CatalogRows } from './reader.ts';
import type { Row } from './queries.ts';
import {
  type PrivilegeFact,
  type DefaultFact,
  type ClusterCatalog,
  type DatabaseCatalog,
  VanishedOid,
  NOBODY,
  isTrue,
  text,
  roleName,
} from './server-catalog.ts';

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
      row['schema'] === 'pg_catalog' ? typeKey(text(row, 'name')) : typeKey(text(row, 'schema'), text(row, 'name')),
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
      on: `${databaseKey(lookup.database, schema, 'function', name)}(${argumentTypes})`,
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
      on: databaseKey(lookup.database, schema, 'column', name, text(row, 'column')),
      kind,
      database: lookup.database,
      schema,
      name,
      column: text(row, 'column'),
      owner,
    };
  }
  return { on: databaseKey(lookup.database, schema, kind, name), kind, database: lookup.database, schema, name, owner };
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
    on: databaseKey(lookup.database, kind, text(row, 'name')),
    kind,
    database: lookup.database,
    name: text(row, 'name'),
    owner: lookup.role(row['owner']),
  });
}

function collectPrivileges(lookup: Lookup, list: (name: string) => readonly Row[]): readonly PrivilegeFact[] {
  const schemaRow = (row: Row): Target => {
    const schema = lookup.schema(row['oid']);
    return { on: databaseKey(lookup.database, schema), kind: 'schema', database: lookup.database, schema };
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
      on: databaseKey(lookup.database, 'largeobject', text(row, 'oid')),
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
    oids: new Map(relations.map(({ row, target }) => [target.on, Number(row['oid'])])),
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
