import { z } from 'zod';
import { DEFAULT_ACL_KINDS, Privilege } from './privilege.ts';
import { AclTarget } from './target.ts';

/** The role attributes a statement may set, by the word the documents use. */
export const ROLE_ATTRIBUTES = [
  'superuser',
  'createdb',
  'createrole',
  'inherit',
  'login',
  'replication',
  'bypassrls',
] as const;
export const RoleAttribute = z.enum(ROLE_ATTRIBUTES);
export type RoleAttribute = z.infer<typeof RoleAttribute>;

/** Who holds a privilege: a role, or everybody. */
export const Grantee = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('public') }),
  z.strictObject({ kind: z.literal('role'), name: z.string() }),
]);
export type Grantee = Readonly<z.infer<typeof Grantee>>;

const privileges = z.array(Privilege).min(1);
const columns = z.array(z.string());

const roleWrites = [
  z.strictObject({ kind: z.literal('role-attribute'), role: z.string(), attribute: RoleAttribute, value: z.boolean() }),
  z.strictObject({ kind: z.literal('role-connection-limit'), role: z.string(), value: z.int() }),
  z.strictObject({ kind: z.literal('role-valid-until'), role: z.string(), value: z.string() }),
  z.strictObject({ kind: z.literal('role-rename'), role: z.string(), to: z.string() }),
  z.strictObject({
    kind: z.literal('role-create'),
    role: z.string(),
    attributes: z.partialRecord(RoleAttribute, z.boolean()),
    connectionLimit: z.int().optional(),
    validUntil: z.string().optional(),
  }),
  z.strictObject({
    kind: z.literal('setting'),
    role: z.string().optional(),
    database: z.string().optional(),
    name: z.string(),
    /** Undefined: back to the server's own value. */
    values: z.array(z.string()).min(1).optional(),
  }),
] as const;

const membershipWrites = [
  z.strictObject({
    kind: z.literal('membership-grant'),
    group: z.string(),
    member: z.string(),
    admin: z.boolean(),
    inherit: z.boolean().optional(),
    set: z.boolean().optional(),
    grantor: z.string().optional(),
  }),
  z.strictObject({
    kind: z.literal('membership-revoke'),
    group: z.string(),
    member: z.string(),
    /** Takes the administration alone: up to 15 one edge holds for all grantors, and no GRANT narrows it. */
    adminOnly: z.boolean(),
    grantor: z.string().optional(),
  }),
] as const;

const databaseWrites = [
  z.strictObject({ kind: z.literal('database-owner'), database: z.string(), owner: z.string() }),
  z.strictObject({ kind: z.literal('database-connection-limit'), database: z.string(), value: z.int() }),
  z.strictObject({
    kind: z.literal('database-flag'),
    database: z.string(),
    flag: z.enum(['isTemplate', 'allowConnections']),
    value: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('schema-create'),
    database: z.string(),
    schema: z.string(),
    owner: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal('schema-owner'), database: z.string(), schema: z.string(), owner: z.string() }),
  z.strictObject({
    kind: z.literal('extension-create'),
    database: z.string(),
    extension: z.string(),
    schema: z.string(),
    version: z.string().optional(),
  }),
  z.strictObject({
    kind: z.literal('extension-update'),
    database: z.string(),
    extension: z.string(),
    version: z.string(),
  }),
] as const;

const privilegeWrites = [
  z.strictObject({
    kind: z.literal('grant'),
    target: AclTarget,
    columns,
    privileges,
    grantee: Grantee,
    grantOption: z.boolean(),
    /** The grantor the new entry is to carry; undefined: the owner, through the writer's own rights. */
    as: z.string().optional(),
  }),
  z.strictObject({
    kind: z.literal('revoke'),
    target: AclTarget,
    columns,
    privileges,
    grantee: Grantee,
    /** Takes the grant option alone and leaves the privilege. */
    optionOnly: z.boolean(),
    as: z.string().optional(),
  }),
  z.strictObject({
    kind: z.literal('default-grant'),
    database: z.string(),
    owner: z.string(),
    schema: z.string().optional(),
    objects: z.enum(DEFAULT_ACL_KINDS),
    privileges,
    grantee: Grantee,
    grantOption: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('default-revoke'),
    database: z.string(),
    owner: z.string(),
    schema: z.string().optional(),
    objects: z.enum(DEFAULT_ACL_KINDS),
    privileges,
    grantee: Grantee,
    optionOnly: z.boolean(),
  }),
] as const;

/**
 * Everything Kedge can write to a PostgreSQL server, as typed parts. What is not in this list cannot be said:
 * no DROP, no REVOKE ALL, no REASSIGN OWNED, no TRUNCATE, no data, no server setting, no table definition.
 */
export const Write = z.discriminatedUnion('kind', [
  ...roleWrites,
  ...membershipWrites,
  ...databaseWrites,
  ...privilegeWrites,
]);
export type Write = Readonly<z.infer<typeof Write>>;
export type WriteKind = Write['kind'];
export type WriteOf<K extends WriteKind> = Extract<Write, { readonly kind: K }>;
