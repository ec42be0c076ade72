import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClone, readText, removeFolder, run, start } from '../support/clone.ts';

const SABOTAGE = [
  {
    what: 'the heal does nothing',
    file: 'src/cli/demo/healed.ts',
    from: 'pass.healed.length === 1,',
    to: 'pass.healed.length === 1 && (await server.sql("administrator", "ALTER ROLE app CONNECTION LIMIT 200")).length === 0,',
    names: /step 4 .*the server says 20 connections/s,
  },
  {
    what: 'no look verifies',
    file: 'src/engine/verification.ts',
    from: "if (state === 'RESOLVED') return",
    to: "if (state === 'CLASSIFIED') return",
    names: /step 4 .*a new observation verified it/s,
  },
  {
    what: 'the second approver is off',
    file: 'src/cli/demo/approved.ts',
    from: "simulated('bob')",
    to: "simulated('alice')",
    names: /step 5 .*bob \(simulated\) approves/s,
  },
  {
    what: 'no byte is flipped',
    file: 'src/cli/demo/proven.ts',
    from: '?? 0) ^ 1',
    to: '?? 0) ^ 0',
    names: /step 7 .*one byte of a copy flipped/s,
  },
] as const;

/** What a demonstration that ended must not leave behind. */
function leftOver(folder: string): readonly string[] {
  const servers = execFileSync('ps', ['-eo', 'args'])
    .toString()
    .split('\n')
    .filter((line) => line.includes(folder));
  return [...readdirSync(folder), ...servers];
}

describe('the demonstration asserts what it claims', () => {
  let clone: string;
  let temporary: string;

  beforeAll(async () => {
    clone = await makeClone({ dependencies: true });
    temporary = await mkdtemp(join(tmpdir(), 'kedge-sabotage-'));
    execFileSync('chmod', ['755', temporary]);
  });

  afterAll(async () => {
    await removeFolder(clone);
    await removeFolder(temporary);
  });

  it.each(SABOTAGE)('UI-04: $what: code 1, the step named, nothing left over', async ({ file, from, to, names }) => {
    const original = await readText(clone, file);
    expect(original).toContain(from);
    await writeFile(join(clone, file), original.replaceAll(from, to));
    try {
      const { code, output } = await run(process.execPath, ['bin/kedge.js', 'demo'], {
        cwd: clone,
        env: { TMPDIR: temporary },
      });
      expect(output).toMatch(names);
      expect(output).toContain('DEMO_FAILED');
      expect(code).toBe(1);
      expect(leftOver(temporary)).toEqual([]);
    } finally {
      await writeFile(join(clone, file), original);
    }
  });

  it('UI-04: interrupted in step 4: code 130, nothing left over', async () => {
    const demo = start(process.execPath, ['bin/kedge.js', 'demo'], { cwd: clone, env: { TMPDIR: temporary } });
    const deadline = Date.now() + 60_000;
    while (!demo.output().includes('\n4. ')) {
      if (Date.now() > deadline) throw new Error(`step 4 was not reached: ${demo.output()}`);
      await new Promise((done) => setTimeout(done, 20));
    }
    demo.child.kill('SIGINT');
    const { code, output } = await demo.ended;
    expect({ code, output: output.slice(-500) }).toMatchObject({ code: 130 });
    expect(output).not.toContain('steps held');
    expect(leftOver(temporary)).toEqual([]);
  });
});
