import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FindingRecord } from '../../src/core/model/finding-record.ts';
import { reconcileAction } from '../../src/engine/reconcile.ts';
import { unitOf } from '../../src/engine/in-force.ts';
import { answer, person, request } from '../support/consent.ts';
import { prepareServer, scene, type Scene } from '../support/database-scene.ts';
import { holdUnit, releaseUnit } from '../../src/engine/hold.ts';
import { check, dbops, open, pass, UNIT } from '../support/installation.ts';
import { startServer, type TestServer } from '../support/postgres.ts';

const NEVER = new AbortController().signal;
describe('what heals by itself, and what waits', () => {
  let server: TestServer;
  const scenes: Scene[] = [];

  beforeAll(async () => {
    server = await startServer();
    await prepareServer(server);
    await server.sql(
      'CREATE ROLE app LOGIN CONNECTION LIMIT 20; CREATE ROLE power SUPERUSER CREATEROLE REPLICATION BYPASSRLS; CREATE ROLE reporting; CREATE ROLE readers',
    );
    await server.sql(
      'CREATE TABLE orders (id int); CREATE TABLE guarded (id int); ALTER TABLE guarded ENABLE ROW LEVEL SECURITY; GRANT SELECT ON orders TO reporting',
    );
  });

  afterEach(async () => {
    for (const each of scenes.splice(0)) await each.place.remove();
    await server.sql(
      'ALTER ROLE app LOGIN CONNECTION LIMIT 20; ALTER ROLE power SUPERUSER CREATEROLE REPLICATION BYPASSRLS; ALTER ROLE reporting NOSUPERUSER',
    );
  });

  afterAll(async () => {
    await server.stop();
  });

  async function begin(...given: Parameters<typeof scene>): Promise<Scene> {
    const made = await scene(...given);
    scenes.push(made);
    return made;
  }

  const APP = dbops('DatabaseUser', 'app', 'username: app\npostgres: {connectionLimit: 20}');
  const REPORTING = dbops(
    'DatabaseRole',
    'reporting',
    'roleName: reporting\npostgres:\n  superuser: false\n  grants: [{database: postgres, schema: public, tables: [orders], privileges: [SELECT]}]',
  );
  const POWER = dbops(
    'DatabaseRole',
    'power',
    'roleName: power\npostgres: {superuser: true, createRole: true, replication: true, bypassRLS: true}',
  );

  it('GOV-64, DB-67: without an audit source a limit heals at once; a lost login waits for somebody to be named', async () => {
    const { kedge } = await begin({ server, declared: APP, mode: 'correct' });
    await server.sql('ALTER ROLE app CONNECTION LIMIT 5');
    const limit = await pass(kedge);
    await server.sql('ALTER ROLE app NOLOGIN');
    const login = await pass(kedge);

    expect(limit.healed.map(({ action }) => action.status)).toEqual(['CONVERGED']);
    expect(login.healed).toEqual([]);
    const [found] = open(await check(kedge));
    expect(found?.finding.decision.reasons.map((each) => each.code)).toContain('CONFIDENCE');
  });

  it('GOV-64, DB-67: a path of floor HIGH tells somebody before the write, a CRITICAL one waits for two people', async () => {
    const { kedge, log } = await begin({ server, declared: REPORTING, mode: 'correct' });
    await server.sql('GRANT TRUNCATE ON orders TO reporting');
    const high = await pass(kedge);
    await server.sql('ALTER ROLE reporting SUPERUSER');
    const critical = await pass(kedge);
    const [found] = open(await check(kedge));

    expect(log.filter((line) => line.includes('ABOUT_TO_WRITE'))).toHaveLength(1);
    expect(high.healed.map(({ action }) => action.status)).toEqual(['CONVERGED']);
    const [action] = await kedge.store.listActions({ findingId: high.healed[0]?.action.findingId ?? '' });
    expect(action?.by).toBe('switch');
    expect(critical.healed).toEqual([]);
    expect(found?.finding.risk).toBe('CRITICAL');
    expect(found?.finding.decision.reasons.map((each) => each.code)).toContain('APPROVAL');
    const requested = await request(kedge.context, (found as FindingRecord).finding.findingId);
    expect((await kedge.store.findApproval(requested.approval?.approvalId ?? ''))?.approvers).toBe(2);
  });

  it('DB-67, GOV-67: a lost power needs two people, neither of them the requester', async () => {
    const { kedge } = await begin({ server, declared: POWER, mode: 'correct' });
    for (const word of ['SUPERUSER', 'CREATEROLE', 'REPLICATION', 'BYPASSRLS']) {
      await server.sql(`ALTER ROLE power NO${word}`);
      expect((await pass(kedge)).healed, word).toEqual([]);
      const [found] = open(await check(kedge));
      const requested = await request(kedge.context, (found as FindingRecord).finding.findingId);
      expect(requested.action.status, word).toBe('AWAITING_APPROVAL');
      expect(await answer(kedge, requested.approval?.approvalId, 'carol')).toBe('SEPARATION_OF_DUTIES');
      expect(await answer(kedge, requested.approval?.approvalId, 'alice')).toBe('PENDING');
      expect(await answer(kedge, requested.approval?.approvalId, 'bob')).toBe('GRANTED');
      const done = await reconcileAction(kedge.context, requested.action.actionId, NEVER);
      expect(done.action.status, word).toBe('CONVERGED');
    }
  });

  it('a hold placed while a check runs stands when the check is written, and nothing is written to the server', async () => {
    const { kedge } = await begin({ server, declared: APP, mode: 'correct' });
    const unit = unitOf(kedge.context, UNIT);
    await server.sql('ALTER ROLE app CONNECTION LIMIT 8');
    for (const wait of [0, 40, 80]) {
      const checking = check(kedge);
      await new Promise((done) => setTimeout(done, wait));
      await holdUnit(kedge.context, unit, { reason: 'migration', by: person('carol') });
      await checking;
      expect((await kedge.store.findUnit(UNIT))?.hold?.reason).toBe('migration');
      expect((await pass(kedge)).healed).toEqual([]);
      await releaseUnit(kedge.context, unit, { reason: 'done', by: person('carol') });
    }
    const { rows } = await server.sql("SELECT rolconnlimit AS most FROM pg_roles WHERE rolname = 'app'");
    expect(rows).toEqual([{ most: 8 }]);
  });

  it('asked for by several processes at once is one request, with one approval', async () => {
    const { place, kedge } = await begin({ server, declared: APP });
    await server.sql('ALTER ROLE app CONNECTION LIMIT 7');
    await check(kedge);
    const [record] = open(await check(kedge));
    if (record === undefined) throw new Error('no finding');
    const others = await Promise.all([1, 2, 3].map(() => place.open()));
    const requests = await Promise.all(
      [kedge, ...others].map((each) => request(each.context, record.finding.findingId)),
    );

    expect(new Set(requests.map(({ action }) => action.actionId)).size).toBe(1);
    expect(await kedge.store.listApprovals({ findingId: record.finding.findingId })).toHaveLength(1);
  });

  it('DB-67: nothing is offered for row security, and the switch is not for what nobody declared', async () => {
    const { kedge } = await begin({ server, declared: APP, mode: 'correct' });
    await server.sql('ALTER TABLE guarded DISABLE ROW LEVEL SECURITY; GRANT SELECT ON guarded TO readers');
    const healed = await pass(kedge);
    const found = open(await check(kedge));
    const guard = found.find(({ finding }) => finding.pathRoot === '/rowSecurity');
    const grant = found.find(({ finding }) => finding.resourceRef === 'role/readers');
    const requested = await request(kedge.context, (guard as FindingRecord).finding.findingId);
    await server.sql('ALTER TABLE guarded ENABLE ROW LEVEL SECURITY; REVOKE SELECT ON guarded FROM readers');

    expect(healed.healed).toEqual([]);
    expect(requested.action.status).toBe('REFUSED');
    expect(requested.action.gates[0]?.code).toBe('INADMISSIBLE');
    expect(grant?.finding.decision.reasons.map((each) => each.code)).toContain('KIND_GATED');
  });

  it('GOV-66, DB-27: ten different hand changes heal under a switch without a breaker; one value put back twice opens it, also after a restart', async () => {
    const { kedge, place } = await begin({ server, declared: APP, mode: 'correct' });
    for (let limit = 1; limit <= 10; limit += 1) {
      await server.sql(`ALTER ROLE app CONNECTION LIMIT ${limit}`);
      const healed = await pass(kedge);
      expect(
        healed.healed.map(({ action }) => action.status),
        `limit ${limit}`,
      ).toEqual(['CONVERGED']);
    }
    const [record] = await kedge.store.listFindings({});
    expect(record?.life.breaker.status).toBe('closed');

    const seen: (readonly string[])[] = [];
    for (let round = 0; round < 4; round += 1) {
      await server.sql('ALTER ROLE app CONNECTION LIMIT 99');
      seen.push((await pass(kedge)).healed.map(({ action }) => action.status));
    }
    const [fought] = await kedge.store.listFindings({});
    expect(fought?.life.breaker.status).toBe('open');
    expect(seen.at(-1)).toEqual([]);
    expect(fought?.finding.decision.reasons.map((each) => each.code)).toContain('BREAKER_OPEN');

    const restarted = await place.open();
    await server.sql('ALTER ROLE app CONNECTION LIMIT 99');
    expect((await pass(restarted)).healed).toEqual([]);
  });

  it('GOV-21, DB-57: heals as many resources as the unit allows; when much of it drifts at once a person looks first', async () => {
    const names = Array.from({ length: 60 }, (_, at) => `crowd_${String(at).padStart(2, '0')}`);
    await server.sql(names.map((name) => `CREATE ROLE ${name} CONNECTION LIMIT 10 LOGIN;`).join(' '));
    const declared = names
      .map((name) =>
        dbops('DatabaseUser', name.replace('_', '-'), `username: ${name}\npostgres: {connectionLimit: 10}`),
      )
      .join('');
    const { kedge } = await begin({
      server,
      declared,
      mode: 'correct',
      unit: '  policies: {maxObjectsPerReconcile: 5}\n',
    });

    await server.sql(
      names
        .slice(0, 6)
        .map((name) => `ALTER ROLE ${name} CONNECTION LIMIT 1;`)
        .join(' '),
    );
    const few = await pass(kedge);
    const waiting = open(await check(kedge));
    await pass(kedge);
    await server.sql(
      names
        .slice(0, 21)
        .map((name) => `ALTER ROLE ${name} CONNECTION LIMIT 2;`)
        .join(' '),
    );
    const many = await pass(kedge);
    const mass = open(await check(kedge));
    await server.sql(names.map((name) => `DROP ROLE ${name};`).join(' '));
    const gone = await pass(kedge);

    expect(few.healed.filter(({ action }) => action.status === 'CONVERGED')).toHaveLength(5);
    expect(waiting.map(({ finding }) => finding.decision.reasons[0]?.code).length).toBe(1);
    expect(many.healed).toEqual([]);
    expect(new Set(mass.flatMap(({ finding }) => finding.decision.reasons.map((each) => each.code)))).toContain(
      'MASS_DRIFT',
    );
    expect(gone.healed).toEqual([]);
    expect(
      gone.outcome.status === 'checked' &&
        open(gone.outcome).filter(({ finding }) => finding.relation === 'MISSING').length,
    ).toBe(60);
  });
});
