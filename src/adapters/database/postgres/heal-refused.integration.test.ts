import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cuttingProxy } from '../../../../test/support/cutting-proxy.ts';
import { databaseLoop, type DatabaseLoop } from '../../../../test/support/database-loop.ts';
import { GROUP, differing, planOne, role, user, valueOf } from '../../../../test/support/healing.ts';
import { MAJORS, startServer, type TestServer } from '../../../../test/support/postgres.ts';
import type { EvidenceReceipt } from '../../../ports/evidence-receipt.ts';

const NEVER = new AbortController().signal;

describe.each(MAJORS)('a write that meets something in its way on PostgreSQL %i', (major) => {
  let server: TestServer;
  let loop: DatabaseLoop;

  beforeAll(async () => {
    server = await startServer({ major });
  });
  beforeEach(() => {
    loop = databaseLoop(server);
  });
  afterAll(async () => {
    await server.stop();
  });

  it('DB-25: leaves the catalogs as they were when the third statement fails', async () => {
    await server.sql('CREATE DATABASE shop25');
    await server.sql(
      'CREATE ROLE owner25; CREATE ROLE app25; CREATE SCHEMA app AUTHORIZATION owner25; SET ROLE owner25; CREATE TABLE app.a (id int); CREATE TABLE app.b (id int); CREATE TABLE app.c (id int); GRANT SELECT ON app.a, app.b, app.c TO app25',
      'shop25',
    );
    await server.sql(
      `CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN IF current_query() LIKE '%"app"."c"%' THEN RAISE EXCEPTION 'not now'; END IF; END $$`,
      'shop25',
    );
    loop.declare(role('app25', 'shop25', '[a, b, c]'));
    await loop.baseline();
    await server.sql('REVOKE SELECT ON app.a, app.b, app.c FROM app25', 'shop25');
    await server.sql(
      "CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('GRANT') EXECUTE FUNCTION public.refuse()",
      'shop25',
    );
    const acls =
      "SELECT string_agg(relname || coalesce(relacl::text, ''), ';' ORDER BY relname) FROM pg_class WHERE relnamespace = 'app'::regnamespace";
    const before = await valueOf(server, acls, 'shop25');

    const failed = await loop.act(await planOne(loop, '/grants', 'role/app25'));

    expect(failed).toMatchObject({ status: 'failed', code: 'STATEMENT_FAILED' });
    expect(failed.status === 'failed' ? failed.message : '').toContain('not now');
    expect(failed.details['transactions']).toMatchObject([{ statements: { length: 3 } }]);
    expect(await valueOf(server, acls, 'shop25')).toBe(before);
    await server.sql('DROP EVENT TRIGGER refuse', 'shop25');
    expect(await loop.healAll()).toMatchObject([{ status: 'done' }]);
    expect(await differing(loop)).toEqual([]);
  });

  it('DB-26: rolls back and says RACED when somebody grants at the same time', async () => {
    await server.sql('CREATE DATABASE shop26');
    await server.sql(
      'CREATE ROLE owner26; CREATE ROLE app26; CREATE ROLE other26; CREATE SCHEMA app AUTHORIZATION owner26; SET ROLE owner26; CREATE TABLE app.a (id int); CREATE TABLE app.b (id int); GRANT SELECT ON app.b TO app26',
      'shop26',
    );
    loop.declare(role('app26', 'shop26', '[b]'));
    await loop.baseline();
    await server.sql('SET ROLE owner26; GRANT SELECT ON app.a TO app26', 'shop26');
    const planned = await planOne(loop, '/extraGrants', 'role/app26');
    const other = await server.connect({ database: 'shop26' });
    await other.query('BEGIN');
    await other.query('GRANT INSERT ON app.a TO other26');

    const acting = loop.act(planned);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await other.query('COMMIT');
    await other.end();
    const outcome = await acting;

    expect(outcome).toMatchObject({ status: 'failed', code: 'RACED', retry: 'later' });
    expect(await valueOf(server, "SELECT has_table_privilege('app26', 'app.a', 'SELECT')", 'shop26')).toBe(true);
    expect(await loop.act(planned)).toMatchObject({ status: 'done' });
  });

  it('DB-26: refuses when the value moved between decision and act', async () => {
    await server.sql('CREATE ROLE moved26 LOGIN CONNECTION LIMIT 5');
    loop.declare(user('moved26', 'connectionLimit: 10'));
    await loop.baseline();
    const planned = await planOne(loop, '/connectionLimit', 'user/moved26');
    await server.sql('ALTER ROLE moved26 CONNECTION LIMIT 7');

    const outcome = await loop.act(planned);

    expect(outcome).toMatchObject({ status: 'failed', code: 'RACED', retry: 'later' });
    expect(await valueOf(server, "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'moved26'")).toBe(7);
  });

  it('EV-11: is in doubt when the connection goes at COMMIT, and settles by asking the server', async () => {
    await server.sql('CREATE ROLE doubt LOGIN CONNECTION LIMIT 5');
    loop.declare(user('doubt', 'connectionLimit: 10'));
    await loop.baseline();
    const proxy = await cuttingProxy(server);
    loop.reach(proxy);
    proxy.cutAt('COMMIT\0', 'swallowed');

    const lost = await loop.act(await planOne(loop, '/connectionLimit', 'user/doubt'));
    proxy.passEverything();
    const aborted = lost.status === 'in-doubt' ? await loop.actuator.settle(lost.settlement ?? '', NEVER) : lost;
    const untouched = await valueOf(server, "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'doubt'");
    proxy.cutAt('COMMIT\0', 'passed');
    const kept = await loop.act(await planOne(loop, '/connectionLimit', 'user/doubt'));
    proxy.passEverything();
    const committed = kept.status === 'in-doubt' ? await loop.actuator.settle(kept.settlement ?? '', NEVER) : kept;
    loop.reach(server);
    await proxy.close();

    expect(lost).toMatchObject({ status: 'in-doubt' });
    expect(aborted).toBe('aborted');
    expect(untouched).toBe(5);
    expect(kept).toMatchObject({ status: 'in-doubt' });
    expect(committed).toBe('committed');
    expect(await valueOf(server, "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'doubt'")).toBe(10);
  });

  it('DB-28: says LOCKED while a table is locked, a migration runs or another actor holds the unit', async () => {
    await server.sql('CREATE DATABASE shop28');
    await server.sql(
      'CREATE ROLE owner28; CREATE ROLE app28; CREATE SCHEMA app AUTHORIZATION owner28; SET ROLE owner28; CREATE TABLE app.a (id int); GRANT SELECT ON app.a TO app28; REVOKE SELECT ON app.a FROM app28',
      'shop28',
    );
    loop.declare(role('app28', 'shop28', '[a]'));
    const planned = await planOne(loop, '/grants', 'role/app28');
    const other = await server.connect({ database: 'shop28' });

    await other.query('BEGIN; LOCK TABLE app.a IN ACCESS EXCLUSIVE MODE');
    // Until 17 GRANT waits for no table lock.
    const tableLocked = major >= 18 ? await loop.act(planned) : undefined;
    await other.query('ROLLBACK; SELECT pg_advisory_lock(72707369)');
    const migrating = await loop.act(planned);
    await other.query('SELECT pg_advisory_unlock_all()');
    await other.query('CREATE TABLE public.flyway_schema_history (version text)');
    await other.query('BEGIN; LOCK TABLE public.flyway_schema_history IN SHARE ROW EXCLUSIVE MODE');
    const historyLocked = await loop.act(planned);
    await other.query('ROLLBACK');
    await other.end();

    if (tableLocked !== undefined)
      expect(tableLocked).toMatchObject({ status: 'failed', code: 'LOCKED', retry: 'later' });
    expect(migrating).toMatchObject({ status: 'failed', code: 'LOCKED', retry: 'later' });
    expect(migrating.status === 'failed' ? migrating.message : '').toContain('prisma');
    expect(historyLocked).toMatchObject({ status: 'failed', code: 'LOCKED' });
    expect(await loop.act(await planOne(loop, '/grants', 'role/app28'))).toMatchObject({ status: 'done' });
  });

  const HOSTILE = [
    'we"ird',
    'a=b',
    'sl/ash',
    'x*y',
    'two words',
    'Grüße ✓',
    'UPPER',
    'x"; DROP ROLE y; --',
    "apo'strophe",
    'back\\slash',
    '[on=x]',
    'til~de',
    'n'.repeat(63),
  ];
  it.each(HOSTILE)('DB-29: reads and heals the name %j and touches nothing else', async (name) => {
    const quoted = `"${name.replaceAll('"', '""')}"`;
    await server.sql(`CREATE DATABASE ${quoted}`);
    await server.sql(`CREATE ROLE ${quoted} LOGIN CONNECTION LIMIT 3`);
    await server.sql(
      `CREATE SCHEMA ${quoted}; CREATE TABLE ${quoted}.${quoted} (${quoted} int); GRANT INSERT (${quoted}) ON ${quoted}.${quoted} TO ${quoted}`,
      name,
    );
    const text = JSON.stringify(name);
    loop.declare(`${GROUP}
kind: DatabaseUser
metadata: {name: hostile-user}
spec: {username: ${text}, instanceRef: {name: pg}, postgres: {connectionLimit: 9}}
---
${GROUP}
kind: DatabaseGrant
metadata: {name: hostile, annotations: {dbops.dbprovision.io/allow-destructive-drift: "true"}}
spec: {userRef: {name: hostile-user}, postgres: {grants: [{database: ${text}, schema: ${text}, tables: [${text}], privileges: [SELECT]}]}}
`);
    await loop.baseline();
    await server.sql(`GRANT DELETE ON ${quoted}.${quoted} TO ${quoted}`, name);
    const others = `SELECT md5(string_agg(rolname || rolconnlimit || rolcanlogin, ';' ORDER BY rolname)) FROM pg_roles WHERE rolname <> '${name.replaceAll("'", "''")}'`;
    const before = await valueOf(server, others);

    const outcomes = await loop.healAll();

    expect(outcomes.map((outcome) => [outcome.status, outcome.status === 'failed' ? outcome.message : ''])).toEqual(
      outcomes.map(() => ['done', '']),
    );
    expect(outcomes.length).toBe(3);
    expect(await differing(loop)).toEqual([]);
    expect(await valueOf(server, others)).toBe(before);
    expect(
      await valueOf(
        server,
        `SELECT attacl::text IS NOT NULL FROM pg_attribute WHERE attrelid = '${quoted.replaceAll("'", "''")}.${quoted.replaceAll("'", "''")}'::regclass AND attnum = 1`,
        name,
      ),
    ).toBe(true);
    await server.sql(`DROP DATABASE ${quoted}`);
  });

  it('DB-28: rolls back when an event trigger raises on a statement of the plan', async () => {
    await server.sql('CREATE DATABASE shop28b');
    await server.sql(
      'CREATE ROLE owner28b; CREATE ROLE app28b; CREATE SCHEMA app AUTHORIZATION owner28b; SET ROLE owner28b; CREATE TABLE app.a (id int); CREATE TABLE app.b (id int); GRANT SELECT ON app.b TO app28b',
      'shop28b',
    );
    await server.sql(
      "CREATE FUNCTION public.raise_here() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'revokes need a ticket'; END $$; CREATE EVENT TRIGGER ticket ON ddl_command_end WHEN TAG IN ('REVOKE') EXECUTE FUNCTION public.raise_here()",
      'shop28b',
    );
    loop.declare(role('app28b', 'shop28b', '[b]'));
    await loop.baseline();
    await server.sql('SET ROLE owner28b; GRANT SELECT ON app.a TO app28b', 'shop28b');

    const outcome = await loop.act(await planOne(loop, '/extraGrants', 'role/app28b'));

    expect(outcome).toMatchObject({ status: 'failed', code: 'STATEMENT_FAILED', retry: 'no' });
    expect(outcome.status === 'failed' ? outcome.message : '').toContain('revokes need a ticket');
    expect(outcome.status === 'failed' ? outcome.message : '').toContain('nothing changed');
    expect(await valueOf(server, "SELECT has_table_privilege('app28b', 'app.a', 'SELECT')", 'shop28b')).toBe(true);
  });

  it('is in doubt, and says which database stands, when a later one fails: a look tells what is there', async () => {
    for (const database of ['multi_a', 'multi_b']) {
      await server.sql(`CREATE DATABASE ${database}`);
      await server.sql('CREATE SCHEMA app; CREATE TABLE app.t (id int)', database);
    }
    await server.sql('CREATE ROLE many');
    await server.sql(
      "CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not here'; END $$; CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('GRANT') EXECUTE FUNCTION public.refuse()",
      'multi_b',
    );
    loop.declare(`${GROUP}
kind: DatabaseRole
metadata: {name: many}
spec: {roleName: many, instanceRef: {name: pg}, postgres: {grants: [{database: multi_a, schema: app, tables: [t], privileges: [SELECT]}, {database: multi_b, schema: app, tables: [t], privileges: [SELECT]}]}}
`);
    const planned = await planOne(loop, '/grants', 'role/many');

    const outcome = await loop.act(planned);

    expect(planned.status === 'planned' ? planned.plan.steps[0]?.statement : planned).toBe(
      '-- in database "multi_a", a transaction of its own\nGRANT SELECT ON TABLE "app"."t" TO "many";',
    );
    expect(outcome).toMatchObject({
      status: 'in-doubt',
      details: {
        transactions: [
          { database: 'multi_a', status: 'committed' },
          { database: 'multi_b', status: 'failed' },
        ],
      },
    });
    expect(outcome.status === 'in-doubt' ? outcome.message : '').toContain('what was written before in multi_a stands');
    expect(await valueOf(server, "SELECT has_table_privilege('many', 'app.t', 'SELECT')", 'multi_a')).toBe(true);
    expect(await valueOf(server, "SELECT has_table_privilege('many', 'app.t', 'SELECT')", 'multi_b')).toBe(false);
  });

  it('says PERMISSION, and changes nothing, when the actuator may not', async () => {
    await server.sql('CREATE ROLE powerless LOGIN; CREATE ROLE strong LOGIN SUPERUSER');
    const modest = databaseLoop(server, { writeCredentials: { username: 'powerless' } });
    modest.declare(user('strong', 'superuser: false'));
    const look = await modest.look();
    const group = look.groups.find((each) => each.key.resource === 'user/strong');

    const outcome = group === undefined ? undefined : await modest.act(modest.plan(look, group));

    expect(outcome).toMatchObject({ status: 'failed', code: 'PERMISSION', retry: 'no' });
    expect(await valueOf(server, "SELECT rolsuper FROM pg_roles WHERE rolname = 'strong'")).toBe(true);
  });

  it('EV-10: sends nothing but the opening look before the receipt is asked for', async () => {
    // @ts-expect-error a plan alone is not enough: no write compiles without the receipt of its published intent
    const withoutReceipt: Parameters<typeof loop.actuator.act> = [undefined, NEVER];
    // @ts-expect-error a receipt cannot be written down; only a publisher makes one
    const forged: EvidenceReceipt = { log: 'forged', index: 0, size: 1, root: '', entryId: '' };
    const before = (await server.readLog()).length;
    loop.declare(user('ev10', 'connectionLimit: 1'));
    await server.sql('CREATE ROLE ev10 LOGIN');

    const planned = await planOne(loop, '/connectionLimit', 'user/ev10');
    const log = (await server.readLog()).slice(before);

    expect(withoutReceipt).toHaveLength(2);
    expect(forged.log).toBe('forged');
    expect(planned.status).toBe('planned');
    expect(log).not.toContain('ALTER ROLE');
    expect(log).not.toContain('kedge-actuator');
  });
});
