import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aUnit } from '../../../../test/support/builders.ts';
import { databaseUnit, writerContext } from '../../../../test/support/plan-request.ts';
import { MAJORS, startServer, type TestServer } from '../../../../test/support/postgres.ts';
import { parseYamlDocuments } from '../../files/yaml-document.ts';
import type { Observation } from '../../../core/model/observation.ts';
import type { Unit } from '../../../core/model/unit.ts';
import type { UnitInspection } from '../../../ports/adapter.ts';
import type { SourceDocument } from '../../../ports/document-source.ts';
import { printGrants } from '../grants/print-grants.ts';
import { createPostgresObserver } from '../postgres/observer.ts';
import { inspectServer } from './inspect-server.ts';

const NEVER = new AbortController().signal;
const GROUP = 'apiVersion: dbops.dbprovision.io/v1alpha1';

/** One text for facts whose lists are keyed: their order has no meaning. */
function inOrder(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inOrder).sort().join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, each]) => `${name}:${inOrder(each)}`)
    .sort()
    .join(',')}}`;
}

describe.each(MAJORS)('rights on PostgreSQL %i', (major) => {
  let server: TestServer;
  let documents: readonly SourceDocument[];

  beforeAll(async () => {
    server = await startServer({ major });
    await server.sql('CREATE DATABASE shop');
    await server.sql('CREATE DATABASE closed');
    await server.sql(
      'CREATE ROLE keeper; CREATE ROLE app LOGIN; CREATE ROLE team; GRANT team TO app; REVOKE CONNECT ON DATABASE closed FROM PUBLIC',
    );
    await server.sql(
      'CREATE SCHEMA app AUTHORIZATION keeper; SET ROLE keeper; CREATE TABLE app.orders (id int); CREATE FUNCTION app.f(int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$; GRANT SELECT, INSERT (id) ON app.orders TO app',
      'shop',
    );
    await server.sql(
      'ALTER ROLE app SET work_mem TO 999; ALTER DEFAULT PRIVILEGES FOR ROLE keeper GRANT SELECT ON TABLES TO app',
      'shop',
    );
    if (major === 14)
      for (const database of ['postgres', 'shop', 'closed', 'template1'])
        await server.sql('REVOKE CREATE ON SCHEMA public FROM PUBLIC', database);
    documents = parseYamlDocuments(
      'databases.yaml',
      `${GROUP}
kind: DatabaseInstance
metadata: {name: pg}
spec: {engine: postgres, connection: {host: ${server.host}, port: ${server.port}}}
---
${GROUP}
kind: Database
metadata: {name: shop}
spec: {instanceRef: {name: pg}, owner: keeper, driftPolicy: {mode: correct, interval: 1m}}
---
${GROUP}
kind: DatabaseUser
metadata: {name: app}
spec: {instanceRef: {name: pg}, username: app, roles: [team, not_there_yet]}
`,
    ).documents;
    for (const role of ['observer', 'actuator'] as const) {
      const printed = printGrants(role, unitAs('watcher', 'writer'), documents);
      if (printed.status !== 'printed') throw new Error(printed.because);
      await server.sql(printed.sql);
      await server.sql(printed.sql);
    }
    await server.sql('GRANT CONNECT ON DATABASE closed TO watcher');
  });
  afterAll(async () => {
    await server.stop();
  });

  function unitAs(observer: string, actuator?: string): Unit {
    return databaseUnit(server, {
      name: 'payments-db',
      credentials: { username: observer },
      writeCredentials: actuator === undefined ? undefined : { username: actuator },
    });
  }

  async function observe(username: string): Promise<Extract<Observation, { status: 'observed' }>> {
    const unit = unitAs(username);
    const context = writerContext(unit);
    const observation = await createPostgresObserver(context).observe(
      {
        unit,
        documents,
        documentsAt: context.clock.now(),
        snapshots: { status: 'read', byResource: new Map() },
        redactor: { digest: () => '' },
      },
      NEVER,
    );
    if (observation.status !== 'observed') throw new Error(JSON.stringify(observation.reasons));
    return observation;
  }

  async function inspect(observer: string, actuator?: string): Promise<UnitInspection> {
    return await inspectServer(writerContext(unitAs(observer, actuator)), documents, NEVER);
  }

  const failing = ({ findings }: UnitInspection): readonly string[] =>
    findings.filter((each) => each.status === 'fail').map((each) => `${each.check}: ${each.next ?? ''}`);

  it('DB-35: gives the printed observer role the same facts as a superuser, and no hash', async () => {
    await server.sql("ALTER ROLE app PASSWORD 'canary-of-the-hash'");
    const watcher = await server.connect({ user: 'watcher' });
    const refused = await watcher.query('SELECT rolpassword FROM pg_authid').catch((error: unknown) => error);
    const markers = await watcher.query('SELECT oid, rolname, xmin FROM pg_authid').then(
      () => 'read',
      () => 'refused',
    );
    const written = await watcher.query('CREATE TABLE t (id int)').catch((error: unknown) => error);
    await watcher.end();

    const asWatcher = await observe('watcher');
    const asSuperuser = await observe('postgres');

    expect(inOrder(asWatcher.resources)).toBe(inOrder(asSuperuser.resources));
    expect(asWatcher.coverage).toEqual({ complete: true, unchecked: [] });
    expect(refused).toMatchObject({ code: '42501' });
    expect(markers).toBe('read');
    expect(written).toMatchObject({ code: '25006' });
    expect(JSON.stringify(asWatcher)).not.toContain('SCRAM');
  });

  it('DB-36: passes the printed roles, and names each grant that was taken away with the statement that repairs it', async () => {
    const whole = await inspect('watcher', 'writer');
    await server.sql(
      'REVOKE CONNECT ON DATABASE closed FROM watcher; REVOKE pg_read_all_settings FROM watcher; ALTER ROLE watcher RESET default_transaction_read_only; REVOKE team FROM writer; GRANT pg_write_all_data TO watcher',
    );

    const broken = await inspect('watcher', 'writer');
    const partial = await observe('watcher');
    const repairs = broken.findings
      .filter((each) => each.status === 'fail' && each.next?.endsWith(';') === true)
      .map((each) => each.next ?? '');
    for (const repair of repairs) await server.sql(repair);
    const repaired = await inspect('watcher', 'writer');

    expect(failing(whole)).toEqual([]);
    expect(partial.coverage.unchecked).toMatchObject([{ what: 'database closed', reason: 'PERMISSION' }]);
    expect(repairs).toEqual([
      'GRANT CONNECT ON DATABASE "closed" TO "watcher";',
      'GRANT pg_read_all_settings TO "watcher";',
      `ALTER ROLE "watcher" SET default_transaction_read_only TO 'on';`,
      'REVOKE "pg_write_all_data" FROM "watcher";',
      major >= 16
        ? 'GRANT "team" TO "writer" WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;'
        : 'GRANT "team" TO "writer" WITH ADMIN OPTION;',
    ]);
    expect(failing(broken)[0]).toContain('OVERPRIVILEGED');
    expect(failing(repaired)).toEqual([]);
    expect((await observe('watcher')).coverage.complete).toBe(true);
  });

  it('DB-36: calls a superuser, an owner and a writer OVERPRIVILEGED', async () => {
    await server.sql(
      'CREATE ROLE nosy LOGIN; ALTER ROLE nosy SET default_transaction_read_only TO on; GRANT pg_read_all_settings TO nosy; GRANT CONNECT ON DATABASE closed TO nosy',
    );
    await server.sql('GRANT DELETE ON app.orders TO nosy; CREATE SCHEMA nosy AUTHORIZATION nosy', 'shop');

    const superuser = await inspect('postgres');
    const nosy = await inspect('nosy');

    expect(superuser.findings.find((each) => each.check === 'OVERPRIVILEGED')).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('SUPERUSER') as string,
    });
    const { detail = '' } = nosy.findings.find((each) => each.check === 'OVERPRIVILEGED') ?? {};
    expect(detail).toContain('owns 1 things in shop');
    expect(detail).toContain('may create in shop.nosy');
    expect(detail).toContain('may write 1 tables of shop');
  });

  it('DB-37: sends reads only', async () => {
    const before = (await server.readLog()).length;

    await inspect('watcher', 'writer');

    const log = (await server.readLog()).slice(before);
    expect(log).toContain('has_database_privilege');
    expect(log).not.toMatch(
      /statement: [^\n]*\b(INSERT|UPDATE|DELETE FROM|CREATE|ALTER|GRANT|REVOKE|DROP)\b(?![^\n]*has_)/,
    );
  });

  it('says where mode and interval come from, and what is not compared', async () => {
    const inspection = await inspect('watcher');

    expect(inspection.resources).toContainEqual({
      resource: 'database/shop',
      setting: 'driftPolicy.mode',
      value: 'correct',
      origin: 'database/shop',
    });
    expect(inspection.notCompared.map((each) => each.why)).toContain('password: not compared');
    expect(inspection.findings.map((each) => each.check)).toContain('identity');
  });

  it('says what failed when the server does not answer', async () => {
    const unit = aUnit({ ...unitAs('watcher'), block: { connection: { host: '127.0.0.1', port: 1 } } });

    const inspection = await inspectServer(writerContext(unit), [], NEVER);

    expect(inspection.findings).toMatchObject([
      { check: 'connection', status: 'fail', detail: expect.stringContaining('UNREACHABLE') as string },
    ]);
  });
});
