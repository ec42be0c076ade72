import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClone, removeFolder, run, start } from '../support/clone.ts';
import { KEDGE_ROLES, dbops, installation, writeDatabaseUnit } from '../support/installation.ts';
import { startServer, type TestServer } from '../support/postgres.ts';

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

const USERS = [
  { who: 'root', uid: undefined, skip: isRoot ? undefined : 'this run is not root' },
  { who: 'a user', uid: isRoot ? NOBODY : undefined, skip: undefined },
] as const;

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return port;
}

async function isReady(port: number): Promise<boolean> {
  return await fetch(`http://127.0.0.1:${port}/readyz`).then(
    ({ status }) => status === 200,
    () => false,
  );
}

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
    const clone = await makeClone({ dependencies: true });
    for (const words of [
      ['run', 'build'],
      ['pack', '--pack-destination', folder],
    ]) {
      const { code, output } = await run('npm', words, { cwd: clone });
      expect(code, output).toBe(0);
    }
    await removeFolder(clone);
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
      const port = await freePort();
      await writeDatabaseUnit(place, {
        server,
        configuration: `  metrics: {listen: "127.0.0.1:${port}"}\n`,
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

      const serve = start(node, [kedge, 'serve'], options);
      const deadline = Date.now() + 60_000;
      while (!(await isReady(port))) {
        if (Date.now() > deadline || serve.child.exitCode !== null)
          throw new Error(`kedge serve does not come up: ${serve.output()}`);
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
