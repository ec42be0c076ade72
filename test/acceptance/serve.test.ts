import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { prepareServer, scene, type Scene } from '../support/database-scene.ts';
import { check, dbops, UNIT, writeDatabaseUnit } from '../support/installation.ts';
import { startServer, type TestServer } from '../support/postgres.ts';

const BIN = fileURLToPath(new URL('../../bin/kedge.js', import.meta.url));
const APP = dbops('DatabaseUser', 'app', 'username: app\npostgres: {connectionLimit: 20}');
const UNIT_EVERY_SECOND = '  schedule: {frequency: 1s, maxAge: 60s, jitter: 0%}\n';

interface Served {
  readonly child: ChildProcess;
  readonly log: () => string;
  readonly ended: Promise<number | null>;
  get(path: string): Promise<{ readonly status: number; readonly text: string }>;
  series(prefix: string): Promise<readonly string[]>;
}

async function until(what: string, holds: () => Promise<boolean>, milliseconds = 20_000): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${milliseconds} ms: ${what}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address() as { port: number };
  await new Promise((done) => probe.close(done));
  return port;
}

describe('kedge serve', () => {
  let server: TestServer;
  const scenes: Scene[] = [];
  const running: Served[] = [];

  beforeAll(async () => {
    server = await startServer();
    await prepareServer(server);
    await server.sql('CREATE ROLE app LOGIN CONNECTION LIMIT 20');
  });

  afterEach(async () => {
    for (const each of running.splice(0)) {
      each.child.kill('SIGKILL');
      await each.ended;
    }
    for (const each of scenes.splice(0)) await each.place.remove();
    await server.sql('ALTER ROLE app CONNECTION LIMIT 20');
  });

  afterAll(async () => {
    await server.stop();
  });

  async function serveIn(made: Scene, port: number): Promise<Served> {
    const child = spawn(process.execPath, [BIN, 'serve', '--log-format', 'json'], {
      cwd: made.place.folder,
      env: { PATH: process.env['PATH'] },
    });
    let log = '';
    child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
    const ended = new Promise<number | null>((done) => child.once('close', done));
    const get: Served['get'] = async (path) => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      return { status: answer.status, text: await answer.text() };
    };
    const served: Served = {
      child,
      log: () => log,
      ended,
      get,
      series: async (prefix) => (await get('/metrics')).text.split('\n').filter((line) => line.startsWith(prefix)),
    };
    running.push(served);
    await until('ready', async () => (await get('/readyz').catch(() => ({ status: 0 }))).status === 200);
    return served;
  }

  async function begin(mode: 'detect' | 'correct'): Promise<{ readonly made: Scene; readonly port: number }> {
    const port = await freePort();
    const configuration = `  metrics: {listen: "127.0.0.1:${port}"}\n  registryPoll: 1s\n  evidence: {checkpointEvery: 1s}\n`;
    const made = await scene(
      { server, declared: APP, mode, unit: UNIT_EVERY_SECOND, configuration },
      { baseline: false },
    );
    scenes.push(made);
    return { made, port };
  }

  it('UI-46, UI-47: has the metrics of the operator documents with exactly their labels; they move with drift alone, not with failures or restarts', async () => {
    const { made, port } = await begin('detect');
    const first = await serveIn(made, port);
    const drift = 'dbprovision_drift_detected{resource_type="user",name="app",namespace=""}';
    await until(
      'checked',
      async () =>
        (await first.series(drift)).length === 1 && (await first.series('kedge_unit_last_success')).length === 1,
    );
    expect(await first.series(drift)).toEqual([`${drift} 0`]);
    await server.sql('ALTER ROLE app CONNECTION LIMIT 5');
    await until('drifted', async () => (await first.series(drift))[0] === `${drift} 1`);

    await server.sql('ALTER ROLE kedge_reader NOLOGIN');
    await until('unknown', async () =>
      (await first.series('kedge_unit_status')).some(
        (line) => line.includes('status="UNKNOWN"') && line.endsWith(' 1'),
      ),
    );
    const success = await first.series('kedge_unit_last_success');
    expect(await first.series(drift)).toEqual([`${drift} 1`]);
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    const again = await serveIn(made, port);
    await until('leads', async () => (await again.series('kedge_leader'))[0] === 'kedge_leader 1');
    expect(await again.series(drift)).toEqual([`${drift} 1`]);
    expect(await again.series('kedge_unit_last_success')).toEqual(success);
    await server.sql('ALTER ROLE kedge_reader LOGIN; ALTER ROLE app CONNECTION LIMIT 20');
    await until('in sync', async () => (await again.series(drift))[0] === `${drift} 0`, 90_000);
  }, 150_000);

  it('heals at its start what an earlier look found, and does not leave it until the unit is due', async () => {
    const port = await freePort();
    const configuration = `  metrics: {listen: "127.0.0.1:${port}"}\n`;
    const unit = '  schedule: {frequency: 4h, maxAge: 8h}\n';
    const made = await scene({ server, declared: APP, mode: 'correct', unit, configuration });
    scenes.push(made);
    await server.sql('ALTER ROLE app CONNECTION LIMIT 5');
    await check(made.kedge);
    await serveIn(made, port);
    await until('healed', async () => {
      const { rows } = await server.sql("SELECT rolconnlimit AS most FROM pg_roles WHERE rolname = 'app'");
      return (rows[0] as { most: number }).most === 20;
    });
  });

  it('heals what its document lets heal, and counts it', async () => {
    const { made, port } = await begin('correct');
    const served = await serveIn(made, port);
    await until('checked', async () => (await served.series('kedge_unit_last_success')).length === 1);
    await server.sql('ALTER ROLE app CONNECTION LIMIT 5');
    const corrected = 'dbprovision_drift_corrections_total{resource_type="user",namespace="",status="corrected"}';

    await until('corrected', async () => (await served.series(corrected))[0] === `${corrected} 1`);
    expect((await server.sql("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'app'")).rows).toEqual([
      { rolconnlimit: 20 },
    ]);
    await until(
      'published',
      async () => (await served.series('kedge_evidence_unpublished_entries'))[0]?.endsWith(' 0') === true,
    );
  }, 60_000);

  it('UI-28: a document broken while it runs leaves the old ones in force, says so, and clears when it is mended', async () => {
    const { made, port } = await begin('detect');
    const served = await serveIn(made, port);
    await until('checked', async () => (await served.series('kedge_unit_status')).length > 0);
    await made.place.write(
      'kedge/rules/broken.yaml',
      'apiVersion: kedge.dev/v1alpha1\nkind: IgnoreRule\nmetadata: {name: x}\nspec: {expiresat: 2026-10-01}\n',
    );
    await until('told', async () => (await served.series('kedge_config_valid'))[0] === 'kedge_config_valid 0');
    expect(served.log()).toMatch(/kedge\/rules\/broken\.yaml:4/);
    expect((await served.series('kedge_unit_status')).some((line) => line.includes(UNIT))).toBe(true);
    const { rm } = await import('node:fs/promises');
    await rm(`${made.place.folder}/kedge/rules/broken.yaml`);
    served.child.kill('SIGHUP');
    await until('mended', async () => (await served.series('kedge_config_valid'))[0] === 'kedge_config_valid 1');
  }, 60_000);

  it('UI-34: told to stop it is not ready at once, ends what runs, and leaves nothing half done', async () => {
    const { made, port } = await begin('correct');
    const served = await serveIn(made, port);
    await until('checked', async () => (await served.series('kedge_unit_last_success')).length === 1);
    const locker = await server.connect();
    await locker.query('BEGIN; LOCK TABLE pg_catalog.pg_authid IN SHARE MODE');
    await server.connect().then(async (client) => {
      await client.end();
    });
    served.child.kill('SIGTERM');
    await new Promise((done) => setTimeout(done, 200));
    const ready = await served.get('/readyz').catch(() => ({ status: 503 }));
    await locker.query('ROLLBACK');
    await locker.end();
    const code = await served.ended;

    expect(ready.status).toBe(503);
    expect(code).toBe(0);
    const actions = await made.kedge.store.listActions({ statuses: ['ACTING', 'INTENDED'] });
    expect(actions).toEqual([]);
    await writeDatabaseUnit(made.place, { server, declared: APP });
  }, 60_000);
});
