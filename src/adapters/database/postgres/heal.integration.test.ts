import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cuttingProxy } from '../../../../test/support/cutting-proxy.ts';
import { databaseLoop, type DatabaseLoop } from '../../../../test/support/database-loop.ts';
import { MAJORS, startServer, type TestServer } from '../../../../test/support/postgres.ts';
import type { EvidenceReceipt } from '../../../ports/evidence-receipt.ts';
import { parseYamlDocuments } from '../../files/yaml-document.ts';
import { printGrants } from '../grants/print-grants.ts';
import type { JsonValue } from '../../../core/model/json.ts';
import type { Planned } from '../../../ports/actuator.ts';
import { PlanPayload } from './payload.ts';
import { digestOfPlan } from './plan.ts';
import type { Write } from './statements/schema.ts';

const GROUP = 'apiVersion: dbops.dbprovision.io/v1alpha1';
const NEVER = new AbortController().signal;

function role(name: string, database: string, tables: string): string {
  return `${GROUP}
kind: DatabaseRole
metadata: {name: ${name}}
spec: {roleName: ${name}, instanceRef: {name: pg}, postgres: {grants: [{database: ${database}, schema: app, tables: ${tables}, privileges: [SELECT]}]}}
---
`;
}

function user(name: string, block: string): string {
  return `${GROUP}
kind: DatabaseUser
metadata: {name: ${name}}
spec: {username: ${name}, instanceRef: {name: pg}, postgres: {${block}}}
`;
}

describe.each(MAJORS)('healing on PostgreSQL %i', (major) => {
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

  async function value(query: string, database?: string): Promise<unknown> {
    const { rows } = await server.sql(query, database);
    return Object.values((rows[0] ?? {}) as Record<string, unknown>)[0];
  }

  async function planOne(pathRoot: string, resource?: string, approved = false): Promise<Planned> {
    const look = await loop.look();
    const group = look.groups.find(
      (each) => each.key.pathRoot === pathRoot && (resource === undefined || each.key.resource === resource),
    );
    if (group === undefined)
      throw new Error(
        `nothing differs at ${pathRoot}: ${look.groups.map((each) => each.key.resource + each.key.pathRoot).join()}`,
      );
    return loop.plan(look, group, approved);
  }

  /** The same plan with its payload edited, as if the planner had been wrong. */
  function rewrite(planned: Planned, edit: (write: Write) => Write): Planned {
    if (planned.status === 'refused') throw new Error(JSON.stringify(planned.gates));
    const before = PlanPayload.parse(planned.plan.payload);
    const parts = before.parts.map((part) => ({ ...part, writes: part.writes.map(edit), seen: [] }));
    const payload = { ...before, parts } as unknown as JsonValue;
    const plan = { ...planned.plan, payload };
    return { status: 'planned', plan: { ...plan, digest: digestOfPlan(plan) } };
  }

  /** What differs now, as `resource path`. */
  async function differing(): Promise<readonly string[]> {
    const { comparison } = await loop.look();
    return comparison.differences.map((each) => `${each.resource} ${each.path}`);
  }

  it('DB-19: takes an extra table privilege back and leaves the column grant of the same privilege', async () => {
    await server.sql('CREATE DATABASE shop19');
    await server.sql(
      'CREATE ROLE owner19; CREATE ROLE reader19; CREATE SCHEMA app AUTHORIZATION owner19; GRANT USAGE ON SCHEMA app TO reader19',
      'shop19',
    );
    await server.sql(
      'SET ROLE owner19; CREATE TABLE app.orders (id int, total int); CREATE TABLE app.stock (id int); GRANT SELECT (id) ON app.orders TO reader19; GRANT SELECT ON app.stock TO reader19',
      'shop19',
    );
    loop.declare(`${GROUP}
kind: DatabaseRole
metadata: {name: reader19}
spec: {roleName: reader19, instanceRef: {name: pg}, postgres: {grants: [{database: shop19, schema: app, tables: [stock], privileges: [SELECT]}]}}
`);
    await loop.baseline();
    expect(await differing()).toEqual([]);
    await server.sql('SET ROLE owner19; GRANT SELECT ON app.orders TO reader19', 'shop19');
    expect(await differing()).toEqual(['role/reader19 /extraGrants/[on=shop19.app.table.orders]']);

    const outcomes = await loop.healAll();

    expect(outcomes).toMatchObject([{ status: 'done' }]);
    expect(await value("SELECT has_table_privilege('reader19', 'app.orders', 'SELECT')", 'shop19')).toBe(false);
    expect(
      await value(
        "SELECT attacl::text FROM pg_attribute WHERE attrelid = 'app.orders'::regclass AND attname = 'id'",
        'shop19',
      ),
    ).toBe('{reader19=r/owner19}');
    expect(await differing()).toEqual([]);
  });

  it('DB-18: takes a grant back as the grantor that gave it, and says nothing of success while it stands', async () => {
    await server.sql('CREATE DATABASE shop18');
    await server.sql(
      'CREATE ROLE owner18; CREATE ROLE lead18; CREATE ROLE reader18; CREATE SCHEMA app AUTHORIZATION owner18; GRANT USAGE ON SCHEMA app TO lead18, reader18',
      'shop18',
    );
    await server.sql(
      'SET ROLE owner18; CREATE TABLE app.orders (id int, total int); CREATE TABLE app.stock (id int); GRANT SELECT ON app.stock TO reader18; GRANT SELECT ON app.orders TO lead18 WITH GRANT OPTION; GRANT SELECT (total) ON app.orders TO reader18',
      'shop18',
    );
    loop.declare(role('reader18', 'shop18', '[stock]'));
    await loop.baseline();
    await server.sql(
      'SET ROLE lead18; GRANT SELECT ON app.orders TO reader18; GRANT SELECT (id) ON app.orders TO reader18',
      'shop18',
    );
    const columns =
      "SELECT string_agg(attname || attacl::text, ';' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'app.orders'::regclass AND attacl IS NOT NULL";
    const before = await value(columns, 'shop18');
    const look = await loop.look();
    const group = look.groups.find((each) => each.key.pathRoot === '/extraGrants');
    const planned = group === undefined ? undefined : loop.plan(look, group);
    expect(group?.differences[0]?.actual).toMatchObject({
      value: { held: [{ privilege: 'SELECT', grantor: 'lead18' }] },
    });
    expect(planned?.status === 'planned' ? planned.plan.steps.map((step) => step.statement) : planned).toEqual([
      'SET LOCAL ROLE "lead18"; REVOKE SELECT ON TABLE "app"."orders" FROM "reader18"; SET LOCAL ROLE NONE;',
      'SET LOCAL ROLE "lead18"; GRANT SELECT ("id") ON TABLE "app"."orders" TO "reader18"; SET LOCAL ROLE NONE;',
    ]);

    const outcome = planned === undefined ? undefined : await loop.act(planned);

    expect(outcome).toMatchObject({ status: 'done' });
    expect(await value("SELECT has_table_privilege('reader18', 'app.orders', 'SELECT')", 'shop18')).toBe(false);
    expect(await value(columns, 'shop18')).toBe(before);
  });

  it('DB-18: does not take the word REVOKE for a revoke', async () => {
    await server.sql('CREATE DATABASE shop18b');
    await server.sql(
      'CREATE ROLE owner18b; CREATE ROLE lead18b; CREATE ROLE reader18b; CREATE SCHEMA app AUTHORIZATION owner18b; GRANT USAGE ON SCHEMA app TO lead18b, reader18b',
      'shop18b',
    );
    await server.sql(
      'SET ROLE owner18b; CREATE TABLE app.orders (id int); CREATE TABLE app.stock (id int); GRANT SELECT ON app.stock TO reader18b; GRANT SELECT ON app.orders TO lead18b WITH GRANT OPTION',
      'shop18b',
    );
    loop.declare(role('reader18b', 'shop18b', '[stock]'));
    await loop.baseline();
    await server.sql('SET ROLE lead18b; GRANT SELECT ON app.orders TO reader18b', 'shop18b');
    const planned = await planOne('/extraGrants');
    const asOwner = rewrite(planned, (write) => (write.kind === 'revoke' ? { ...write, as: 'owner18b' } : write));

    const outcome = await loop.act(asOwner);

    expect(outcome).toMatchObject({ status: 'failed', code: 'NOT_CONVERGED' });
    expect(await value("SELECT has_table_privilege('reader18b', 'app.orders', 'SELECT')", 'shop18b')).toBe(true);
  });

  it('DB-20: takes a chain of grants back leaf first', async () => {
    await server.sql('CREATE DATABASE shop20');
    await server.sql(
      'CREATE ROLE owner20; CREATE ROLE first20; CREATE ROLE second20; CREATE ROLE third20; CREATE SCHEMA app AUTHORIZATION owner20; GRANT USAGE ON SCHEMA app TO first20, second20, third20',
      'shop20',
    );
    await server.sql(
      'SET ROLE owner20; CREATE TABLE app.orders (id int); CREATE TABLE app.stock (id int); GRANT SELECT ON app.stock TO first20, second20, third20; GRANT SELECT ON app.orders TO first20',
      'shop20',
    );
    loop.declare(
      role('first20', 'shop20', '[stock, orders]') +
        role('second20', 'shop20', '[stock]') +
        role('third20', 'shop20', '[stock]'),
    );
    await loop.baseline();
    expect(await differing()).toEqual([]);
    await server.sql(
      'SET ROLE owner20; GRANT SELECT ON app.orders TO first20 WITH GRANT OPTION; SET ROLE first20; GRANT SELECT ON app.orders TO second20 WITH GRANT OPTION; SET ROLE second20; GRANT SELECT ON app.orders TO third20',
      'shop20',
    );
    const planned = await planOne('/extraGrants', 'role/first20');
    expect(planned.status === 'planned' ? planned.plan.steps.map((step) => step.statement) : planned).toEqual([
      'SET LOCAL ROLE "second20"; REVOKE SELECT ON TABLE "app"."orders" FROM "third20"; SET LOCAL ROLE NONE;',
      'SET LOCAL ROLE "first20"; REVOKE SELECT ON TABLE "app"."orders" FROM "second20"; SET LOCAL ROLE NONE;',
      'SET LOCAL ROLE "owner20"; REVOKE GRANT OPTION FOR SELECT ON TABLE "app"."orders" FROM "first20"; SET LOCAL ROLE NONE;',
    ]);

    const outcome = await loop.act(planned);

    expect(outcome).toMatchObject({ status: 'done' });
    expect(
      await value(
        "SELECT string_agg(acl::text, ' ') FROM pg_class, unnest(relacl) AS acl WHERE pg_class.oid = 'app.orders'::regclass AND acl::text NOT LIKE 'owner20=%'",
        'shop20',
      ),
    ).toBe('first20=r/owner20');
    expect(await differing()).toEqual([]);
  });

  it('DB-20: waits for an approval that lists what others would lose', async () => {
    await server.sql('CREATE DATABASE shop20b');
    await server.sql(
      'CREATE ROLE owner20b; CREATE ROLE lead20b; CREATE ROLE bystander20b; CREATE SCHEMA app AUTHORIZATION owner20b; GRANT USAGE ON SCHEMA app TO lead20b, bystander20b',
      'shop20b',
    );
    await server.sql(
      'SET ROLE owner20b; CREATE TABLE app.orders (id int); CREATE TABLE app.stock (id int); GRANT SELECT ON app.stock TO lead20b',
      'shop20b',
    );
    loop.declare(role('lead20b', 'shop20b', '[stock]'));
    await loop.baseline();
    await server.sql(
      'SET ROLE owner20b; GRANT SELECT ON app.orders TO lead20b WITH GRANT OPTION; SET ROLE lead20b; GRANT SELECT ON app.orders TO bystander20b',
      'shop20b',
    );

    const alone = await planOne('/extraGrants', 'role/lead20b');
    const approved = await planOne('/extraGrants', 'role/lead20b', true);

    expect(alone).toMatchObject({ status: 'refused', gates: [{ code: 'APPROVAL' }] });
    expect(JSON.stringify(alone)).toContain('SELECT of bystander20b, given by lead20b');
    expect(approved.status === 'planned' ? approved.plan.steps.flatMap((step) => step.loses) : approved).toEqual([
      'SELECT of bystander20b on shop20b.app.table.orders, given by lead20b',
      'SELECT of lead20b on shop20b.app.table.orders, given by owner20b',
    ]);
    expect(await loop.act(approved)).toMatchObject({ status: 'done' });
    expect(await value("SELECT has_table_privilege('bystander20b', 'app.orders', 'SELECT')", 'shop20b')).toBe(false);
  });

  it.runIf(major >= 16)('DB-21: takes a membership back from the grantor that made it', async () => {
    await server.sql(
      'CREATE ROLE group21; CREATE ROLE lead21; CREATE ROLE user21 LOGIN; GRANT group21 TO lead21 WITH ADMIN OPTION',
    );
    loop.declare(
      `${GROUP}\nkind: DatabaseUser\nmetadata: {name: user21}\nspec: {username: user21, instanceRef: {name: pg}, roles: []}\n`,
    );
    await loop.baseline();
    await server.sql('SET ROLE lead21; GRANT group21 TO user21');
    const planned = await planOne('/extraMemberOf', 'user/user21');
    expect(planned.status === 'planned' ? planned.plan.steps[0]?.statement : planned).toBe(
      'REVOKE "group21" FROM "user21" GRANTED BY "lead21";',
    );
    const withoutGrantor = rewrite(planned, () => ({
      kind: 'membership-revoke',
      group: 'group21',
      member: 'user21',
      adminOnly: false,
    }));

    const warned = await loop.act(withoutGrantor);
    const still = await value("SELECT pg_has_role('user21', 'group21', 'MEMBER')");
    const outcome = await loop.act(planned);

    expect(warned).toMatchObject({ status: 'failed', code: 'NOT_CONVERGED' });
    expect(still).toBe(true);
    expect(outcome).toMatchObject({ status: 'done' });
    expect(await value("SELECT pg_has_role('user21', 'group21', 'MEMBER')")).toBe(false);
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
    const before = await value(acls, 'shop25');

    const failed = await loop.act(await planOne('/grants', 'role/app25'));

    expect(failed).toMatchObject({ status: 'failed', code: 'STATEMENT_FAILED' });
    expect(failed.status === 'failed' ? failed.message : '').toContain('not now');
    expect(failed.details['transactions']).toMatchObject([{ statements: { length: 3 } }]);
    expect(await value(acls, 'shop25')).toBe(before);
    await server.sql('DROP EVENT TRIGGER refuse', 'shop25');
    expect(await loop.healAll()).toMatchObject([{ status: 'done' }]);
    expect(await differing()).toEqual([]);
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
    const planned = await planOne('/extraGrants', 'role/app26');
    const other = await server.connect({ database: 'shop26' });
    await other.query('BEGIN');
    await other.query('GRANT INSERT ON app.a TO other26');

    const acting = loop.act(planned);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await other.query('COMMIT');
    await other.end();
    const outcome = await acting;

    expect(outcome).toMatchObject({ status: 'failed', code: 'RACED', retry: 'later' });
    expect(await value("SELECT has_table_privilege('app26', 'app.a', 'SELECT')", 'shop26')).toBe(true);
    expect(await loop.act(planned)).toMatchObject({ status: 'done' });
  });

  it('DB-26: refuses when the value moved between decision and act', async () => {
    await server.sql('CREATE ROLE moved26 LOGIN CONNECTION LIMIT 5');
    loop.declare(user('moved26', 'connectionLimit: 10'));
    await loop.baseline();
    const planned = await planOne('/connectionLimit', 'user/moved26');
    await server.sql('ALTER ROLE moved26 CONNECTION LIMIT 7');

    const outcome = await loop.act(planned);

    expect(outcome).toMatchObject({ status: 'failed', code: 'RACED', retry: 'later' });
    expect(await value("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'moved26'")).toBe(7);
  });

  it('EV-11: is in doubt when the connection goes at COMMIT, and settles by asking the server', async () => {
    await server.sql('CREATE ROLE doubt LOGIN CONNECTION LIMIT 5');
    loop.declare(user('doubt', 'connectionLimit: 10'));
    await loop.baseline();
    const proxy = await cuttingProxy(server);
    loop.reach(proxy);
    proxy.cutAt('COMMIT\0', 'swallowed');

    const lost = await loop.act(await planOne('/connectionLimit', 'user/doubt'));
    proxy.passEverything();
    const aborted = lost.status === 'in-doubt' ? await loop.actuator.settle(lost.settlement ?? '', NEVER) : lost;
    const untouched = await value("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'doubt'");
    proxy.cutAt('COMMIT\0', 'passed');
    const kept = await loop.act(await planOne('/connectionLimit', 'user/doubt'));
    proxy.passEverything();
    const committed = kept.status === 'in-doubt' ? await loop.actuator.settle(kept.settlement ?? '', NEVER) : kept;
    loop.reach(server);
    await proxy.close();

    expect(lost).toMatchObject({ status: 'in-doubt' });
    expect(aborted).toBe('aborted');
    expect(untouched).toBe(5);
    expect(kept).toMatchObject({ status: 'in-doubt' });
    expect(committed).toBe('committed');
    expect(await value("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'doubt'")).toBe(10);
  });

  it('DB-28: says LOCKED while a table is locked, a migration runs or another actor holds the unit', async () => {
    await server.sql('CREATE DATABASE shop28');
    await server.sql(
      'CREATE ROLE owner28; CREATE ROLE app28; CREATE SCHEMA app AUTHORIZATION owner28; SET ROLE owner28; CREATE TABLE app.a (id int); GRANT SELECT ON app.a TO app28; REVOKE SELECT ON app.a FROM app28',
      'shop28',
    );
    loop.declare(role('app28', 'shop28', '[a]'));
    const planned = await planOne('/grants', 'role/app28');
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
    expect(await loop.act(await planOne('/grants', 'role/app28'))).toMatchObject({ status: 'done' });
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
    const before = await value(others);

    const outcomes = await loop.healAll();

    expect(outcomes.map((outcome) => [outcome.status, outcome.status === 'failed' ? outcome.message : ''])).toEqual(
      outcomes.map(() => ['done', '']),
    );
    expect(outcomes.length).toBe(3);
    expect(await differing()).toEqual([]);
    expect(await value(others)).toBe(before);
    expect(
      await value(
        `SELECT attacl::text IS NOT NULL FROM pg_attribute WHERE attrelid = '${quoted.replaceAll("'", "''")}.${quoted.replaceAll("'", "''")}'::regclass AND attnum = 1`,
        name,
      ),
    ).toBe(true);
    await server.sql(`DROP DATABASE ${quoted}`);
  });

  it('DB-29: refuses a name of 64 bytes', async () => {
    const name = 'n'.repeat(64);
    loop.declare(user(name, 'connectionLimit: 9'));
    const look = await loop.look();
    const group = look.groups.find((each) => each.key.resource === `user/${name}`);

    const planned = group === undefined ? undefined : loop.plan(look, group);

    expect(planned).toMatchObject({ status: 'refused', gates: [{ code: 'INADMISSIBLE' }] });
    expect(JSON.stringify(planned)).toContain('64 bytes');
  });

  it('DB-09: keeps an extra grant until the document says "true", then takes it back', async () => {
    await server.sql('CREATE DATABASE shop09');
    await server.sql(
      'CREATE ROLE owner09; CREATE ROLE app09 LOGIN; CREATE SCHEMA app AUTHORIZATION owner09; SET ROLE owner09; CREATE TABLE app.a (id int); CREATE TABLE app.b (id int); GRANT SELECT ON app.a TO app09',
      'shop09',
    );
    const grant = (annotation: string): string => `${user('app09', 'connectionLimit: -1')}---
${GROUP}
kind: DatabaseGrant
metadata: {name: app09, annotations: {dbops.dbprovision.io/allow-destructive-drift: ${annotation}}}
spec: {userRef: {name: app09}, postgres: {grants: [{database: shop09, schema: app, tables: [a], privileges: [SELECT]}]}}
`;
    loop.declare(grant('"True"'));
    await loop.baseline();
    await server.sql('SET ROLE owner09; GRANT DELETE ON app.b TO app09', 'shop09');

    for (const word of ['"True"', '"1"', '"yes"']) {
      loop.declare(grant(word));
      expect(await planOne('/extraGrants', 'grant/app09')).toMatchObject({
        status: 'refused',
        gates: [{ code: 'DESTRUCTIVE' }],
      });
    }
    loop.declare(grant('"true"'));
    const outcome = await loop.act(await planOne('/extraGrants', 'grant/app09'));

    expect(outcome).toMatchObject({ status: 'done' });
    expect(await value("SELECT has_table_privilege('app09', 'app.b', 'DELETE')", 'shop09')).toBe(false);
    expect(await value("SELECT has_table_privilege('app09', 'app.a', 'SELECT')", 'shop09')).toBe(true);
  });

  it('DB-12, DB-13: creates a declared role that is not there, and never a database', async () => {
    loop.declare(`${user('new12', 'connectionLimit: 4, createDB: true')}---
${GROUP}
kind: Database
metadata: {name: gone12}
spec: {instanceRef: {name: pg}, postgres: {connectionLimit: 3}}
`);

    const created = await loop.act(await planOne('/', 'user/new12'));
    const database = await planOne('/', 'database/gone12');

    expect(created).toMatchObject({ status: 'done' });
    expect(
      (
        await server.sql(
          "SELECT rolcanlogin, rolcreatedb, rolsuper, rolconnlimit FROM pg_roles WHERE rolname = 'new12'",
        )
      ).rows,
    ).toEqual([{ rolcanlogin: true, rolcreatedb: true, rolsuper: false, rolconnlimit: 4 }]);
    expect(database).toMatchObject({ status: 'refused', gates: [{ code: 'INADMISSIBLE' }] });
    expect(await value("SELECT count(*)::int FROM pg_database WHERE datname = 'gone12'")).toBe(0);
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

    const outcome = await loop.act(await planOne('/extraGrants', 'role/app28b'));

    expect(outcome).toMatchObject({ status: 'failed', code: 'STATEMENT_FAILED', retry: 'no' });
    expect(outcome.status === 'failed' ? outcome.message : '').toContain('revokes need a ticket');
    expect(outcome.status === 'failed' ? outcome.message : '').toContain('nothing changed');
    expect(await value("SELECT has_table_privilege('app28b', 'app.a', 'SELECT')", 'shop28b')).toBe(true);
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
    const planned = await planOne('/grants', 'role/many');

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
    expect(await value("SELECT has_table_privilege('many', 'app.t', 'SELECT')", 'multi_a')).toBe(true);
    expect(await value("SELECT has_table_privilege('many', 'app.t', 'SELECT')", 'multi_b')).toBe(false);
  });

  it('heals as the printed actuator role, without superuser', async () => {
    await server.sql('CREATE DATABASE modest');
    await server.sql(
      'CREATE ROLE keeper9; CREATE ROLE group9; CREATE ROLE worker9 LOGIN CONNECTION LIMIT 5; ALTER DATABASE modest OWNER TO keeper9; CREATE SCHEMA app AUTHORIZATION keeper9; GRANT USAGE ON SCHEMA app TO worker9; SET ROLE keeper9; CREATE TABLE app.a (id int); CREATE TABLE app.b (id int); GRANT SELECT ON app.a TO worker9',
      'modest',
    );
    const documents = `${GROUP}
kind: Database
metadata: {name: modest}
spec: {instanceRef: {name: pg}, owner: keeper9, postgres: {connectionLimit: 30}}
---
${GROUP}
kind: DatabaseUser
metadata: {name: worker9}
spec: {instanceRef: {name: pg}, username: worker9, roles: [group9], postgres: {connectionLimit: 5}}
---
${GROUP}
kind: DatabaseGrant
metadata: {name: worker9, annotations: {dbops.dbprovision.io/allow-destructive-drift: "true"}}
spec: {userRef: {name: worker9}, postgres: {grants: [{database: modest, schema: app, tables: [a], privileges: [SELECT]}]}}
`;
    const modest = databaseLoop(server, { writeCredentials: { username: 'modest_actuator' } });
    modest.declare(documents);
    const printed = printGrants('actuator', modest.unit, parseYamlDocuments('databases.yaml', documents).documents);
    await server.sql(printed.status === 'printed' ? printed.sql : '');
    await server.sql('GRANT CONNECT ON DATABASE modest TO modest_actuator; GRANT keeper9 TO modest_actuator');
    await server.sql(
      major >= 16
        ? 'GRANT group9, worker9 TO modest_actuator WITH ADMIN TRUE, INHERIT FALSE, SET FALSE'
        : 'GRANT group9, worker9 TO modest_actuator WITH ADMIN OPTION',
    );
    await modest.baseline();
    await server.sql(
      'ALTER ROLE worker9 CONNECTION LIMIT 50; SET ROLE keeper9; REVOKE SELECT ON app.a FROM worker9; GRANT SELECT ON app.b TO worker9',
      'modest',
    );

    const outcomes = await modest.healAll();

    expect(outcomes.map((outcome) => (outcome.status === 'failed' ? outcome.message : outcome.status))).toEqual(
      outcomes.map(() => 'done'),
    );
    expect(outcomes).toHaveLength(5);
    expect((await modest.look()).comparison.differences).toEqual([]);
  });

  it('says PERMISSION, and changes nothing, when the actuator may not', async () => {
    await server.sql('CREATE ROLE powerless LOGIN; CREATE ROLE strong LOGIN SUPERUSER');
    const modest = databaseLoop(server, { writeCredentials: { username: 'powerless' } });
    modest.declare(user('strong', 'superuser: false'));
    const look = await modest.look();
    const group = look.groups.find((each) => each.key.resource === 'user/strong');

    const outcome = group === undefined ? undefined : await modest.act(modest.plan(look, group));

    expect(outcome).toMatchObject({ status: 'failed', code: 'PERMISSION', retry: 'no' });
    expect(await value("SELECT rolsuper FROM pg_roles WHERE rolname = 'strong'")).toBe(true);
  });

  it('EV-10: sends nothing but the opening look before the receipt is asked for', async () => {
    // @ts-expect-error a plan alone is not enough: no write compiles without the receipt of its published intent
    const withoutReceipt: Parameters<typeof loop.actuator.act> = [undefined, NEVER];
    // @ts-expect-error a receipt cannot be written down; only a publisher makes one
    const forged: EvidenceReceipt = { log: 'forged', index: 0, size: 1, root: '', entryId: '' };
    const before = (await server.readLog()).length;
    loop.declare(user('ev10', 'connectionLimit: 1'));
    await server.sql('CREATE ROLE ev10 LOGIN');

    const planned = await planOne('/connectionLimit', 'user/ev10');
    const log = (await server.readLog()).slice(before);

    expect(withoutReceipt).toHaveLength(2);
    expect(forged.log).toBe('forged');
    expect(planned.status).toBe('planned');
    expect(log).not.toContain('ALTER ROLE');
    expect(log).not.toContain('kedge-actuator');
  });
});
