import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { prepareServer, scene, type Scene } from '../support/database-scene.ts';
import { CHANGES, DECLARED, SETUP, SETUP_IN_SHOP } from '../support/every-field.ts';
import { check, dbops, open, places } from '../support/installation.ts';
import { MAJORS, startServer, type TestServer } from '../support/postgres.ts';

describe.each(MAJORS)('the fields of documents on PostgreSQL %i', (major) => {
  let server: TestServer;
  const scenes: Scene[] = [];

  beforeAll(async () => {
    server = await startServer({ major });
    await prepareServer(server);
    for (const statement of SETUP.trim().split(';\n')) await server.sql(statement);
    await server.sql(SETUP_IN_SHOP, 'shop');
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

  it('DB-02: finds nothing on a server built by plain SQL from documents with every field, twice, and writes nothing', async () => {
    const { kedge } = await begin({ server, declared: DECLARED }, { baseline: false });
    const wal = async (): Promise<unknown> =>
      (
        await server.sql(
          'SELECT pg_current_wal_insert_lsn()::text AS at, (SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_sys_tables) AS writes',
        )
      ).rows[0];
    await server.sql('CHECKPOINT');
    await check(kedge);
    const before = await wal();

    const first = await check(kedge);
    const second = await check(kedge);

    expect(places(first)).toEqual([]);
    expect([first.check.result, second.check.result]).toEqual(['IN_SYNC', 'IN_SYNC']);
    expect(first.check.partial).toBe(false);
    expect(await wal()).toEqual(before);
  });

  it('DB-03: makes one finding with the field of the document for each thing changed by hand, and resolves it when it is put back', async () => {
    const { kedge } = await begin({ server, declared: DECLARED });

    for (const row of CHANGES) {
      await server.sql(row.change, row.database);
      const found = await check(kedge);
      const shown = open(found);
      const told = shown.map(({ finding }) => ({
        resource: finding.resourceRef,
        category: finding.category,
        fields: finding.differences.map((each) => each.field),
        destructive: finding.differences.some((each) => each.destructive),
        immutable: finding.differences.some((each) => each.immutable),
      }));

      expect(told, `${row.change}: ${JSON.stringify(told)}`).toEqual([
        {
          resource: row.resource,
          category: row.category,
          fields: [row.field],
          destructive: row.destructive ?? false,
          immutable: row.immutable ?? false,
        },
      ]);
      expect(shown[0]?.finding.changedFields[0], row.change).toContain(row.path);
      const [difference] = shown[0]?.finding.differences ?? [];
      expect(difference?.relation, row.change).toBe('ACTUAL_DIVERGED');
      expect(Object.keys(difference?.planes ?? {}).sort()).toEqual(['actual', 'desired', 'recorded']);

      await server.sql(row.back, row.database);
      const back = await check(kedge);
      expect(
        back.findings.map(({ finding }) => finding.state),
        row.back,
      ).toEqual(['RESOLVED']);
      expect(back.check.result).toBe('IN_SYNC');
    }
  }, 240_000);

  it('DB-03: two attributes are one finding; a privilege missing and one extra are two', async () => {
    const { kedge } = await begin({ server, declared: DECLARED });

    await server.sql('ALTER ROLE svc CREATEROLE; ALTER ROLE svc BYPASSRLS');
    const attributes = open(await check(kedge));
    await server.sql('ALTER ROLE svc NOCREATEROLE; ALTER ROLE svc NOBYPASSRLS');
    await server.sql('REVOKE INSERT ON sales.orders FROM reporting; GRANT DELETE ON sales.orders TO reporting', 'shop');
    const grants = open(await check(kedge));
    await server.sql('GRANT INSERT ON sales.orders TO reporting; REVOKE DELETE ON sales.orders FROM reporting', 'shop');

    expect(attributes.map(({ finding }) => [...finding.changedFields].sort())).toEqual([
      ['/attributes/bypassrls', '/attributes/createrole'],
    ]);
    expect(grants.map(({ finding }) => finding.pathRoot).sort()).toEqual(['/extraGrants', '/grants']);
  });

  it('DB-24: a membership that a Grant declares is no extra one; what no document covers is not taken back', async () => {
    const { kedge } = await begin({ server, declared: DECLARED, mode: 'correct' });
    await server.sql('CREATE TABLE IF NOT EXISTS elsewhere (id int); GRANT SELECT ON elsewhere TO auditors');

    const found = await check(kedge);

    const auditors = open(found).filter(({ finding }) => finding.resourceRef.includes('auditors'));
    expect(
      auditors.flatMap(({ finding }) => finding.changedFields).filter((field) => field.startsWith('/extra')),
    ).toEqual([]);
    expect(auditors.every(({ finding }) => !finding.autoHealAllowed)).toBe(true);
    await server.sql('DROP TABLE elsewhere');
  });

  it('DB-22: takes different texts of one meaning for the same', async () => {
    const { kedge } = await begin({ server, declared: DECLARED });
    await server.sql('REVOKE SELECT ON sales.orders FROM postgres; GRANT SELECT ON sales.orders TO postgres', 'shop');
    await server.sql("CREATE ROLE timeless LOGIN VALID UNTIL 'infinity'; CREATE ROLE untimed LOGIN");
    await server.sql('CREATE TABLE sales.aliases (id int); GRANT ALL ON sales.aliases TO reporting', 'shop');
    await server.sql('GRANT TEMP ON DATABASE shop TO reporting');
    const everything =
      major >= 17
        ? 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER, MAINTAIN'
        : 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER';
    const both = await begin(
      {
        server,
        declared:
          dbops('DatabaseUser', 'timeless', 'username: timeless\npostgres: {}') +
          dbops('DatabaseUser', 'untimed', 'username: untimed\npostgres: {validUntil: infinity}') +
          dbops(
            'DatabaseRole',
            'reporting',
            `roleName: reporting\npostgres:\n  inherit: false\n  createDB: true\n  inRoles: [readers]\n  grants:\n    - {database: shop, privileges: [TEMPORARY]}\n    - {database: shop, schema: sales, privileges: [USAGE]}\n    - {database: shop, schema: sales, tables: [orders], privileges: [SELECT, INSERT]}\n    - {database: shop, schema: sales, tables: [aliases], privileges: [${everything}]}`,
          ),
      },
      { baseline: false },
    );

    expect(places(await check(both.kedge))).toEqual([]);
    await server.sql('DROP TABLE sales.aliases', 'shop');
    await server.sql('REVOKE TEMP ON DATABASE shop FROM reporting; DROP ROLE timeless; DROP ROLE untimed');
    const undeclared = open(await check(kedge)).filter(({ finding }) => finding.resourceRef === 'database/shop');
    expect(undeclared).toEqual([]);
  });
});
