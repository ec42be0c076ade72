import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { prepareServer, scene, type Scene } from '../support/database-scene.ts';
import { reconcileAction } from '../../src/engine/reconcile.ts';
import { answer, request } from '../support/consent.ts';
import { check, dbops, open, places } from '../support/installation.ts';
import { MAJORS, startServer, type TestServer } from '../support/postgres.ts';

const NEVER = new AbortController().signal;
const NEXT = `
CREATE ROLE owners; CREATE ROLE middle; CREATE ROLE outer_group; CREATE ROLE declared; CREATE ROLE app LOGIN; CREATE ROLE other LOGIN;
GRANT owners TO middle; GRANT middle TO outer_group;
`;

describe.each(MAJORS)('every way to a privilege on PostgreSQL %i', (major) => {
  let server: TestServer;
  const scenes: Scene[] = [];

  beforeAll(async () => {
    server = await startServer({ major });
    await prepareServer(server);
    await server.sql(NEXT);
    await server.sql('CREATE DATABASE shop');
    await server.sql(
      `CREATE EXTENSION pgcrypto; CREATE SCHEMA app AUTHORIZATION owners; CREATE TABLE app.orders (id int, note text); ALTER TABLE app.orders OWNER TO owners;
       CREATE TABLE app.secured (id int); ALTER TABLE app.secured ENABLE ROW LEVEL SECURITY; CREATE POLICY own_rows ON app.secured USING (true);
       CREATE FUNCTION app.as_owner() RETURNS int LANGUAGE sql AS 'SELECT 1';
       CREATE FUNCTION app.on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER watch_ddl ON ddl_command_end EXECUTE FUNCTION app.on_ddl();
       SELECT lo_create(4711);`,
      'shop',
    );
  });

  afterEach(async () => {
    for (const each of scenes.splice(0)) await each.place.remove();
  });

  afterAll(async () => {
    await server.stop();
  });

  async function begin(...given: Parameters<typeof scene>): Promise<Scene> {
    const made = await scene(...given);
    scenes.push(made);
    return made;
  }

  const ROLE = dbops('DatabaseRole', 'declared', 'roleName: declared\npostgres: {superuser: false}');

  it('DB-14: every way to a superuser is CRITICAL, names its reach, and waits even under correct', async () => {
    const { kedge } = await begin({ server, declared: ROLE, mode: 'correct' });
    const ways: readonly (readonly [string, string])[] = [
      ['ALTER ROLE declared SUPERUSER', 'ALTER ROLE declared NOSUPERUSER'],
      [
        'CREATE ROLE root_group SUPERUSER; GRANT root_group TO declared',
        'REVOKE root_group FROM declared; DROP ROLE root_group',
      ],
      [
        'GRANT pg_execute_server_program TO owners; GRANT outer_group TO declared',
        'REVOKE outer_group FROM declared; REVOKE pg_execute_server_program FROM owners',
      ],
      ...(major <= 15 ? [['ALTER ROLE declared CREATEROLE', 'ALTER ROLE declared NOCREATEROLE'] as const] : []),
    ];
    for (const [change, back] of ways) {
      await server.sql(change);
      const critical = open(await check(kedge)).filter(({ finding }) => finding.risk === 'CRITICAL');

      expect(
        critical.map(({ finding }) => finding.resourceRef),
        change,
      ).toContain('role/declared');
      const own = critical.find(({ finding }) => finding.resourceRef === 'role/declared');
      expect(JSON.stringify(own?.finding.details['database']), change).toMatch(/superuser/i);
      expect(own?.finding.autoHealAllowed, change).toBe(false);
      await server.sql(back);
      await check(kedge);
    }
  });

  it('DB-15: of a role nobody declares, what it gains, its rename, its return and its coming are each told once, as what they are', async () => {
    await server.sql('CREATE ROLE idle; CREATE ROLE renamed LOGIN; CREATE ROLE remade; CREATE ROLE dropped');
    const { kedge } = await begin({ server, declared: ROLE });
    const steps: readonly (readonly [string, readonly string[]])[] = [
      ['GRANT pg_monitor TO idle', ['role/idle /memberOf/[role=pg_monitor]']],
      ['REVOKE pg_monitor FROM idle', []],
      ['ALTER ROLE renamed RENAME TO other_name', ['role/renamed /name']],
      ['ALTER ROLE other_name RENAME TO renamed', []],
      ['CREATE ROLE powerless; DROP ROLE dropped', []],
      ['CREATE ROLE newcomer LOGIN', ['role/newcomer /']],
      ['DROP ROLE newcomer', []],
      ['DROP ROLE remade; CREATE ROLE remade LOGIN', ['role/remade /$identity']],
    ];
    for (const [change, expected] of steps) {
      await server.sql(change);
      const found = open(await check(kedge)).flatMap(({ finding }) =>
        finding.changedFields.map((path) => `${finding.resourceRef} ${path}`),
      );
      expect(found, change).toEqual(expected);
    }
    await server.sql('DROP ROLE idle; DROP ROLE renamed; DROP ROLE remade; DROP ROLE powerless');
  });

  it('DB-15: names that look like patterns, keys or everybody are told apart, and put back as what they are', async () => {
    const declared = dbops(
      'DatabaseRole',
      'declared',
      'roleName: declared\npostgres: {grants: [{database: shop, schema: app, tables: [orders], privileges: [SELECT]}]}',
    );
    await server.sql(
      `GRANT SELECT ON app.orders TO declared; CREATE SCHEMA "s.table.t"; CREATE SCHEMA s; CREATE SCHEMA "*";
       CREATE TABLE "s.table.t".u (id int); CREATE TABLE s."t.table.u" (id int); CREATE TABLE "*"."*" (id int); CREATE TABLE "*".kept (id int);`,
      'shop',
    );
    const { kedge } = await begin({ server, declared, mode: 'correct' });
    await server.sql('CREATE ROLE "PUBLIC"');
    await server.sql(
      `GRANT SELECT ON "s.table.t".u TO declared; GRANT UPDATE ON s."t.table.u" TO declared; GRANT SELECT ON "*"."*" TO declared;
       GRANT INSERT ON app.orders TO "PUBLIC"; GRANT SELECT ON "*".kept TO app`,
      'shop',
    );

    const found = open(await check(kedge));
    const extra = found.find(({ finding }) => finding.resourceRef === 'role/declared')?.finding;
    const keys = extra?.differences.map((each) => each.path);
    expect(keys).toEqual([
      '/privileges/[on=shop."*".table."*"]',
      '/privileges/[on=shop."s.table.t".table.u]',
      '/privileges/[on=shop.s.table."t.table.u"]',
    ]);
    expect(found.map(({ finding }) => finding.resourceRef)).toContain('role/"PUBLIC"');
    expect(found.map(({ finding }) => finding.resourceRef)).not.toContain('role/PUBLIC');

    const { action, approval } = await request(kedge.context, extra?.findingId ?? '');
    await answer(kedge, approval?.approvalId, 'bob');
    expect(await answer(kedge, approval?.approvalId, 'dave')).toBe('GRANTED');
    const done = await reconcileAction(kedge.context, action.actionId, NEVER);
    expect([done.action.status, done.action.outcome]).toEqual(['CONVERGED', 'converged']);
    const { rows } = await server.sql(
      `SELECT has_table_privilege('declared', '"*"."*"', 'SELECT') AS gone, has_table_privilege('app', '"*".kept', 'SELECT') AS kept`,
      'shop',
    );
    expect(rows).toEqual([{ gone: false, kept: true }]);
    await server.sql(
      'DROP SCHEMA "s.table.t", s, "*" CASCADE; REVOKE ALL ON app.orders FROM declared, "PUBLIC"',
      'shop',
    );
    await server.sql('DROP ROLE "PUBLIC"');
  });

  it('DB-15: finds a right that nobody declared, whichever way it was given', async () => {
    const { kedge } = await begin({ server, declared: ROLE });
    const parameter =
      major >= 15
        ? [
            [
              'GRANT SET ON PARAMETER session_replication_role TO app',
              'REVOKE SET ON PARAMETER session_replication_role FROM app',
              'role/app',
            ],
          ]
        : [];
    const ways: readonly (readonly string[])[] = [
      ['GRANT SELECT ON app.orders TO PUBLIC', 'REVOKE SELECT ON app.orders FROM PUBLIC', 'role/PUBLIC', 'shop'],
      ['ALTER TABLE app.orders OWNER TO other', 'ALTER TABLE app.orders OWNER TO owners', 'database/shop', 'shop'],
      ['GRANT SELECT (note) ON app.orders TO app', 'REVOKE SELECT (note) ON app.orders FROM app', 'role/app', 'shop'],
      [
        'ALTER DEFAULT PRIVILEGES FOR ROLE owners GRANT INSERT ON TABLES TO app',
        'ALTER DEFAULT PRIVILEGES FOR ROLE owners REVOKE INSERT ON TABLES FROM app',
        'role/app',
        'shop',
      ],
      [
        'ALTER DEFAULT PRIVILEGES FOR ROLE owners IN SCHEMA app GRANT UPDATE ON TABLES TO app',
        'ALTER DEFAULT PRIVILEGES FOR ROLE owners IN SCHEMA app REVOKE UPDATE ON TABLES FROM app',
        'role/app',
        'shop',
      ],
      ...parameter,
      ['GRANT SELECT ON LARGE OBJECT 4711 TO app', 'REVOKE SELECT ON LARGE OBJECT 4711 FROM app', 'role/app', 'shop'],
      [
        'GRANT EXECUTE ON FUNCTION pg_read_file(text) TO app',
        'REVOKE EXECUTE ON FUNCTION pg_read_file(text) FROM app',
        'role/app',
        'shop',
      ],
      [
        'GRANT EXECUTE ON FUNCTION gen_salt(text) TO app',
        'REVOKE EXECUTE ON FUNCTION gen_salt(text) FROM app',
        'role/app',
        'shop',
      ],
      [
        'ALTER FUNCTION app.as_owner() SECURITY DEFINER',
        'ALTER FUNCTION app.as_owner() SECURITY INVOKER',
        'database/shop',
        'shop',
      ],
      ["ALTER ROLE app SET role = 'owners'", 'ALTER ROLE app RESET role', 'role/app'],
    ];
    for (const [change = '', back = '', resource = '', database] of ways) {
      await server.sql(change, database);
      const found = places(await check(kedge));

      expect(found.length, `${change}: ${JSON.stringify(found)}`).toBeGreaterThanOrEqual(1);
      expect(
        found.every((place) => place.startsWith(`${resource} `)),
        `${change}: ${JSON.stringify(found)}`,
      ).toBe(true);
      await server.sql(back, database);
      expect(places(await check(kedge)), back).toEqual([]);
    }
  }, 240_000);

  it('DB-16: finds a new login in the group of a declared role, and every guard that fell', async () => {
    const { kedge } = await begin({ server, declared: ROLE });

    await server.sql('CREATE ROLE intruder LOGIN IN ROLE declared');
    const login = open(await check(kedge));
    await server.sql('DROP ROLE intruder');
    await server.sql(
      'DROP POLICY own_rows ON app.secured; ALTER TABLE app.secured DISABLE ROW LEVEL SECURITY; ALTER EVENT TRIGGER watch_ddl DISABLE',
      'shop',
    );
    const guards = open(await check(kedge));
    await server.sql(
      'CREATE POLICY own_rows ON app.secured USING (true); ALTER TABLE app.secured ENABLE ROW LEVEL SECURITY; ALTER EVENT TRIGGER watch_ddl ENABLE',
      'shop',
    );

    expect(login.map(({ finding }) => [finding.resourceRef, finding.risk])).toEqual([['role/intruder', 'CRITICAL']]);
    expect(guards.map(({ finding }) => [finding.resourceRef, finding.pathRoot, finding.risk]).sort()).toEqual([
      ['database/shop', '/rowSecurity', 'CRITICAL'],
      ['database/shop', '/triggers', 'CRITICAL'],
    ]);
  });

  it('DB-17: tells what a membership really lets a role do', async () => {
    const { kedge } = await begin({ server, declared: ROLE });
    if (major < 16) {
      await server.sql('GRANT owners TO app');
      const found = open(await check(kedge));
      await server.sql('REVOKE owners FROM app');
      expect(found.map(({ finding }) => finding.resourceRef)).toEqual(['role/app']);
      return;
    }
    const edges = [
      'ADMIN FALSE, INHERIT TRUE, SET FALSE',
      'ADMIN FALSE, INHERIT FALSE, SET TRUE',
      'ADMIN TRUE, INHERIT FALSE, SET FALSE',
    ];
    const reaches: string[] = [];
    for (const options of edges) {
      await server.sql(`GRANT owners TO app WITH ${options}`);
      const [found] = open(await check(kedge));
      expect(found?.finding.resourceRef, options).toBe('role/app');

      reaches.push(JSON.stringify(found?.finding.differences[0]?.actual));
      await server.sql('REVOKE owners FROM app');
      await check(kedge);
    }
    expect(new Set(reaches).size).toBe(3);

    await server.sql('CREATE ROLE creator CREATEROLE');
    await server.sql('SET ROLE creator; CREATE ROLE made; RESET ROLE');
    const later = await begin({ server, declared: ROLE });
    const withCreator = places(await check(later.kedge));
    await server.sql('ALTER ROLE creator NOCREATEROLE');
    const without = places(await check(later.kedge));
    await server.sql('DROP ROLE made; DROP ROLE creator');

    expect(withCreator).toEqual([]);
    expect(without).toEqual(['role/creator /attributes/createrole', 'role/creator /memberOf/[role=made]']);
  });

  it('finds a grant through a chain of three roles once, where it was given', async () => {
    const { kedge } = await begin({ server, declared: ROLE });

    await server.sql('GRANT outer_group TO app');
    const found = open(await check(kedge));
    await server.sql('REVOKE outer_group FROM app');

    expect(found.map(({ finding }) => `${finding.resourceRef} ${finding.changedFields.join(',')}`)).toEqual([
      'role/app /memberOf/[role=outer_group]',
    ]);
  });

  it('DB-23: four hundred tables under one rule are one difference with its count; a later table and an owner change are one finding each', async () => {
    await server.sql(
      "CREATE SCHEMA many; DO $$ BEGIN FOR at IN 1..400 LOOP EXECUTE format('CREATE TABLE many.t%s (id int); GRANT SELECT ON many.t%s TO declared', at, at); END LOOP; END $$",
      'shop',
    );
    const declared = dbops(
      'DatabaseRole',
      'declared',
      'roleName: declared\npostgres:\n  superuser: false\n  grants: [{database: shop, schema: many, tables: ["*"], privileges: [SELECT]}]',
    );
    const { kedge } = await begin({ server, declared });
    expect(places(await check(kedge))).toEqual([]);

    await server.sql('REVOKE SELECT ON ALL TABLES IN SCHEMA many FROM declared', 'shop');
    const lost = open(await check(kedge));
    await server.sql('GRANT SELECT ON ALL TABLES IN SCHEMA many TO declared', 'shop');
    await check(kedge);
    await server.sql('CREATE TABLE many.later (id int)', 'shop');
    const later = open(await check(kedge));
    await server.sql('DROP TABLE many.later', 'shop');
    await check(kedge);
    await server.sql('ALTER TABLE many.t1 OWNER TO owners', 'shop');
    const moved = places(await check(kedge));
    await server.sql('DROP SCHEMA many CASCADE', 'shop');

    expect(lost).toHaveLength(1);
    expect(lost[0]?.finding.differences).toHaveLength(1);
    expect(JSON.stringify(lost[0]?.finding.differences[0]?.actual)).toContain('"count":400');
    expect(later).toHaveLength(1);
    expect(later[0]?.finding.risk).toBe('LOW');
    expect(JSON.stringify(later[0]?.finding.details)).toContain('NEW_TABLE_NOT_COVERED');
    expect(moved).toEqual(['database/shop /owners/[on=shop.many.table.t1]']);
  });
});
