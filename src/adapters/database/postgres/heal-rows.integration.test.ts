import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { databaseLoop, type DatabaseLoop } from '../../../../test/support/database-loop.ts';
import { MAJORS, startServer, type TestServer } from '../../../../test/support/postgres.ts';

const GROUP = 'apiVersion: dbops.dbprovision.io/v1alpha1';

function declared(kind: string, spec: string, annotations = ''): string {
  const [name = 'x'] = /(?:username|roleName|name): ([a-z0-9_]+)/.exec(spec)?.slice(1) ?? [];
  return `${GROUP}\nkind: ${kind}\nmetadata: {name: ${name}${annotations}}\nspec: {instanceRef: {name: pg}, ${spec}}\n---\n`;
}

/** One row: what stands and is declared, what somebody changes, where it shows, what is sent. */
interface Row {
  readonly title: string;
  readonly setUp: string;
  readonly documents: string;
  readonly drift: string;
  readonly path: string;
  readonly statements: readonly string[];
  /** The first look must see it as drift although nothing was recorded. */
  readonly withoutBaseline?: true;
  /** Up to 15 an edge has neither grantor nor options. */
  readonly before16?: readonly string[];
  /** The server rewrites grants along with it, which may show beside it. */
  readonly rewrites?: true;
}

const ROLES = 'CREATE ROLE team; CREATE ROLE lead; CREATE ROLE app LOGIN; CREATE ROLE keeper';
const TABLES = `${ROLES}; CREATE SCHEMA app AUTHORIZATION keeper; GRANT USAGE ON SCHEMA app TO app; SET ROLE keeper; CREATE TABLE app.a (id int); CREATE TABLE app.b (id int); CREATE SEQUENCE app.s; CREATE FUNCTION app.f(int, text[]) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION app.g() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE EXECUTE ON FUNCTION app.f, app.g FROM PUBLIC; GRANT SELECT ON app.b TO lead; RESET ROLE`;

const ROWS: readonly Row[] = [
  {
    title: 'the owner of a database',
    setUp: `${ROLES}; ALTER DATABASE @ OWNER TO keeper`,
    documents: declared('Database', 'name: @, owner: keeper'),
    drift: 'ALTER DATABASE @ OWNER TO lead',
    path: '/owner',
    statements: ['ALTER DATABASE "@" OWNER TO "keeper";'],
    rewrites: true,
  },
  {
    title: 'the connection limit of a database',
    setUp: ROLES,
    documents: declared('Database', 'name: @, postgres: {connectionLimit: 20}'),
    drift: 'ALTER DATABASE @ CONNECTION LIMIT 3',
    path: '/connectionLimit',
    statements: ['ALTER DATABASE "@" CONNECTION LIMIT 20;'],
    withoutBaseline: true,
  },
  {
    title: 'whether a database is a template',
    setUp: ROLES,
    documents: declared('Database', 'name: @, postgres: {isTemplate: false}'),
    drift: 'ALTER DATABASE @ IS_TEMPLATE true',
    path: '/isTemplate',
    statements: ['ALTER DATABASE "@" IS_TEMPLATE false;'],
  },
  {
    title: 'a missing schema',
    setUp: `${ROLES}; CREATE SCHEMA keep`,
    documents: declared('Database', 'name: @, postgres: {schemas: [{name: keep}, {name: fresh, owner: keeper}]}'),
    drift: 'SELECT 1',
    path: '/schemas',
    statements: ['CREATE SCHEMA "fresh" AUTHORIZATION "keeper";'],
    withoutBaseline: true,
  },
  {
    title: 'the owner of a schema',
    setUp: `${ROLES}; CREATE SCHEMA keep AUTHORIZATION keeper`,
    documents: declared('Database', 'name: @, postgres: {schemas: [{name: keep, owner: keeper}]}'),
    drift: 'ALTER SCHEMA keep OWNER TO lead',
    path: '/schemas',
    statements: ['ALTER SCHEMA "keep" OWNER TO "keeper";'],
  },
  {
    title: 'a limit of a user',
    setUp: ROLES,
    documents: declared('DatabaseUser', 'username: app, postgres: {connectionLimit: 5}'),
    drift: 'ALTER ROLE app CONNECTION LIMIT 50',
    path: '/connectionLimit',
    statements: ['ALTER ROLE "app" CONNECTION LIMIT 5;'],
    withoutBaseline: true,
  },
  {
    title: 'the end of a user',
    setUp: ROLES,
    documents: declared('DatabaseUser', "username: app, postgres: {validUntil: '2031-05-01T10:00:00Z'}"),
    drift: "ALTER ROLE app VALID UNTIL 'infinity'",
    path: '/validUntil',
    statements: [`ALTER ROLE "app" VALID UNTIL '2031-05-01T10:00:00Z';`],
    withoutBaseline: true,
  },
  {
    title: 'a steering setting of a user',
    setUp: `${ROLES}; ALTER ROLE app SET search_path TO "$user", app, "Odd One"`,
    documents: declared(
      'DatabaseUser',
      `username: app, postgres: {configParameters: {search_path: '"$user", app, "Odd One"'}}`,
    ),
    drift: 'ALTER ROLE app RESET search_path',
    path: '/settings',
    statements: [`ALTER ROLE "app" SET "search_path" TO '$user', 'app', 'Odd One';`],
  },
  {
    title: 'settings of a user',
    setUp: `${ROLES}; ALTER ROLE app SET work_mem TO '8MB'`,
    documents: declared(
      'DatabaseUser',
      'username: app, postgres: {configParameters: {work_mem: 8MB, DateStyle: "ISO, MDY"}}',
    ),
    drift: 'ALTER ROLE app SET work_mem TO 999',
    path: '/settings',
    statements: [`ALTER ROLE "app" SET "datestyle" TO 'ISO, MDY';`, `ALTER ROLE "app" SET "work_mem" TO '8MB';`],
  },
  {
    title: 'the role a user starts as',
    setUp: `${ROLES}; GRANT team TO app; ALTER ROLE app SET role TO team`,
    documents: declared('DatabaseUser', 'username: app, postgres: {defaultRole: team}, roles: [team]'),
    drift: 'ALTER ROLE app SET role TO lead',
    path: '/settings',
    statements: [`ALTER ROLE "app" SET "role" TO 'team';`],
  },
  {
    title: 'attributes that were gained',
    setUp: ROLES,
    documents: declared('DatabaseRole', 'roleName: team, postgres: {inherit: true}'),
    drift: 'ALTER ROLE team SUPERUSER CREATEDB LOGIN',
    path: '/attributes',
    statements: ['ALTER ROLE "team" NOCREATEDB;', 'ALTER ROLE "team" NOLOGIN;', 'ALTER ROLE "team" NOSUPERUSER;'],
  },
  {
    title: 'attributes that were lost',
    setUp: ROLES,
    documents: declared('DatabaseUser', 'username: app, postgres: {createDB: true}'),
    drift: 'ALTER ROLE app NOLOGIN',
    path: '/attributes',
    statements: ['ALTER ROLE "app" CREATEDB;', 'ALTER ROLE "app" LOGIN;'],
    withoutBaseline: true,
  },
  {
    title: 'a missing membership',
    setUp: `${ROLES}; GRANT team TO app`,
    documents: declared('DatabaseUser', 'username: app, roles: [team]'),
    drift: 'REVOKE team FROM app',
    path: '/memberOf',
    statements: ['GRANT "team" TO "app" WITH ADMIN FALSE, INHERIT TRUE, SET TRUE;'],
    before16: ['GRANT "team" TO "app";'],
  },
  {
    title: 'a membership beyond the document',
    setUp: `${ROLES}; GRANT team TO app`,
    documents: declared('DatabaseUser', 'username: app, roles: [team]'),
    drift: 'GRANT lead TO app',
    path: '/extraMemberOf',
    statements: ['REVOKE "lead" FROM "app" GRANTED BY "postgres";'],
    before16: ['REVOKE "lead" FROM "app";'],
  },
  {
    title: 'a membership that a Grant names',
    setUp: `${ROLES}; GRANT team TO app`,
    documents:
      declared('DatabaseUser', 'username: app') +
      declared(
        'DatabaseGrant',
        'userRef: {name: app}, postgres: {roles: [team]}',
        ', annotations: {dbops.dbprovision.io/allow-destructive-drift: "true"}',
      ),
    drift: 'GRANT lead TO app',
    path: '/extraRoles',
    statements: ['REVOKE "lead" FROM "app" GRANTED BY "postgres";'],
    before16: ['REVOKE "lead" FROM "app";'],
  },
  {
    title: 'privileges that are missing on a table, a sequence, a function and a database',
    setUp: TABLES,
    documents: declared(
      'DatabaseRole',
      'roleName: app, postgres: {login: true, grants: [{database: @, schema: app, tables: [a], privileges: [SELECT, INSERT]}, {database: @, schema: app, sequences: [s], privileges: [USAGE]}, {database: @, schema: app, functions: ["f(int4, _text)"], privileges: [EXECUTE]}, {database: @, privileges: [TEMPORARY]}]}',
    ),
    drift: 'SELECT 1',
    path: '/grants',
    statements: [
      'GRANT EXECUTE ON ROUTINE "app"."f"("pg_catalog"."int4", "pg_catalog"."_text") TO "app";',
      'GRANT USAGE ON SEQUENCE "app"."s" TO "app";',
      'GRANT INSERT, SELECT ON TABLE "app"."a" TO "app";',
      'GRANT TEMPORARY ON DATABASE "@" TO "app";',
    ],
    withoutBaseline: true,
  },
  {
    title: 'a privilege on all tables of a schema',
    setUp: `${TABLES}; GRANT SELECT ON ALL TABLES IN SCHEMA app TO app`,
    documents: declared(
      'DatabaseRole',
      'roleName: app, postgres: {login: true, grants: [{database: @, schema: app, tables: ["*"], privileges: [SELECT]}]}',
    ),
    drift: 'REVOKE SELECT ON app.b FROM app',
    path: '/grants',
    statements: ['GRANT SELECT ON ALL TABLES IN SCHEMA "app" TO "app";'],
  },
  {
    title: 'a grant option that is missing',
    setUp: `${TABLES}; GRANT SELECT ON app.a TO app`,
    documents: declared(
      'DatabaseRole',
      'roleName: app, postgres: {login: true, grants: [{database: @, schema: app, tables: [a], privileges: [SELECT], withGrantOption: true}]}',
    ),
    drift: 'SELECT 1',
    path: '/grants',
    statements: ['GRANT SELECT ON TABLE "app"."a" TO "app" WITH GRANT OPTION;'],
    withoutBaseline: true,
  },
  {
    title: 'a grant option beyond the document',
    setUp: `${TABLES}; GRANT SELECT ON app.a TO app`,
    documents: declared(
      'DatabaseRole',
      'roleName: app, postgres: {login: true, grants: [{database: @, schema: app, tables: [a], privileges: [SELECT]}]}',
    ),
    drift: 'GRANT SELECT ON app.a TO app WITH GRANT OPTION',
    path: '/extraGrants',
    statements: [
      'SET LOCAL ROLE "keeper"; REVOKE GRANT OPTION FOR SELECT ON TABLE "app"."a" FROM "app"; SET LOCAL ROLE NONE;',
    ],
  },
  {
    title: 'a privilege on a function beyond the document',
    setUp: `${TABLES}; GRANT EXECUTE ON FUNCTION app.g TO app`,
    documents: declared(
      'DatabaseRole',
      'roleName: app, postgres: {login: true, grants: [{database: @, schema: app, functions: ["g"], privileges: [EXECUTE]}]}',
    ),
    drift: 'GRANT EXECUTE ON FUNCTION app.f TO app',
    path: '/extraGrants',
    statements: [
      'SET LOCAL ROLE "keeper"; REVOKE EXECUTE ON ROUTINE "app"."f"("pg_catalog"."int4", "pg_catalog"."_text") FROM "app"; SET LOCAL ROLE NONE;',
    ],
  },
  {
    title: 'a default privilege that is missing',
    setUp: `${TABLES}; ALTER DEFAULT PRIVILEGES FOR ROLE keeper IN SCHEMA app GRANT SELECT ON TABLES TO app`,
    documents:
      declared('DatabaseUser', 'username: app') +
      declared(
        'DatabaseGrant',
        'userRef: {name: app}, postgres: {defaultPrivileges: [{database: @, schema: app, grantedBy: keeper, objectType: tables, privileges: [SELECT, INSERT]}]}',
      ),
    drift: 'SELECT 1',
    path: '/defaults',
    statements: ['ALTER DEFAULT PRIVILEGES FOR ROLE "keeper" IN SCHEMA "app" GRANT INSERT ON TABLES TO "app";'],
    withoutBaseline: true,
  },
  {
    title: 'a default privilege beyond the document',
    setUp: `${TABLES}; ALTER DEFAULT PRIVILEGES FOR ROLE keeper GRANT SELECT ON TABLES TO app`,
    documents:
      declared('DatabaseUser', 'username: app') +
      declared(
        'DatabaseGrant',
        'userRef: {name: app}, postgres: {defaultPrivileges: [{database: @, grantedBy: keeper, objectType: tables, privileges: [SELECT]}]}',
        ', annotations: {dbops.dbprovision.io/allow-destructive-drift: "true"}',
      ),
    drift: 'ALTER DEFAULT PRIVILEGES FOR ROLE keeper GRANT DELETE ON TABLES TO app',
    path: '/extraDefaults',
    statements: ['ALTER DEFAULT PRIVILEGES FOR ROLE "keeper" REVOKE DELETE ON TABLES FROM "app";'],
  },
  {
    title: 'a privilege of everybody that no document declares',
    setUp: TABLES,
    documents: declared('DatabaseUser', 'username: app'),
    drift: 'GRANT SELECT ON app.a TO PUBLIC',
    path: '/privileges',
    statements: ['SET LOCAL ROLE "keeper"; REVOKE SELECT ON TABLE "app"."a" FROM PUBLIC; SET LOCAL ROLE NONE;'],
  },
  {
    title: 'a privilege nobody declares that was taken away',
    setUp: `${TABLES}; GRANT DELETE ON app.a TO team WITH GRANT OPTION`,
    documents: declared('DatabaseUser', 'username: app'),
    drift: 'REVOKE DELETE ON app.a FROM team',
    path: '/privileges',
    statements: [
      'SET LOCAL ROLE "keeper"; GRANT DELETE ON TABLE "app"."a" TO "team" WITH GRANT OPTION; SET LOCAL ROLE NONE;',
    ],
  },
  {
    title: 'a column privilege that no document declares',
    setUp: TABLES,
    documents: declared('DatabaseUser', 'username: app'),
    drift: 'GRANT UPDATE (id) ON app.a TO lead',
    path: '/privileges',
    statements: ['SET LOCAL ROLE "keeper"; REVOKE UPDATE ("id") ON TABLE "app"."a" FROM "lead"; SET LOCAL ROLE NONE;'],
  },
  {
    title: 'a name that the recorded oid proves',
    setUp: `${ROLES}; GRANT team TO app`,
    documents: declared(
      'DatabaseUser',
      'username: app, postgres: {connectionLimit: -1}',
      ', annotations: {dbops.dbprovision.io/allow-destructive-drift: "true"}',
    ),
    drift: 'ALTER ROLE app RENAME TO mallory',
    path: '/name',
    statements: ['ALTER ROLE "mallory" RENAME TO "app";'],
  },
];

describe.each(MAJORS)('each difference that heals, on PostgreSQL %i', (major) => {
  let server: TestServer;
  let loop: DatabaseLoop;
  let number = 0;

  beforeAll(async () => {
    server = await startServer({ major });
  });
  beforeEach(() => {
    loop = databaseLoop(server);
    number += 1;
  });
  afterAll(async () => {
    await server.stop();
  });

  it.each(ROWS)('DB-25: puts back $title in one transaction', async (row) => {
    const database = `rows${String(number)}`;
    const put = (text: string): string => text.replaceAll('@', database);
    await server.sql(`CREATE DATABASE ${database}`);
    await server.sql(put(row.setUp), database);
    try {
      loop.declare(put(row.documents));
      if (row.withoutBaseline === undefined) await loop.baseline();
      await server.sql(put(row.drift), database);
      const look = await loop.look();
      const group = look.groups.find((each) => each.key.pathRoot === row.path);
      const planned = group === undefined ? undefined : loop.plan(look, group);

      if (row.rewrites === undefined) expect(look.groups.map((each) => each.key.pathRoot)).toEqual([row.path]);
      expect(planned?.status === 'planned' ? planned.plan.steps.map((step) => step.statement) : planned).toEqual(
        (major < 16 ? (row.before16 ?? row.statements) : row.statements).map(put),
      );
      const outcome = planned === undefined ? undefined : await loop.act(planned);

      expect(outcome?.status === 'failed' ? outcome.message : outcome?.status).toBe('done');
      expect((await loop.look()).comparison.differences).toEqual([]);
    } finally {
      await server.sql(`ALTER DATABASE ${database} IS_TEMPLATE false`);
      await server.sql(`DROP DATABASE ${database}`);
      await server.sql('DROP ROLE IF EXISTS app, mallory, team, lead, keeper');
    }
  });
});
