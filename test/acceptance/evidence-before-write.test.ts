import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readFindingEntries } from '../../src/app/evidence.ts';
import { tenAnswers } from '../../src/core/evidence/answers/ten-answers.ts';
import { prepareServer, scene } from '../support/database-scene.ts';
import {
  check,
  dbops,
  installation,
  pass,
  UNIT,
  writeDatabaseUnit,
  type Installation,
} from '../support/installation.ts';
import { startServer, type TestServer } from '../support/postgres.ts';

const APP = dbops('DatabaseUser', 'app', 'username: app\npostgres: {connectionLimit: 20}');

describe('evidence before the write, and after everything else is gone', () => {
  let server: TestServer;
  const places: Installation[] = [];

  beforeAll(async () => {
    server = await startServer({ settings: ['log_line_prefix=%m %u ', 'log_timezone=UTC'] });
    await prepareServer(server);
    await server.sql('CREATE ROLE app LOGIN CONNECTION LIMIT 20');
  });

  afterEach(async () => {
    for (const place of places.splice(0)) await place.remove();
    await server.sql('ALTER ROLE app CONNECTION LIMIT 20');
  });

  afterAll(async () => {
    await server.stop();
  });

  it('EV-51, EV-10: the log of the server shows the observing identity alone until the intent is published, and the writing one only in act', async () => {
    const { place, kedge } = await scene({ server, declared: APP, mode: 'correct' });
    places.push(place);
    await server.sql('ALTER ROLE app CONNECTION LIMIT 5');
    const before = (await server.readLog()).length;
    const { healed } = await pass(kedge);
    const lines = (await server.readLog())
      .slice(before)
      .split('\n')
      .filter((line) => / kedge_(?:reader|writer) LOG: {2}statement/.test(line));
    const findingId = healed[0]?.action.findingId ?? '';
    const [finding] = await kedge.store.listFindings({});
    const folder = (finding?.finding.evidenceUri ?? '').replace('file://', '');
    const intent = (await readdir(folder)).find((name) => name.includes('action-intended')) ?? '';
    const publishedAt = (await stat(join(folder, intent))).mtimeMs;
    const writing = lines.filter((line) => line.includes(' kedge_writer '));
    const firstWrite = writing[0] ?? '';

    expect(healed.map(({ action }) => action.status)).toEqual(['CONVERGED']);
    expect(findingId).not.toBe('');
    expect(Date.parse(`${firstWrite.slice(0, 23).replace(' ', 'T')}Z`)).toBeGreaterThanOrEqual(Math.floor(publishedAt));
    expect(lines.findIndex((line) => line.includes(' kedge_writer '))).toBeGreaterThan(0);
    expect(
      lines.filter(
        (line) =>
          line.includes(' kedge_reader ') &&
          /\b(?:ALTER|GRANT|REVOKE|INSERT|UPDATE|DELETE|CREATE|DROP) (?:ROLE|DATABASE|TABLE|ON)\b/.test(line),
      ),
    ).toEqual([]);
  });

  it('EV-10: a write without a receipt does not compile', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kedge-types-'));
    const source = join(process.cwd(), 'src/ports/actuator.ts');
    const file = join(folder, 'no-receipt.ts');
    await writeFile(
      file,
      `import type { Actuator } from ${JSON.stringify(source)};\nexport const write = (actuator: Actuator, plan: Parameters<Actuator['act']>[0]) => actuator.act(plan, { log: 'x', index: 0, size: 1, root: '', entryId: '' }, new AbortController().signal);\n`,
    );
    let told = '';
    try {
      execFileSync(
        process.execPath,
        [
          'node_modules/typescript/bin/tsc',
          '--noEmit',
          '--ignoreConfig',
          '--strict',
          '--skipLibCheck',
          '--allowImportingTsExtensions',
          '--module',
          'nodenext',
          '--target',
          'es2024',
          '--types',
          'node',
          '--typeRoots',
          'node_modules/@types',
          file,
        ],
        { encoding: 'utf8', stdio: 'pipe' },
      );
    } catch (cause) {
      told = String((cause as { stdout?: unknown }).stdout);
    }
    await rm(folder, { recursive: true });

    expect(told).toMatch(/not assignable to parameter of type 'EvidenceReceipt'/);
  });

  it('EV-01: with the database gone, all ten questions are answered from the evidence store', async () => {
    const { place, kedge } = await scene({ server, declared: APP, mode: 'correct' });
    places.push(place);
    await server.sql('ALTER ROLE app CONNECTION LIMIT 5');
    const { healed } = await pass(kedge);
    await kedge.context.publisher.publish(new AbortController().signal);
    const findingId = healed[0]?.action.findingId ?? '';
    const known = tenAnswers(findingId, await readFindingEntries(kedge, findingId));
    await kedge.close();
    await rm(join(place.folder, '.kedge', 'pg'), { recursive: true });
    const shown = await place.kedge(['evidence', 'show', findingId, '-o', 'json']);

    expect(shown.code, shown.stderr).toBe(0);
    const { answers } = JSON.parse(shown.stdout) as { answers: { status: string; number: number }[] };
    expect(answers).toEqual(JSON.parse(JSON.stringify(known)));
    expect(answers.filter((answer) => answer.status === 'UNKNOWN').map((answer) => answer.number)).toEqual([6]);
  });

  it('EV-05: a check that cannot look leaves CHECK_UNKNOWN with its failure, and closes nothing', async () => {
    const { place, kedge, declare } = await scene({ server, declared: APP });
    places.push(place);
    await server.sql('ALTER ROLE app CONNECTION LIMIT 5');
    await check(kedge);
    await declare({ server: { host: '127.0.0.1', port: 1 } });
    await check(kedge);
    const entries = await kedge.store.entries.listEntries({ kind: 'UNIT', id: UNIT });
    const last = entries.at(-1);
    const [finding] = await kedge.store.listFindings({});

    expect(last?.type).toBe('CHECK_UNKNOWN');
    const statement = JSON.parse(new TextDecoder().decode(last?.statement)) as {
      predicate: { artifacts: { role: string }[] };
    };
    expect(statement.predicate.artifacts.map((each) => each.role)).toEqual(['FAILURE']);
    const failure = new TextDecoder().decode(await kedge.store.entries.readArtifact(last?.artifacts[0] ?? 'sha256:'));
    expect(JSON.parse(failure)).toMatchObject({ phase: 'observe', reasons: ['UNREACHABLE'], identity: 'kedge_reader' });
    expect(finding?.finding.state).toBe('CLASSIFIED');
  });

  it('EV-34: a signing key that others can read, that is gone or broken refuses the start', async () => {
    const place = await installation();
    places.push(place);
    await writeDatabaseUnit(place, { server, declared: APP });
    await check(await place.open());
    const folder = join(place.folder, '.kedge', 'keys');
    const [name = ''] = (await readdir(folder)).filter((each) => each.includes('signing'));
    const key = await readFile(join(folder, name), 'utf8');

    await chmod(join(folder, name), 0o644);
    const readable = await place.kedge(['check']);
    await chmod(join(folder, name), 0o600);
    await writeFile(join(folder, name), key.slice(0, 60));
    const broken = await place.kedge(['check']);

    expect([readable.code, readable.stderr]).toEqual([1, expect.stringContaining('KEY_UNUSABLE')]);
    expect([broken.code, broken.stderr]).toEqual([1, expect.stringContaining('KEY_UNUSABLE')]);
  });

  it('EV-13: on a full disk nothing is acknowledged, reads go on, and work resumes without a restart', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'kedge-full-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=160m,mode=755', 'none', folder], { stdio: 'pipe' });
    } catch {
      await rm(folder, { recursive: true });
      context.skip('needs the right to mount a file system of 160 MiB');
    }
    try {
      const { place, kedge } = await scene({ server, declared: APP });
      places.push(place);
      const full = await place.open({ ephemeralFolder: folder });
      await check(full);
      const filler = join(folder, 'filler');
      execFileSync('sh', ['-c', `dd if=/dev/zero of=${filler} bs=1M 2>/dev/null || true`]);
      const before = await full.store.findUnit(UNIT);
      await server.sql('ALTER ROLE app CONNECTION LIMIT 6');
      const big = 'x'.repeat(200_000);
      let refused = 0;
      for (let at = 0; at < 200 && refused === 0; at += 1)
        await full.store
          .write((transaction) =>
            transaction.enqueueMessage({ receiver: 'none', kind: 'finding', findingId: undefined, body: { big } }),
          )
          .catch(() => {
            refused += 1;
          });
      const readable = await full.store.findUnit(UNIT);
      await rm(filler);
      const after = await check(full);
      await full.close();
      await kedge.close();

      expect(refused).toBe(1);
      expect(readable).toEqual(before);
      expect(after.check.result).toBe('DRIFT_DETECTED');
    } finally {
      execFileSync('umount', ['-l', folder]);
      await rm(folder, { recursive: true, force: true });
    }
  });
});
