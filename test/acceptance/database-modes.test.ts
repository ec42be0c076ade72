import { stringify } from 'yaml';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { inspectUnit } from '../../src/app/contract.ts';
import { ADAPTERS } from '../../src/app/adapters.ts';
import { createProcessMetrics } from '../../src/app/metrics/process-metrics.ts';
import { renderMetrics } from '../../src/app/metrics/store-metrics.ts';
import type { Kedge } from '../../src/app/kedge.ts';
import { databaseAdapter } from '../../src/adapters/database/adapter.ts';
import { unitOf } from '../../src/engine/in-force.ts';
import { prepareServer, scene, type Scene } from '../support/database-scene.ts';
import { check, dbops, open, pass, places, UNIT, writeDatabaseUnit } from '../support/installation.ts';
import { startServer, type TestServer } from '../support/postgres.ts';

const SHOP = dbops(
  'Database',
  'shop',
  'name: shop\npostgres: {connectionLimit: 100, extensions: [{name: pgcrypto}], schemas: [{name: sales}]}',
);
const APP = dbops('DatabaseUser', 'app', 'username: app\npostgres: {connectionLimit: 20}');

function withPolicy(document: string, policy: string, annotations = ''): string {
  const marked =
    annotations === ''
      ? document
      : document.replace(/metadata: \{name: ([^}]*)\}/, `metadata: {name: $1, annotations: {${annotations}}}`);
  return marked.replace('  instanceRef:', `  driftPolicy: ${policy}\n  instanceRef:`);
}

async function status(kedge: Kedge): Promise<readonly { resource?: string; detected?: boolean }[]> {
  const { statuses } = await inspectUnit(kedge.context, unitOf(kedge.context, UNIT));
  return statuses as never;
}

async function series(kedge: Kedge, name: string): Promise<readonly string[]> {
  const { body } = await renderMetrics(kedge.context, ADAPTERS, createProcessMetrics('0', kedge.guard));
  return body.split('\n').filter((line) => line.startsWith(`${name}{`));
}

describe('modes, intervals and annotations of documents', () => {
  let server: TestServer;
  const scenes: Scene[] = [];

  beforeAll(async () => {
    server = await startServer();
    await prepareServer(server);
    await server.sql('CREATE ROLE app LOGIN CONNECTION LIMIT 20; CREATE ROLE readers');
    await server.sql('CREATE DATABASE shop CONNECTION LIMIT 100');
    await server.sql('CREATE EXTENSION pgcrypto; CREATE SCHEMA sales', 'shop');
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

  async function writesOf(work: () => Promise<unknown>): Promise<readonly string[]> {
    const before = (await server.readLog()).length;
    await work();
    const log = (await server.readLog()).slice(before);
    return log
      .split('\n')
      .filter(
        (line) =>
          /statement: .*\b(?:CREATE|ALTER|GRANT|REVOKE|INSERT|UPDATE|DELETE|DROP|COMMENT)\b/i.test(line) &&
          !/statement: (?:BEGIN|COMMIT)/.test(line),
      );
  }

  it('DB-04: writes nothing in detect and ignore, whatever is missing, for twenty intervals', async () => {
    const declared = SHOP + dbops('DatabaseRole', 'readers', 'roleName: readers\npostgres: {inRoles: [app]}');
    for (const mode of ['detect', 'ignore'] as const) {
      const { kedge } = await begin({ server, declared, mode });
      await server.sql('ALTER DATABASE shop CONNECTION LIMIT 7');
      await server.sql('DROP EXTENSION pgcrypto; DROP SCHEMA sales', 'shop');

      const writes = await writesOf(async () => {
        for (let interval = 0; interval < 20; interval += 1) await pass(kedge);
      });

      expect(
        writes.filter((line) => !line.includes('pg_catalog')),
        mode,
      ).toEqual([]);
      expect(open(await check(kedge)).length > 0, mode).toBe(mode === 'detect');
      await server.sql('CREATE EXTENSION pgcrypto; CREATE SCHEMA sales', 'shop');
      await server.sql('ALTER DATABASE shop CONNECTION LIMIT 100');
    }
  });

  it('DB-05: prints the status of a resource in the words of its operator, and keeps it while one difference remains', async () => {
    await server.sql(
      "CREATE DATABASE production TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' CONNECTION LIMIT 50",
    );
    const declared = dbops(
      'Database',
      'production-db',
      'name: production\npostgres: {encoding: UTF8, connectionLimit: 100}',
    );
    const { kedge, place } = await begin({ server, declared }, { baseline: false });
    await check(kedge);
    const shown = await place.kedge(['units', 'show', UNIT, '-o', 'yaml']);
    await server.sql('ALTER DATABASE production CONNECTION LIMIT 100');
    await check(kedge);
    const later = stringify(await status(kedge));
    await server.sql('DROP DATABASE production');

    expect(shown.code, shown.stderr).toBe(0);
    const lines = shown.stdout.split('\n').map((line) => line.trim());
    const at = lines.indexOf('phase: Ready', lines.indexOf('name: production-db'));
    expect(at).toBeGreaterThan(0);
    expect(
      lines
        .slice(at, at + 15)
        .join('\n')
        .replace(/"?\d{4}-[^"\n]*"?/, 'TIME'),
    ).toBe(
      `phase: Ready
drift:
detected: true
lastChecked: TIME
diffs:
- field: encoding
expected: UTF8
actual: LATIN1
destructive: true
immutable: false
- field: connectionLimit
expected: "100"
actual: "50"
destructive: false
immutable: false`,
    );
    expect(later).toContain('detected: true');
    expect(later).toContain('field: encoding');
    expect(later).not.toContain('field: connectionLimit');
  });

  it('DB-06: ignore hides what stands, detect finds it, correct heals it, and skip-reconcile sets it aside', async () => {
    const gauge = 'dbprovision_drift_detected';
    const { kedge, declare } = await begin({ server, declared: withPolicy(APP, '{mode: ignore}') });
    await server.sql('ALTER ROLE app CONNECTION LIMIT 5');
    expect(open(await check(kedge)).filter(({ finding }) => finding.state !== 'SUPPRESSED')).toEqual([]);
    expect((await series(kedge, gauge)).filter((line) => line.includes('name="app"'))).toEqual([]);

    await declare({ declared: withPolicy(APP, '{mode: detect}') });
    expect(places(await check(kedge))).toEqual(['user/app /connectionLimit']);
    expect((await series(kedge, gauge)).filter((line) => line.includes('name="app"'))[0]).toMatch(/ 1$/);

    await declare({ declared: withPolicy(APP, '{mode: correct}', 'dbops.dbprovision.io/skip-reconcile: "true"') });
    expect((await pass(kedge)).healed).toEqual([]);
    expect(open(await check(kedge)).map(({ finding }) => finding.state)).toEqual(['CLASSIFIED']);

    await declare({ declared: withPolicy(APP, '{mode: correct}') });
    const healed = await pass(kedge);
    expect(healed.healed.map(({ action }) => action.status)).toEqual(['CONVERGED']);
    expect((await series(kedge, gauge)).filter((line) => line.includes('name="app"'))[0]).toMatch(/ 0$/);

    await declare({ declared: withPolicy(APP, '{mode: ignore}') });
    await check(kedge);
    expect((await series(kedge, gauge)).filter((line) => line.includes('name="app"'))).toEqual([]);
    expect(
      JSON.stringify((await status(kedge)).filter((each) => JSON.stringify(each).includes('user/app'))),
    ).not.toContain('drift');
  });

  it('DB-07: inherits each field of a policy alone, and refuses a bad one for its resource only', async () => {
    const declared =
      withPolicy(APP, '{mode: correct}') +
      withPolicy(dbops('DatabaseRole', 'readers', 'roleName: readers'), '{interval: 0s}') +
      withPolicy(dbops('DatabaseRole', 'second', 'roleName: readers2'), '{interval: "5 minutes"}') +
      withPolicy(dbops('DatabaseRole', 'third', 'roleName: readers3'), '{mode: fix}');
    const { kedge, place } = await begin({ server, declared, instance: '' }, { baseline: false });
    const { resources } = await inspectUnit(kedge.context, unitOf(kedge.context, UNIT));
    const of = (resource: string, setting: string): string =>
      resources
        .filter((each) => each.resource === resource && each.setting === setting)
        .map((each) => `${each.value} (${each.origin})`)
        .join();

    expect(of('user/app', 'driftPolicy.mode')).toMatch(/^correct \(user\/app/);
    expect(databaseAdapter.interval(unitOf(kedge.context, UNIT), kedge.context.workingSet().foreign)).toBe(300_000);
    expect(of('user/app', 'driftPolicy.interval')).toMatch(/^5m \(default/);
    const checked = await check(kedge);
    expect(checked.check.coverage.unchecked.map((each) => [each.what, each.reason])).toEqual([
      ['role/readers', 'CONFIG_INVALID'],
      ['role/readers2', 'CONFIG_INVALID'],
      ['role/readers3', 'CONFIG_INVALID'],
    ]);
    await server.sql('ALTER ROLE app CONNECTION LIMIT 4');
    expect(places(await check(kedge))).toEqual(['user/app /connectionLimit']);
    await server.sql('ALTER ROLE app CONNECTION LIMIT 20');
    expect((await place.kedge(['lint'])).stderr).toContain('driftPolicy');
  });

  it('DB-12: a dropped database is CRITICAL and never made anew; one made again under its name is another one', async () => {
    await server.sql('CREATE DATABASE ledger');
    await server.sql('CREATE ROLE clerk');
    const declared =
      dbops('Database', 'ledger', 'name: ledger') +
      dbops('DatabaseRole', 'clerk', 'roleName: clerk') +
      dbops('DatabaseRole', 'novice', 'roleName: novice');
    const { kedge } = await begin({ server, declared, mode: 'correct' }, { baseline: false });
    await pass(kedge);
    await pass(kedge);

    await server.sql('DROP DATABASE ledger');
    await server.sql('DROP ROLE clerk');
    await pass(kedge);
    const missing = open(await check(kedge));
    await server.sql('CREATE DATABASE ledger');
    await server.sql('CREATE ROLE clerk');
    const again = open(await check(kedge)).filter(({ finding }) => finding.resourceRef !== 'role/novice');
    const { rows } = await server.sql("SELECT 1 FROM pg_roles WHERE rolname = 'novice'");
    await server.sql('DROP DATABASE ledger');
    await server.sql('DROP ROLE clerk');

    const told = (resource: string): unknown =>
      missing
        .filter(({ finding }) => finding.resourceRef === resource)
        .map(({ finding }) => [finding.relation, finding.risk, finding.autoHealAllowed]);
    expect(told('database/ledger')).toEqual([['MISSING', 'CRITICAL', false]]);
    expect(told('role/clerk')).toEqual([['MISSING', 'HIGH', false]]);
    expect(told('role/novice')).toEqual([['MISSING', 'HIGH', false]]);
    const reasons = missing
      .find(({ finding }) => finding.resourceRef === 'role/clerk')
      ?.finding.decision.reasons.map((each) => each.code);
    expect(reasons).toContain('APPROVAL');
    expect(again.map(({ finding }) => [finding.resourceRef, finding.changedFields]).sort()).toEqual([
      ['database/ledger', ['/$identity']],
      ['role/clerk', ['/$identity']],
    ]);
    expect(rows).toEqual([]);
  });

  it('a document that refers to no instance, and a resource that is not there, are never green', async () => {
    const { place } = await begin({ server, declared: APP });
    const nowhere = await place.kedge(['check', '--resource', 'user/nobody']);
    expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringContaining('no resource "user/nobody"')]);
    expect((await place.kedge(['check', '--resource', 'user/app'])).code).toBe(0);

    await writeDatabaseUnit(place, { server, declared: APP.replace('{name: payments-db}', '{name: paymnts-db}') });
    const lint = await place.kedge(['lint']);
    const checked = await place.kedge(['check']);
    expect([lint.code, lint.stderr]).toEqual([1, expect.stringContaining('did you mean payments-db?')]);
    expect(checked.code).not.toBe(0);
  });

  it('DB-13: an edit of the document is on its way first, then found, and a conflict when the server was changed too', async () => {
    const unit = '  policies: {convergeWithin: 1s}\n';
    const { kedge, declare } = await begin({ server, declared: APP, unit });

    await declare({ declared: APP.replace('20', '30') });
    const pending = await check(kedge);
    await new Promise((done) => setTimeout(done, 1_100));
    const found = open(await check(kedge));
    await server.sql('ALTER ROLE app CONNECTION LIMIT 25');
    const conflict = open(await check(kedge));
    await declare({ declared: withPolicy(APP.replace('20', '30'), '{mode: correct}') });
    const healed = await pass(kedge);
    const { rows } = await server.sql("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'app'");
    await server.sql('ALTER ROLE app CONNECTION LIMIT 20');

    expect([pending.check.result, pending.check.pendingConvergence, open(pending)]).toEqual(['IN_SYNC', 1, []]);
    expect(found.map(({ finding }) => [finding.relation, finding.driftClass === 'UNAUTHORIZED_RUNTIME_DRIFT'])).toEqual(
      [['DESIRED_NOT_APPLIED', false]],
    );
    expect(conflict.map(({ finding }) => [finding.findingId, finding.relation])).toEqual([
      [found[0]?.finding.findingId, 'THREE_WAY_CONFLICT'],
    ]);
    expect(healed.healed.map(({ action }) => action.status)).toEqual(['CONVERGED']);
    expect(rows).toEqual([{ rolconnlimit: 30 }]);
  });
});
