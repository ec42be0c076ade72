import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { reconcileAction } from '../../src/engine/reconcile.ts';
import { answer, request } from '../support/consent.ts';
import { prepareServer, scene, type Scene } from '../support/database-scene.ts';
import { check, dbops, open, pass } from '../support/installation.ts';
import { valueOf } from '../support/healing.ts';
import { startServer, type TestServer } from '../support/postgres.ts';

const NEVER = new AbortController().signal;
const ROLES = dbops(
  'DatabaseRole',
  'reporting',
  'roleName: reporting\npostgres: {grants: [{database: postgres, schema: public, tables: [orders], privileges: [SELECT]}]}',
);
const TRUNCATES = "SELECT has_table_privilege('reporting', 'orders', 'TRUNCATE')";

function freeze(start: number, end: number): string {
  return `apiVersion: kedge.dev/v1alpha1
kind: FreezeWindow
metadata: {name: release}
spec:
  reason: the release is under way
  match: {unit: payments-db}
  windows: [{start: "${new Date(start).toISOString()}", end: "${new Date(end).toISOString()}"}]
`;
}

async function until(at: number): Promise<void> {
  await new Promise((done) => setTimeout(done, Math.max(0, at - Date.now() + 20)));
}

describe('freezes on a real server', () => {
  let server: TestServer;
  const scenes: Scene[] = [];

  beforeAll(async () => {
    server = await startServer();
    await prepareServer(server);
    await server.sql('CREATE ROLE reporting; CREATE TABLE orders (id int); GRANT SELECT ON orders TO reporting');
  });

  afterEach(async () => {
    for (const each of scenes.splice(0)) await each.place.remove();
    await server.sql('REVOKE TRUNCATE ON orders FROM reporting');
  });

  afterAll(async () => {
    await server.stop();
  });

  async function begin(...given: Parameters<typeof scene>): Promise<Scene> {
    const made = await scene(...given);
    scenes.push(made);
    return made;
  }

  it('GOV-26: under correct nothing is written in a freeze; after it somebody is told before the write', async () => {
    const { kedge, place, log } = await begin({ server, declared: ROLES, mode: 'correct' });
    const end = Date.now() + 4_000;
    await place.write('kedge/rules/freeze.yaml', freeze(Date.now() - 60_000, end));
    await kedge.reload(NEVER);
    await server.sql('GRANT TRUNCATE ON orders TO reporting');
    const frozen = await pass(kedge);
    const [found] = open(await check(kedge));

    expect(frozen.healed).toEqual([]);
    expect(found?.finding.decision.reasons.map((each) => each.code)).toEqual(['FREEZE']);
    expect(await valueOf(server, TRUNCATES)).toBe(true);
    expect(log.filter((line) => line.includes('ABOUT_TO_WRITE'))).toEqual([]);

    await until(end);
    const after = await pass(kedge);
    expect(after.healed.map(({ action }) => action.status)).toEqual(['CONVERGED']);
    expect(log.filter((line) => line.includes('ABOUT_TO_WRITE'))).toHaveLength(1);
    expect(await valueOf(server, TRUNCATES)).toBe(false);
  }, 30_000);

  it('GOV-31: the executor refuses even what was granted before the freeze began', async () => {
    const { kedge, place } = await begin({ server, declared: ROLES, mode: 'detect' });
    const start = Date.now() + 5_000;
    await place.write('kedge/rules/freeze.yaml', freeze(start, start + 3_600_000));
    await kedge.reload(NEVER);
    await server.sql('GRANT TRUNCATE ON orders TO reporting');
    const [found] = open(await check(kedge));
    const { action, approval } = await request(kedge.context, found?.finding.findingId ?? '');
    await answer(kedge, approval?.approvalId, 'bob');
    expect(await answer(kedge, approval?.approvalId, 'dave')).toBe('GRANTED');
    expect(Date.now()).toBeLessThan(start);

    await until(start);
    const refused = await reconcileAction(kedge.context, action.actionId, NEVER);

    expect(refused.action.gates?.map((each) => each.code)).toEqual(['FREEZE']);
    expect(refused.action.gates?.[0]?.because).toContain('release forbids RUNTIME_REVERT until ');
    expect(await valueOf(server, TRUNCATES)).toBe(true);
  }, 30_000);
});
