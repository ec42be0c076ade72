import { databaseKey } from './object-key.ts';
import type { JsonObject } from '../../../core/model/json.ts';
import type { DatabaseCatalog } from './server-catalog.ts';
import { foldSetting } from './settings.ts';
import type { DefaultItem } from './state.ts';
import { defaultItem, foldDefaults, scopeOfDefault } from './default-items.ts';
import { json, type DatabaseDeclaration, type TreeSource } from './tree-source.ts';

function folded(text: string): string {
  return text.toLowerCase().replaceAll('-', '').replaceAll('_', '');
}

/** Locales and encodings as they are meant: case and hyphens make no difference; the document's own spelling is kept when it means the same. */
function sameOr(declared: string | undefined, actual: string): string {
  return declared !== undefined && folded(declared) === folded(actual) ? declared : actual;
}

function databaseDefaults(declared: DatabaseDeclaration, owner: string, version: number): readonly DefaultItem[] {
  const database = databaseName(declared);
  return (declared.spec.postgres?.defaultPrivileges ?? []).map((each) =>
    defaultItem(
      {
        database,
        schema: each.schema,
        objectType: each.objectType,
        owner,
        grantee: each.role,
        privileges: each.privileges,
      },
      version,
    ),
  );
}

/** The database a document is about. */
export function databaseName(declared: DatabaseDeclaration): string {
  return declared.spec.name ?? declared.name;
}

/** The desired tree of a database. */
export function desiredDatabase(declared: DatabaseDeclaration, source: TreeSource): JsonObject {
  const { owner, postgres } = declared.spec;
  const actualOwner =
    source.cluster.databases.find((each) => each.name === databaseName(declared))?.owner ?? owner ?? '';
  return json({
    ...(owner === undefined ? {} : { owner }),
    ...(postgres === undefined
      ? {}
      : {
          connectionLimit: postgres.connectionLimit,
          allowConnections: postgres.allowConnections,
          ...(postgres.isTemplate === undefined ? {} : { isTemplate: postgres.isTemplate }),
          ...(postgres.tablespace === undefined ? {} : { tablespace: postgres.tablespace }),
          ...(postgres.template === undefined ? {} : { template: postgres.template }),
          locale: {
            encoding: postgres.encoding,
            ...(postgres.lcCollate === undefined ? {} : { collation: postgres.lcCollate }),
            ...(postgres.lcCtype === undefined ? {} : { ctype: postgres.lcCtype }),
          },
          ...(postgres.extensions === undefined
            ? {}
            : {
                extensions: postgres.extensions.map((each) => ({
                  name: each.name,
                  ...(each.version === undefined ? {} : { version: each.version }),
                })),
              }),
          ...(postgres.schemas === undefined
            ? {}
            : {
                schemas: postgres.schemas.map((each) => ({
                  name: each.name,
                  ...(each.owner === undefined ? {} : { owner: each.owner }),
                })),
              }),
          ...(postgres.defaultPrivileges === undefined
            ? {}
            : { defaults: databaseDefaults(declared, actualOwner, source.version), extraDefaults: [] }),
        }),
  }) as JsonObject;
}

function withinDatabase(
  catalog: DatabaseCatalog,
  declared: DatabaseDeclaration | undefined,
  listedOwner: string,
  source: TreeSource,
): JsonObject {
  const wantedExtensions = new Map(
    (declared?.spec.postgres?.extensions ?? []).map((each) => [each.name, each.version !== undefined]),
  );
  const wantedSchemas = new Map(
    (declared?.spec.postgres?.schemas ?? []).map((each) => [each.name, each.owner !== undefined]),
  );
  const wanted = new Map(
    (declared === undefined ? [] : databaseDefaults(declared, listedOwner, source.version)).map((item) => [
      item.on,
      item,
    ]),
  );
  const there = foldDefaults(catalog.defaults, source.version);
  const scopes = new Set([...wanted.values()].map(scopeOfDefault));
  const owners = catalog.objects
    .filter((object) => object.owner !== listedOwner || declared !== undefined)
    .map(({ on, owner }) => ({ on, owner }));
  return json({
    extensions: catalog.extensions
      .filter((each) => wantedExtensions.has(each.name))
      .map(({ name, version }) => (wantedExtensions.get(name) === true ? { name, version } : { name })),
    schemas: catalog.schemas
      .filter((each) => wantedSchemas.has(each.name))
      .map(({ name, owner }) => (wantedSchemas.get(name) === true ? { name, owner } : { name })),
    ...(declared?.spec.postgres?.defaultPrivileges === undefined
      ? {}
      : {
          defaults: there.flatMap((item) => {
            const own = wanted.get(item.on);
            return own === undefined
              ? []
              : [{ ...item, privileges: item.privileges.filter((privilege) => own.privileges.includes(privilege)) }];
          }),
          extraDefaults: there
            .filter(
              (item) =>
                scopes.has(scopeOfDefault(item)) && [...wanted.values()].some((own) => own.grantee === item.grantee),
            )
            .flatMap((item) => {
              const more = item.privileges.filter(
                (privilege) => !(wanted.get(item.on)?.privileges.includes(privilege) ?? false),
              );
              return more.length === 0 ? [] : [{ ...item, privileges: more }];
            }),
        }),
    owners: [
      ...owners,
      ...catalog.schemas
        .filter((each) => wantedSchemas.get(each.name) !== true)
        .map((each) => ({ on: databaseKey(catalog.database, each.name), owner: each.owner })),
    ],
    definers: catalog.definers,
    rowSecurity: catalog.rowSecurity,
    triggers: catalog.eventTriggers,
    languages: catalog.languages,
    servers: catalog.servers,
  }) as JsonObject;
}

/** The actual tree of a database: what the cluster lists of it, and what was read inside when it could be. */
export function actualDatabase(
  name: string,
  source: TreeSource,
  declared: DatabaseDeclaration | undefined,
): JsonObject | undefined {
  const listed = source.cluster.databases.find((each) => each.name === name);
  if (listed === undefined) return undefined;
  const catalog = source.databases.get(name);
  const postgres = declared?.spec.postgres;
  const settings = Object.fromEntries(
    source.cluster.settings
      .filter((each) => each.database === name && each.role === undefined)
      .map((each) => [each.name, foldSetting(each.value, undefined, false)]),
  );
  return {
    $identity: listed.oid,
    owner: listed.owner,
    connectionLimit: listed.connectionLimit,
    allowConnections: listed.allowConnections,
    isTemplate: listed.isTemplate,
    tablespace: listed.tablespace,
    locale: {
      encoding: sameOr(postgres?.encoding, listed.encoding),
      collation: sameOr(
        postgres?.lcCollate,
        listed.provider === 'c' ? listed.collation : (listed.locale ?? listed.collation),
      ),
      ctype: sameOr(postgres?.lcCtype, listed.provider === 'c' ? listed.ctype : (listed.locale ?? listed.ctype)),
    },
    settings,
    ...(catalog === undefined ? {} : withinDatabase(catalog, declared, listed.owner, source)),
  };
}
