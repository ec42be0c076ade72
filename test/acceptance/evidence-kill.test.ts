import { spawn } from 'node:child_process';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Kedge } from '../../src/app/kedge.ts';
import { parseTrust } from '../../src/core/evidence/verify/trust.ts';
import { verifyLog } from '../../src/core/evidence/verify/verify-log.ts';
import { reconcileAction } from '../../src/engine/reconcile.ts';
import { recoverActions } from '../../src/engine/recover.ts';
import { answer, request } from '../support/consent.ts';
import { prepareServer, scene } from '../support/database-scene.ts';
import {
  check,
  dbops,
  installation,
  open,
  pass,
  writeDatabaseUnit,
  type Installation,
} from '../support/installation.ts';
import { startServer, type TestServer } from '../support/postgres.ts';

const CHILD = fileURLToPath(new URL('../support/dying-process.ts', import.meta.url));
const NEVER = new AbortController().signal;
const APP = dbops('DatabaseUser', 'app', 'username: app\npostgres: {connectionLimit: 20}');
const ROLE = dbops('DatabaseRole', 'reporting', 'roleName: reporting\npostgres: {superuser: false}');

async function die(
  ...words: readonly string[]
): Promise<{ readonly signal: string | null; readonly lines: readonly string[] }> {
  const child = spawn(process.execPath, [CHILD, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  const out: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  return await new Promise((done) => {
    child.once('close', (_, signal) => {
      done({
        signal,
        lines: Buffer.concat(out)
          .toString()
          .split('\n')
          .filter((line) => line !== ''),
      });
    });
  });
}

async function requireWholeLog(kedge: Kedge, place: Installation, ids: readonly string[]): Promise<void> {
  const folder = join(place.folder, '.kedge', 'evidence', 'log', '1');
  const trust = parseTrust(kedge.vkey);
  if (trust.status === 'refused') throw new Error(trust.message);
  const copy = async (path: string): Promise<Uint8Array | undefined> =>
    await readFile(join(folder, path)).catch(() => undefined);
  const verified = await verifyLog(copy, { keys: trust.keys, from: undefined, to: undefined, full: true });
  expect(verified.faults).toEqual([]);
  const leaves = (await readFile(join(folder, 'leaves', '000000.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .slice(0, verified.size);
  const logged = leaves.map((line) => (JSON.parse(line) as { id: string }).id);
  expect(new Set(logged).size).toBe(logged.length);
  for (const id of ids)
    expect(
      logged.filter((each) => each === id),
      id,
    ).toHaveLength(1);
  expect((await kedge.store.entries.countUnpublished()).entries).toBe(0);
}

describe('kill -9 at every step', () => {
  let server: TestServer;
  const places: Installation[] = [];

  beforeAll(async () => {
    server = await startServer();
    await prepareServer(server);
    await server.sql('CREATE ROLE app LOGIN CONNECTION LIMIT 20; CREATE ROLE reporting');
  });

  afterEach(async () => {
    for (const place of places.splice(0)) await place.remove();
    await server.sql('ALTER ROLE app CONNECTION LIMIT 20; ALTER ROLE reporting NOSUPERUSER');
  });

  afterAll(async () => {
    await server.stop();
  });

  it('EV-07: whatever was acknowledged is in the log, each once, wherever the publisher was killed', async () => {
    const place = await installation();
    places.push(place);
    await writeDatabaseUnit(place, { server, declared: APP });
    const ids: string[] = [];
    const steps: readonly (readonly [string, number])[] = [
      ['before entries.order', 1],
      ['after entries.order', 1],
      ['before evidence.putOnce', 1],
      ['after evidence.putOnce', 5],
      ['before evidence.extend', 1],
      ['after evidence.extend', 1],
      ['after evidence.extend', 2],
      ['before evidence.replace', 1],
      ['after evidence.replace', 1],
      ['before entries.markPublished', 1],
      ['after entries.markPublished', 1],
      ...(process.env['KEDGE_TEST_THOROUGH'] === undefined
        ? []
        : Array.from({ length: 50 }, (_, at) => ['after evidence.putOnce', 1 + ((at * 7) % 70)] as const)),
    ];
    for (const [step, count] of steps) {
      const died = await die(place.folder, 'publish', step, String(count));
      expect(died.signal, `${step} ${count}`).toBe('SIGKILL');
      expect(died.lines).toHaveLength(40);
      ids.push(...died.lines);
    }
    const kedge = await place.open();
    await kedge.context.publisher.publish(NEVER);

    await requireWholeLog(kedge, place, ids);
  }, 180_000);

  async function approvedAction(kedge: Kedge): Promise<string> {
    await server.sql('ALTER ROLE reporting SUPERUSER');
    const [found] = open(await check(kedge));
    const requested = await request(kedge.context, found?.finding.findingId ?? '');
    for (const name of ['alice', 'bob']) await answer(kedge, requested.approval?.approvalId, name);
    return requested.action.actionId;
  }

  it('EV-11, GOV-34, UI-33: killed after the write and before its record, it is in doubt, looked at once, and never written twice', async () => {
    const { place, kedge } = await scene({ server, declared: ROLE });
    places.push(place);
    const actionId = await approvedAction(kedge);
    const before = (await server.readLog()).length;

    const died = await die(place.folder, 'act', 'after actuator.act', '1', actionId);
    const half = await kedge.store.findAction(actionId);
    const recovered = await recoverActions(kedge.context, NEVER);
    const again = await reconcileAction(kedge.context, actionId, NEVER);
    const writes = (await server.readLog())
      .slice(before)
      .split('\n')
      .filter((line) => /ALTER ROLE "reporting" NOSUPERUSER/.test(line));
    const entries = await kedge.store.entries.listEntries({ kind: 'FINDING', id: half?.findingId ?? '' });

    expect(died.signal).toBe('SIGKILL');
    expect(half?.status).toBe('ACTING');
    expect(recovered.map(({ action }) => action.status)).toEqual(['CONVERGED']);
    expect(again.action.status).toBe('CONVERGED');
    expect(writes).toHaveLength(1);
    const types = entries.map((entry) => entry.type);
    expect(types.filter((type) => type === 'ACTION_INTENDED')).toHaveLength(1);
    expect(types.slice(types.indexOf('ACTION_INTENDED'))).toEqual([
      'ACTION_INTENDED',
      'ACTION_FINISHED',
      'VERIFICATION_FINISHED',
      'FINDING_RESOLVED',
    ]);
    const finish = entries.find((entry) => entry.type === 'ACTION_FINISHED');
    expect(new TextDecoder().decode(finish?.statement)).toContain('in-doubt');
  });

  it('EV-11: killed anywhere else on the way, an approved action runs exactly once', async () => {
    for (const [step, count] of [
      ['before publisher.publishEntry', '1'],
      ['after publisher.publishEntry', '1'],
      ['before actuator.act', '1'],
      ['after store.write', '1'],
      ['after store.write', '3'],
    ] as const) {
      const { place, kedge } = await scene({ server, declared: ROLE });
      places.push(place);
      const actionId = await approvedAction(kedge);
      const before = (await server.readLog()).length;
      const died = await die(place.folder, 'act', step, count, actionId);
      await recoverActions(kedge.context, NEVER);
      const done = await reconcileAction(kedge.context, actionId, NEVER);
      const writes = (await server.readLog())
        .slice(before)
        .split('\n')
        .filter((line) => /ALTER ROLE "reporting" NOSUPERUSER/.test(line));

      expect(died.signal, step).toBe('SIGKILL');
      expect(['CONVERGED', 'FAILED', 'NOT_CONVERGED'], `${step} ${count}: ${done.action.outcome}`).toContain(
        done.action.status,
      );
      expect(writes.length, `${step} ${count}`).toBe(done.action.status === 'CONVERGED' ? 1 : 0);
    }
  }, 120_000);

  it('GOV-24, EV-09: with the evidence store down nothing is written; afterwards it runs once, looked at anew', async () => {
    const { place, kedge } = await scene({ server, declared: APP + ROLE, mode: 'correct' });
    places.push(place);
    const evidence = join(place.folder, '.kedge', 'evidence');
    const actionId = await approvedAction(kedge);
    await rename(evidence, `${evidence}.away`);
    await writeFile(evidence, 'not a folder');
    await server.sql('ALTER ROLE app CONNECTION LIMIT 5');
    const before = (await server.readLog()).length;

    const refused = await reconcileAction(kedge.context, actionId, NEVER);
    const blocked = await pass(kedge);
    const written = (await server.readLog())
      .slice(before)
      .split('\n')
      .filter((line) => /statement:.*ALTER ROLE/.test(line));
    await rm(evidence);
    await rename(`${evidence}.away`, evidence);
    const done = await reconcileAction(kedge.context, actionId, NEVER);
    const healed = await pass(kedge);

    expect(refused.action.gates.map((gate) => gate.code)).toEqual(['EVIDENCE_UNAVAILABLE']);
    expect(written).toEqual([]);
    expect(blocked.healed).toEqual([]);
    const app =
      blocked.outcome.status === 'checked'
        ? open(blocked.outcome).find(({ finding }) => finding.resourceRef === 'user/app')
        : undefined;
    expect(app?.finding.decision.reasons.map((each) => each.code)).toContain('EVIDENCE_UNAVAILABLE');
    expect(done.action.status).toBe('CONVERGED');
    const { rows } = await server.sql("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'app'");
    expect(rows).toEqual([{ rolconnlimit: 20 }]);
    expect(healed.healed.map(({ action }) => action.status)).toEqual(['CONVERGED']);
  });

  it('EV-67: checks go on while the evidence store is down; later all is published in order and nothing stays behind', async () => {
    const { place, kedge } = await scene({ server, declared: APP });
    places.push(place);
    await kedge.context.publisher.publish(NEVER);
    const evidence = join(place.folder, '.kedge', 'evidence');
    await rename(evidence, `${evidence}.away`);
    await writeFile(evidence, 'not a folder');
    for (let round = 1; round <= 12; round += 1) {
      await server.sql(`ALTER ROLE app CONNECTION LIMIT ${round}`);
      await check(kedge);
    }
    await expect(kedge.context.publisher.publish(NEVER)).rejects.toThrow();
    const waiting = await kedge.store.entries.countUnpublished();
    await rm(evidence);
    await rename(`${evidence}.away`, evidence);
    await kedge.context.publisher.publish(NEVER);

    expect(waiting.entries).toBeGreaterThanOrEqual(24);
    await requireWholeLog(kedge, place, []);
    const [finding] = await kedge.store.listFindings({});
    const entries = await kedge.store.entries.listEntries({ kind: 'FINDING', id: finding?.finding.findingId ?? '' });
    expect(entries.map((entry) => entry.index)).toEqual(
      entries.map((entry) => entry.index).toSorted((left, right) => (left ?? 0) - (right ?? 0)),
    );
    for (const digest of entries.flatMap((entry) => entry.artifacts))
      expect(await kedge.store.entries.readArtifact(digest)).toBeUndefined();
  });

  it('EV-66: one folder is the evidence of one store', async () => {
    const { place, kedge } = await scene({ server, declared: APP });
    places.push(place);
    await kedge.context.publisher.publish(NEVER);
    const other = await installation();
    places.push(other);
    await writeDatabaseUnit(other, { server, declared: APP });
    const second = await other.open({ evidenceDirectory: join(place.folder, '.kedge', 'evidence') });
    await check(second);

    await expect(second.context.publisher.publish(NEVER)).rejects.toMatchObject({ code: 'EVIDENCE_ROOT_TAKEN' });
  });

  it('EV-06: ten thousand clean checks of a minute stand in at most forty leaves, and none is lost', async () => {
    const { place, kedge } = await scene({ server, declared: APP });
    places.push(place);
    await kedge.context.publisher.publish(NEVER);
    const before = (await kedge.store.entries.logState()).ordered;
    const [sample] = await kedge.store.listChecks('payments-db', 1);
    if (sample === undefined) throw new Error('no check');
    for (let from = 0; from < 10_000; from += 1_000)
      await kedge.store.write(async (transaction) => {
        for (let at = from; at < from + 1_000; at += 1)
          await transaction.saveCheck({ ...sample, checkId: `CLEAN${String(at).padStart(6, '0')}` });
      });
    await kedge.context.publisher.publish(NEVER);
    const after = await kedge.store.entries.logState();
    const batches = await kedge.store.entries.readRange(before, after.ordered);
    const gathered = batches.flatMap((entry) =>
      (
        JSON.parse(new TextDecoder().decode(entry.statement)) as {
          predicate: { body: { checks: { checkId: string }[] } };
        }
      ).predicate.body.checks.map((each) => each.checkId),
    );

    expect(after.ordered - before).toBeLessThanOrEqual(40);
    expect(new Set(gathered).size).toBe(10_000);
  }, 120_000);
});
