import { z } from 'zod';

/** The group of the operator whose documents are the desired plane of database servers. */
export const DBOPS_GROUP = 'dbops.dbprovision.io/v1alpha1';

const name = z.string().min(1);
const reference = z.object({ name, namespace: z.string().optional() });
const loose = z.json().optional();

/** Mode and interval are judged where they are used, so that a bad value refuses its resource and nothing else. */
const DriftPolicy = z.object({ mode: z.json().optional(), interval: z.json().optional() });

const instanceReferences = { instanceRef: reference.optional(), clusterInstanceRef: z.object({ name }).optional() };

/** Keys that provision, back up or rotate: accepted and not compared. */
const provisioning = { initSQL: loose, deletionPolicy: loose, deletionProtection: loose };

const engines = { mysql: loose, clickhouse: loose };

const Privilege = z
  .object({
    database: name,
    schema: z.string().optional(),
    tables: z.array(z.string()).optional(),
    sequences: z.array(z.string()).optional(),
    functions: z.array(z.string()).optional(),
    privileges: z.array(z.string()).min(1),
    withGrantOption: z.boolean().default(false),
  })
  .strict();
export type DeclaredPrivilege = z.infer<typeof Privilege>;

const objectType = z.enum(['tables', 'sequences', 'functions', 'types', 'schemas']);

const GrantDefault = z
  .object({
    database: name,
    schema: z.string().optional(),
    grantedBy: name,
    objectType,
    privileges: z.array(z.string()).min(1),
  })
  .strict();
const DatabaseDefault = z
  .object({ role: name, schema: z.string().optional(), objectType, privileges: z.array(z.string()).min(1) })
  .strict();

const attributes = {
  superuser: z.boolean().optional(),
  createDB: z.boolean().optional(),
  createRole: z.boolean().optional(),
  inherit: z.boolean().optional(),
  login: z.boolean().optional(),
  replication: z.boolean().optional(),
  bypassRLS: z.boolean().optional(),
  inRoles: z.array(z.string()).optional(),
};

export const DatabaseInstanceSpec = z
  .object({
    engine: z.string(),
    connection: z
      .object({
        host: z.string(),
        port: z.int().min(1).max(65_535).optional(),
        database: z.string().optional(),
        secretRef: z.object({ name, namespace: z.string().optional(), keys: loose }).optional(),
        exec: loose,
        passwordKey: loose,
        usernameKey: loose,
        sslMode: z.string().optional(),
        tls: z.json().optional(),
      })
      .strict(),
    tls: loose,
    postgres: z
      .object({
        sslMode: z.string().optional(),
        connectTimeout: loose,
        statementTimeout: loose,
        applicationName: loose,
      })
      .strict()
      .optional(),
    healthCheck: loose,
    adminCredentials: loose,
    ...engines,
    discovery: z.object({ enabled: z.boolean().default(false), interval: z.string().default('30m') }).optional(),
    driftPolicy: DriftPolicy.optional(),
    ...provisioning,
  })
  .strict();

export const DatabaseSpec = z
  .object({
    ...instanceReferences,
    name: z.string().optional(),
    owner: z.string().optional(),
    driftPolicy: DriftPolicy.optional(),
    ...provisioning,
    ...engines,
    postgres: z
      .object({
        encoding: z.string().default('UTF8'),
        lcCollate: z.string().optional(),
        lcCtype: z.string().optional(),
        tablespace: z.string().optional(),
        template: z.string().optional(),
        connectionLimit: z.int().min(-1).max(2_147_483_647).default(-1),
        isTemplate: z.boolean().optional(),
        allowConnections: z.boolean().default(true),
        extensions: z
          .array(z.object({ name, schema: z.string().optional(), version: z.string().optional() }).strict())
          .optional(),
        schemas: z.array(z.object({ name, owner: z.string().optional() }).strict()).optional(),
        defaultPrivileges: z.array(DatabaseDefault).optional(),
        ownership: z.json().optional(),
      })
      .strict()
      .optional(),
  })
  .strict();

export const DatabaseUserSpec = z
  .object({
    ...instanceReferences,
    username: name,
    passwordSecret: loose,
    existingPasswordSecret: loose,
    passwordRotation: loose,
    roles: z.array(z.string()).optional(),
    driftPolicy: DriftPolicy.optional(),
    ...provisioning,
    ...engines,
    postgres: z
      .object({
        connectionLimit: z.int().min(-1).max(2_147_483_647).default(-1),
        validUntil: z.string().optional(),
        defaultRole: z.string().optional(),
        configParameters: z.record(z.string(), z.string()).optional(),
        ...attributes,
      })
      .strict()
      .optional(),
  })
  .strict();

export const DatabaseRoleSpec = z
  .object({
    ...instanceReferences,
    roleName: name,
    driftPolicy: DriftPolicy.optional(),
    ...provisioning,
    ...engines,
    postgres: z
      .object({ ...attributes, grants: z.array(Privilege).optional() })
      .strict()
      .optional(),
  })
  .strict();

export const DatabaseGrantSpec = z
  .object({
    ...instanceReferences,
    userRef: reference.optional(),
    roleRef: reference.optional(),
    databaseRef: reference.optional(),
    driftPolicy: DriftPolicy.optional(),
    ...provisioning,
    ...engines,
    postgres: z
      .object({
        roles: z.array(z.string()).optional(),
        grants: z.array(Privilege).optional(),
        defaultPrivileges: z.array(GrantDefault).optional(),
      })
      .strict()
      .optional(),
  })
  .strict();

const NotCompared = z.looseObject({});

/** Every kind of the group: its schema, and whether it is compared. */
export const DBOPS_KINDS = {
  DatabaseInstance: { schema: DatabaseInstanceSpec, compared: true },
  ClusterDatabaseInstance: { schema: DatabaseInstanceSpec, compared: true },
  Database: { schema: DatabaseSpec, compared: true },
  DatabaseUser: { schema: DatabaseUserSpec, compared: true },
  DatabaseRole: { schema: DatabaseRoleSpec, compared: true },
  ClusterDatabaseRole: { schema: DatabaseRoleSpec, compared: true },
  DatabaseGrant: { schema: DatabaseGrantSpec, compared: true },
  ClusterDatabaseGrant: { schema: DatabaseGrantSpec, compared: true },
  DatabaseBackup: { schema: NotCompared, compared: false },
  DatabaseRestore: { schema: NotCompared, compared: false },
  DatabaseBackupSchedule: { schema: NotCompared, compared: false },
} as const satisfies Readonly<Record<string, { readonly schema: z.ZodType; readonly compared: boolean }>>;
export type DbopsKind = keyof typeof DBOPS_KINDS;
