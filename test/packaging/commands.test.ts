import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClone, readText, removeFolder, run } from '../support/clone.ts';

/** A registry nobody answers on, and a cache nothing is in: what a machine without network has. */
const OFFLINE = {
  npm_config_registry: 'http://127.0.0.1:9/',
  npm_config_cache: '/nonexistent',
  npm_config_fetch_retries: '0',
};

/** Where a Node of another major may stand on this machine: the first on the path that is not the running one. */
function systemNode(): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(':')
    .map((folder) => join(folder, 'node'))
    .find(
      (path) =>
        existsSync(path) && Number(execFileSync(path, ['-p', 'process.versions.node.split(".")[0]']).toString()) < 24,
    );
}

describe('the two commands, in a fresh clone', () => {
  let clone: string;

  beforeAll(async () => {
    clone = await makeClone({ dependencies: false });
  });

  afterAll(async () => {
    await removeFolder(clone);
  });

  it('UI-01, UI-02: `npm run demo` installs and walks the seven steps, on an older Node too; again without network', async (context) => {
    const older = systemNode();
    const env = older === undefined ? {} : { PATH: `${join(older, '..')}:${process.env['PATH'] ?? ''}` };
    expect(existsSync(join(clone, 'node_modules'))).toBe(false);
    const first = await run('npm', ['run', 'demo'], { cwd: clone, env, milliseconds: 500_000 });
    expect(first.output).toContain('All 7 steps held.');
    for (let step = 1; step <= 7; step += 1) expect(first.output).toContain(`\n${step}. `);
    expect(first.code).toBe(0);

    const again = await run('npm', ['run', 'demo'], { cwd: clone, env: { ...env, ...OFFLINE } });
    expect(again.output).toContain('All 7 steps held.');
    expect(again.code).toBe(0);

    if (older === undefined) context.skip('the part with an older Node: there is none on the path');
    expect(first.output).toMatch(/older than 24: taking node-\S+@24\.\S+ from npm into \.tools\/node/);
    expect(existsSync(join(clone, '.tools', 'node', 'node_modules'))).toBe(true);
  });

  it('UI-02: on Node 16 `kedge` prints one working command, and ends with 1', async () => {
    const main = await readText(clone, 'bin', 'kedge.js');
    const old = main
      .replace('process.versions.node.split', '"16.20.2".split')
      .replace('process.version}', '"v16.20.2"}');
    expect(old).not.toBe(main);
    const without = await mkdtemp(join(tmpdir(), 'kedge-no-node-'));
    await mkdir(join(without, 'bin'));
    await writeFile(join(without, 'bin', 'old.mjs'), old);
    const words = ['check', '-q', '--reason', "it's late"];
    const { code, output } = await run(process.execPath, ['bin/old.mjs', ...words], { cwd: without });
    await rm(without, { recursive: true });
    expect(output).toBe(
      "kedge needs Node 24 or newer; this is v16.20.2. This works: npx -y -p node@24 -p kedge kedge check -q --reason 'it'\\''s late'\n",
    );
    expect(code).toBe(1);
  });

  it('UI-03: what is not there is named with its reason, and fails a run that requires it', async () => {
    await mkdir(join(clone, 'tools'), { recursive: true });
    const probe = `import { absent } from './stages.mjs';
      process.exitCode = absent([{ name: 'browser', suite: 'dashboard', how: 'npm run browser' }]) ? 0 : 1;`;
    await writeFile(join(clone, 'tools', 'probe.mjs'), probe);
    const outcomes = [];
    for (const required of ['', 'postgres', 'browser', 'all']) {
      const { code, output } = await run(process.execPath, ['tools/probe.mjs'], {
        cwd: clone,
        env: { KEDGE_TEST_REQUIRE: required },
      });
      expect(output).toBe('not run: dashboard needs browser (npm run browser)\n');
      outcomes.push([required, code]);
    }
    expect(outcomes).toEqual([
      ['', 0],
      ['postgres', 0],
      ['browser', 1],
      ['all', 1],
    ]);
    expect(await readText(clone, 'tools', 'test.mjs')).toContain("suite: 'dashboard'");
  });
});
