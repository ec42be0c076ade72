import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { databaseLoop, type DatabaseLoop } from '../../../../test/support/database-loop.ts';
import { GROUP, differing, planOne, rewrite, role, user, valueOf } from '../../../../test/support/healing.ts';
import { MAJORS, startServer, type TestServer } from '../../../../test/support/postgres.ts';
import { parseYamlDocuments } from '../../files/yaml-document.ts';
import { printGrants } from '../grants/print-grants.ts';

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
    expect(await differing(loop)).toEqual([]);
    await server.sql('SET ROLE owner19; GRANT SELECT ON app.orders TO reader19', 'shop19');
    expect(await differing(loop)).toEqual(['role/reader19 /extraGrants/[on=shop19.app.table.orders]']);

    const outcomes = await loop.healAll();

    expect(outcomes).toMatchObject([{ status: 'done' }]);
    expect(await valueOf(server, "SELECT has_table_privilege('reader19', 'app.orders', 'SELECT')", 'shop19')).toBe(
      false,
    );
    expect(
      await valueOf(
        server,
        "SELECT attacl::text FROM pg_attribute WHERE attrelid = 'app.orders'::regclass AND attname = 'id'",
        'shop19',
      ),
    ).toBe('{reader19=r/owner19}');
    expect(await differing(loop)).toEqual([]);
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
    const before = await valueOf(server, columns, 'shop18');
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
    expect(await valueOf(server, "SELECT has_table_privilege('reader18', 'app.orders', 'SELECT')", 'shop18')).toBe(
      false,
    );
    expect(await valueOf(server, columns, 'shop18')).toBe(before);
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
    const planned = await planOne(loop, '/extraGrants');
    const asOwner = rewrite(planned, (write) => (write.kind === 'revoke' ? { ...write, as: 'owner18b' } : write));

    const outcome = await loop.act(asOwner);

    expect(outcome).toMatchObject({ status: 'failed', code: 'NOT_CONVERGED' });
    expect(await valueOf(server, "SELECT has_table_privilege('reader18b', 'app.orders', 'SELECT')", 'shop18b')).toBe(
      true,
    );
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
    expect(await differing(loop)).toEqual([]);
    await server.sql(
      'SET ROLE owner20; GRANT SELECT ON app.orders TO first20 WITH GRANT OPTION; SET ROLE first20; GRANT SELECT ON app.orders TO second20 WITH GRANT OPTION; SET ROLE second20; GRANT SELECT ON app.orders TO third20',
      'shop20',
    );
    const planned = await planOne(loop, '/extraGrants', 'role/first20');
    expect(planned.status === 'planned' ? planned.plan.steps.map((step) => step.statement) : planned).toEqual([
      'SET LOCAL ROLE "second20"; REVOKE SELECT ON TABLE "app"."orders" FROM "third20"; SET LOCAL ROLE NONE;',
      'SET LOCAL ROLE "first20"; REVOKE SELECT ON TABLE "app"."orders" FROM "second20"; SET LOCAL ROLE NONE;',
      'SET LOCAL ROLE "owner20"; REVOKE GRANT OPTION FOR SELECT ON TABLE "app"."orders" FROM "first20"; SET LOCAL ROLE NONE;',
    ]);

    const outcome = await loop.act(planned);

    expect(outcome).toMatchObject({ status: 'done' });
    expect(
      await valueOf(
        server,
        "SELECT string_agg(acl::text, ' ') FROM pg_class, unnest(relacl) AS acl WHERE pg_class.oid = 'app.orders'::regclass AND acl::text NOT LIKE 'owner20=%'",
        'shop20',
      ),
    ).toBe('first20=r/owner20');
    expect(await differing(loop)).toEqual([]);
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

    const alone = await planOne(loop, '/extraGrants', 'role/lead20b');
    const approved = await planOne(loop, '/extraGrants', 'role/lead20b', true);

    expect(alone).toMatchObject({ status: 'refused', gates: [{ code: 'APPROVAL' }] });
    expect(JSON.stringify(alone)).toContain('SELECT of bystander20b, given by lead20b');
    expect(approved.status === 'planned' ? approved.plan.steps.flatMap((step) => step.loses) : approved).toEqual([
      'SELECT of bystander20b on shop20b.app.table.orders, given by lead20b',
      'SELECT of lead20b on shop20b.app.table.orders, given by owner20b',
    ]);
    expect(await loop.act(approved)).toMatchObject({ status: 'done' });
    expect(await valueOf(server, "SELECT has_table_privilege('bystander20b', 'app.orders', 'SELECT')", 'shop20b')).toBe(
      false,
    );
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
    const planned = await planOne(loop, '/extraMemberOf', 'user/user21');
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
    const still = await valueOf(server, "SELECT pg_has_role('user21', 'group21', 'MEMBER')");
    const outcome = await loop.act(planned);

    expect(warned).toMatchObject({ status: 'failed', code: 'NOT_CONVERGED' });
    expect(still).toBe(true);
    expect(outcome).toMatchObject({ status: 'done' });
    expect(await valueOf(server, "SELECT pg_has_role('user21', 'group21', 'MEMBER')")).toBe(false);
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
      expect(await planOne(loop, '/extraGrants', 'grant/app09')).toMatchObject({
        status: 'refused',
        gates: [{ code: 'DESTRUCTIVE' }],
      });
    }
    loop.declare(grant('"true"'));
    const outcome = await loop.act(await planOne(loop, '/extraGrants', 'grant/app09'));

    expect(outcome).toMatchObject({ status: 'done' });
    expect(await valueOf(server, "SELECT has_table_privilege('app09', 'app.b', 'DELETE')", 'shop09')).toBe(false);
    expect(await valueOf(server, "SELECT has_table_privilege('app09', 'app.a', 'SELECT')", 'shop09')).toBe(true);
  });

  it('DB-12, DB-13: creates a declared role that is not there, and never a database', async () => {
    loop.declare(`${user('new12', 'connectionLimit: 4, createDB: true')}---
${GROUP}
kind: Database
metadata: {name: gone12}
spec: {instanceRef: {name: pg}, postgres: {connectionLimit: 3}}
`);

    const created = await loop.act(await planOne(loop, '/', 'user/new12'));
    const database = await planOne(loop, '/', 'database/gone12');

    expect(created).toMatchObject({ status: 'done' });
    expect(
      (
        await server.sql(
          "SELECT rolcanlogin, rolcreatedb, rolsuper, rolconnlimit FROM pg_roles WHERE rolname = 'new12'",
        )
      ).rows,
    ).toEqual([{ rolcanlogin: true, rolcreatedb: true, rolsuper: false, rolconnlimit: 4 }]);
    expect(database).toMatchObject({ status: 'refused', gates: [{ code: 'INADMISSIBLE' }] });
    expect(await valueOf(server, "SELECT count(*)::int FROM pg_database WHERE datname = 'gone12'")).toBe(0);
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
});
