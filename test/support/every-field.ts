import type { Finding } from '../../src/core/model/finding.ts';
import { dbops } from './installation.ts';

/** Every field of PostgreSQL documents but passwords and ownership models, as SQL and as documents. */
export const SETUP = `
CREATE ROLE app_owner;
CREATE ROLE readers;
CREATE ROLE svc LOGIN CONNECTION LIMIT 30 VALID UNTIL '2030-01-01 00:00:00+00' IN ROLE readers;
ALTER ROLE svc SET statement_timeout = '30s';
ALTER ROLE svc SET role = 'readers';
CREATE ROLE reporting NOINHERIT CREATEDB IN ROLE readers;
CREATE ROLE auditors;
CREATE ROLE maker;
CREATE DATABASE shop OWNER app_owner TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' CONNECTION LIMIT 50;
`;
/** The same, in database shop. */
export const SETUP_IN_SHOP = `
CREATE EXTENSION pgcrypto;
CREATE SCHEMA sales AUTHORIZATION app_owner;
CREATE TABLE sales.orders (id int, total numeric);
CREATE TABLE sales.customers (id int, email text);
CREATE SEQUENCE sales.order_ids;
CREATE FUNCTION sales.total(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
GRANT USAGE ON SCHEMA sales TO reporting;
GRANT SELECT, INSERT ON sales.orders TO reporting;
GRANT SELECT ON sales.customers TO auditors;
GRANT USAGE ON SEQUENCE sales.order_ids TO auditors WITH GRANT OPTION;
GRANT EXECUTE ON FUNCTION sales.total(int) TO auditors;
GRANT CONNECT ON DATABASE shop TO auditors;
GRANT readers TO auditors;
ALTER DEFAULT PRIVILEGES FOR ROLE maker IN SCHEMA sales GRANT SELECT ON TABLES TO auditors;
`;
/** The documents of all of it. */
export const DECLARED = [
  dbops(
    'Database',
    'shop',
    `name: shop
owner: app_owner
postgres:
  encoding: UTF8
  lcCollate: C
  lcCtype: C
  template: template0
  connectionLimit: 50
  isTemplate: false
  allowConnections: true
  tablespace: pg_default
  extensions: [{name: pgcrypto}]
  schemas: [{name: sales, owner: app_owner}]`,
  ),
  dbops(
    'DatabaseUser',
    'svc',
    `username: svc
roles: [readers]
postgres:
  connectionLimit: 30
  validUntil: "2030-01-01T00:00:00Z"
  defaultRole: readers
  configParameters: {statement_timeout: 30s}
  login: true
  inherit: true
  superuser: false`,
  ),
  dbops(
    'DatabaseRole',
    'reporting',
    `roleName: reporting
postgres:
  inherit: false
  createDB: true
  inRoles: [readers]
  grants:
    - {database: shop, schema: sales, privileges: [USAGE]}
    - {database: shop, schema: sales, tables: [orders], privileges: [SELECT, INSERT]}`,
  ),
  dbops('DatabaseRole', 'auditors', 'roleName: auditors'),
  dbops(
    'DatabaseGrant',
    'audit-access',
    `roleRef: {name: auditors}
postgres:
  roles: [readers]
  grants:
    - {database: shop, privileges: [CONNECT]}
    - {database: shop, schema: sales, tables: [customers], privileges: [SELECT]}
    - {database: shop, schema: sales, sequences: [order_ids], privileges: [USAGE], withGrantOption: true}
    - {database: shop, schema: sales, functions: [total], privileges: [EXECUTE]}
  defaultPrivileges:
    - {database: shop, schema: sales, grantedBy: maker, objectType: tables, privileges: [SELECT]}`,
  ),
].join('');

/** One declared field changed by hand: the statement, how it is put back, and the finding it must make. */
/** One change by hand, how it is put back, and the finding it must make. */
export interface HandChange {
  readonly change: string;
  readonly back: string;
  readonly database?: string;
  readonly resource: string;
  readonly path: string;
  readonly field: string;
  readonly category: Finding['category'];
  readonly destructive?: boolean;
  readonly immutable?: boolean;
}

/** Everything a hand may change, one at a time. */
export const CHANGES: readonly HandChange[] = [
  {
    change: 'ALTER DATABASE shop OWNER TO postgres',
    back: 'ALTER DATABASE shop OWNER TO app_owner',
    resource: 'database/shop',
    path: '/owner',
    field: 'owner',
    category: 'privilege',
  },
  {
    change: 'ALTER DATABASE shop CONNECTION LIMIT 10',
    back: 'ALTER DATABASE shop CONNECTION LIMIT 50',
    resource: 'database/shop',
    path: '/connectionLimit',
    field: 'connectionLimit',
    category: 'capacity',
  },
  {
    change: 'ALTER DATABASE shop IS_TEMPLATE true',
    back: 'ALTER DATABASE shop IS_TEMPLATE false',
    resource: 'database/shop',
    path: '/isTemplate',
    field: 'isTemplate',
    category: 'other',
  },
  {
    change: 'DROP EXTENSION pgcrypto',
    back: 'CREATE EXTENSION pgcrypto',
    database: 'shop',
    resource: 'database/shop',
    path: '/extensions/[name=pgcrypto]',
    field: 'extensions.missing',
    category: 'schema',
  },
  {
    change: 'ALTER SCHEMA sales OWNER TO postgres',
    back: 'ALTER SCHEMA sales OWNER TO app_owner',
    database: 'shop',
    resource: 'database/shop',
    path: '/schemas/[name=sales]/owner',
    field: 'schemas.sales.owner',
    category: 'privilege',
  },
  {
    change: 'ALTER ROLE svc CONNECTION LIMIT 3',
    back: 'ALTER ROLE svc CONNECTION LIMIT 30',
    resource: 'user/svc',
    path: '/connectionLimit',
    field: 'connectionLimit',
    category: 'capacity',
  },
  {
    change: "ALTER ROLE svc VALID UNTIL 'infinity'",
    back: "ALTER ROLE svc VALID UNTIL '2030-01-01 00:00:00+00'",
    resource: 'user/svc',
    path: '/validUntil',
    field: 'validUntil',
    category: 'other',
  },
  {
    change: "ALTER ROLE svc SET statement_timeout = '1h'",
    back: "ALTER ROLE svc SET statement_timeout = '30s'",
    resource: 'user/svc',
    path: '/settings/statement_timeout',
    field: 'configParameters.statement_timeout',
    category: 'other',
  },
  {
    change: 'ALTER ROLE svc RESET role',
    back: "ALTER ROLE svc SET role = 'readers'",
    resource: 'user/svc',
    path: '/settings/role',
    field: 'defaultRole',
    category: 'privilege',
  },
  {
    change: 'ALTER ROLE svc SUPERUSER',
    back: 'ALTER ROLE svc NOSUPERUSER',
    resource: 'user/svc',
    path: '/attributes/superuser',
    field: 'superuser',
    category: 'privilege',
  },
  {
    change: 'ALTER ROLE svc NOLOGIN',
    back: 'ALTER ROLE svc LOGIN',
    resource: 'user/svc',
    path: '/attributes/login',
    field: 'login',
    category: 'privilege',
  },
  {
    change: 'ALTER ROLE reporting INHERIT',
    back: 'ALTER ROLE reporting NOINHERIT',
    resource: 'role/reporting',
    path: '/attributes/inherit',
    field: 'inherit',
    category: 'privilege',
  },
  {
    change: 'ALTER ROLE reporting NOCREATEDB',
    back: 'ALTER ROLE reporting CREATEDB',
    resource: 'role/reporting',
    path: '/attributes/createdb',
    field: 'createdb',
    category: 'privilege',
  },
  {
    change: 'REVOKE readers FROM reporting',
    back: 'GRANT readers TO reporting',
    resource: 'role/reporting',
    path: '/memberOf/[role=readers]',
    field: 'inRoles.missing',
    category: 'privilege',
  },
  {
    change: 'GRANT app_owner TO reporting',
    back: 'REVOKE app_owner FROM reporting',
    resource: 'role/reporting',
    path: '/extraMemberOf/[role=app_owner]',
    field: 'inRoles.extra',
    category: 'privilege',
  },
  {
    change: 'REVOKE INSERT ON sales.orders FROM reporting',
    back: 'GRANT INSERT ON sales.orders TO reporting',
    database: 'shop',
    resource: 'role/reporting',
    path: '/grants/[on=shop.sales.table.orders]',
    field: 'grants.shop.sales.table.orders.missing',
    category: 'privilege',
  },
  {
    change: 'GRANT DELETE ON sales.orders TO reporting',
    back: 'REVOKE DELETE ON sales.orders FROM reporting',
    database: 'shop',
    resource: 'role/reporting',
    path: '/extraGrants/[on=shop.sales.table.orders]',
    field: 'grants.shop.sales.table.orders.extra',
    category: 'privilege',
  },
  {
    change: 'REVOKE GRANT OPTION FOR USAGE ON SEQUENCE sales.order_ids FROM auditors',
    back: 'GRANT USAGE ON SEQUENCE sales.order_ids TO auditors WITH GRANT OPTION',
    database: 'shop',
    resource: 'grant/audit-access',
    path: '/grants/[on=shop.sales.sequence.order_ids]',
    field: 'grants.shop.sales.sequence.order_ids.grantOption',
    category: 'privilege',
  },
  {
    change: 'REVOKE SELECT ON sales.customers FROM auditors',
    back: 'GRANT SELECT ON sales.customers TO auditors',
    database: 'shop',
    resource: 'grant/audit-access',
    path: '/grants/[on=shop.sales.table.customers]',
    field: 'grants.shop.sales.table.customers.missing',
    category: 'privilege',
  },
  {
    change: 'GRANT UPDATE ON sales.customers TO auditors',
    back: 'REVOKE UPDATE ON sales.customers FROM auditors',
    database: 'shop',
    resource: 'grant/audit-access',
    path: '/extraGrants/[on=shop.sales.table.customers]',
    field: 'grants.shop.sales.table.customers.extra',
    category: 'privilege',
    destructive: true,
  },
  {
    change: 'REVOKE readers FROM auditors',
    back: 'GRANT readers TO auditors',
    resource: 'grant/audit-access',
    path: '/roles/[role=readers]',
    field: 'roles.missing',
    category: 'privilege',
  },
  {
    change: 'GRANT app_owner TO auditors',
    back: 'REVOKE app_owner FROM auditors',
    resource: 'grant/audit-access',
    path: '/extraRoles/[role=app_owner]',
    field: 'roles.extra',
    category: 'privilege',
    destructive: true,
  },
  {
    change: 'ALTER DEFAULT PRIVILEGES FOR ROLE maker IN SCHEMA sales REVOKE SELECT ON TABLES FROM auditors',
    back: 'ALTER DEFAULT PRIVILEGES FOR ROLE maker IN SCHEMA sales GRANT SELECT ON TABLES TO auditors',
    database: 'shop',
    resource: 'grant/audit-access',
    path: '/defaults',
    field: 'defaultPrivileges.missing',
    category: 'privilege',
  },
  {
    change: 'ALTER DEFAULT PRIVILEGES FOR ROLE maker IN SCHEMA sales GRANT DELETE ON TABLES TO auditors',
    back: 'ALTER DEFAULT PRIVILEGES FOR ROLE maker IN SCHEMA sales REVOKE DELETE ON TABLES FROM auditors',
    database: 'shop',
    resource: 'grant/audit-access',
    path: '/extraDefaults',
    field: 'defaultPrivileges.extra',
    category: 'privilege',
    destructive: true,
  },
];
