import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolder, run, start } from '../support/clone.ts';
import { KEDGE_ROLES, dbops, installation, writeDatabaseUnit } from '../support/installation.ts';
import { startServer, type TestServer } from '../support/postgres.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

const USERS = [
  { who: 'root', uid: undefined, skip: isRoot ? undefined : 'this run is not root' },
  { who: 'a user', uid: isRoot ? NOBODY : undefined, skip: undefined },
] as const;

describe('the packed tarball, installed without running scripts', () => {
  let folder: string;
  let kedge: string;
  let node: string;
  let server: TestServer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kedge-tarball-'));
    await chmod(folder, 0o755);
    await mkdir(join(folder, 'install'), { mode: 0o755 });
    await writeFile(join(folder, 'install', 'package.json'), '{"private":true}\n');
    const packed = await run('npm', ['pack', '--pack-destination', folder], { cwd: ROOT });
    expect(packed.code, packed.output).toBe(0);
    const [tarball = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
    const words = ['install', '--ignore-scripts', '--no-audit', '--no-fund', join(folder, tarball)];
    const installed = await run('npm', words, { cwd: join(folder, 'install') });
    expect(installed.code, installed.output).toBe(0);
    execFileSync('chmod', ['-R', 'a+rX', join(folder, 'install')]);
    node = join(folder, 'node');
    await copyFile(process.execPath, node);
    await chmod(node, 0o755);
    kedge = join(folder, 'install', 'node_modules', 'kedge', 'bin', 'kedge.js');
    server = await startServer();
    await server.sql(KEDGE_ROLES);
    await server.sql('CREATE ROLE app LOGIN CONNECTION LIMIT 20');
  });

  afterAll(async () => {
    await server.stop();
    await removeFolder(folder);
  });

  it.each(USERS)('UI-64: `kedge demo`, `kedge check` and `kedge serve` work as $who', async ({ who, uid, skip }) => {
    if (skip !== undefined) {
      process.stdout.write(`not run: the tarball as ${who}: ${skip}\n`);
      return;
    }
    const place = await installation();
    try {
      await writeDatabaseUnit(place, {
        server,
        declared: dbops('DatabaseUser', 'app', 'username: app\npostgres: {connectionLimit: 20}'),
      });
      if (uid !== undefined) execFileSync('chown', ['-R', `${uid}:${uid}`, place.folder]);
      const options = { cwd: place.folder, env: { HOME: place.folder }, ...(uid === undefined ? {} : { uid }) };

      const demo = await run(node, [kedge, 'demo', '-q'], options);
      expect(demo.output).toContain('All 7 steps held.');
      expect(demo.code).toBe(0);

      const check = await run(node, [kedge, 'check', '-q'], options);
      expect(check.output).toContain('1 in sync');
      expect(check.code).toBe(0);

      const serve = start(node, [kedge, 'serve', '--listen', '127.0.0.1:0'], options);
      const deadline = Date.now() + 60_000;
      while (!/listening|ready/i.test(serve.output())) {
        if (Date.now() > deadline) throw new Error(`kedge serve does not come up: ${serve.output()}`);
        await new Promise((done) => setTimeout(done, 50));
      }
      serve.child.kill('SIGTERM');
      const { code, output } = await serve.ended;
      expect({ code, output }).toMatchObject({ code: 0 });
    } finally {
      await place.remove();
    }
  });
});
