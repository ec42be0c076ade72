import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfiguration, type Configuration, type ConfigurationInput } from './configuration.ts';

let root = '';

async function configure(spec: string): Promise<void> {
  await writeFile(join(root, 'kedge.yaml'), `apiVersion: kedge.dev/v1alpha1\nkind: KedgeConfig\nspec:\n${spec}`);
}

async function read(
  environment: ConfigurationInput['environment'] = {},
  more: Partial<ConfigurationInput> = {},
): Promise<Configuration> {
  return await readConfiguration({ workingDirectory: root, environment, ...more });
}

describe('the configuration', () => {
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kedge-configuration-'));
  });
  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  it('UI-25: takes a flag before the environment, that before the file, that before the default, and says which', async () => {
    await configure('  log: {level: warn}\n');
    const key = 'log.level';
    const told = (configuration: Configuration): readonly unknown[] => [
      configuration.spec.log.level,
      configuration.origins.get(key),
    ];

    expect(told(await read({ KEDGE_LOG_LEVEL: 'error' }, { flags: { [key]: 'debug' } }))).toEqual(['debug', 'flag']);
    expect(told(await read({ KEDGE_LOG_LEVEL: 'error' }))).toEqual(['error', 'environment']);
    expect(told(await read())).toEqual(['warn', 'file']);
    await configure('  metrics: {perUnit: false}\n');
    expect(told(await read())).toEqual(['info', 'default']);
  });

  it('reads durations, numbers, lists and booleans of the environment as the file would, and refuses a boolean that is none', async () => {
    const { spec, diagnostics } = await read({
      KEDGE_POLICY_FLAP_WINDOW: '2h',
      KEDGE_WORKER_CONCURRENCY: '8',
      KEDGE_CREDENTIALS_ENV: 'A, B',
      KEDGE_ACCESS_LOCAL_APPROVALS: 'TRUE',
    });
    const bad = await read({ KEDGE_ACCESS_LOCAL_APPROVALS: 'yes' });

    expect(diagnostics).toEqual([]);
    expect([spec.policy.flapWindow, spec.worker.concurrency, spec.credentials.env, spec.access.localApprovals]).toEqual(
      [7_200_000, 8, ['A', 'B'], true],
    );
    expect(bad.diagnostics.map((each) => [each.code, each.level, each.pointer])).toEqual([
      ['CONFIG_INVALID_VALUE', 'error', '/spec/access/localApprovals'],
    ]);
  });

  it('finds kedge.yaml upwards, not beyond the root of the repository', async () => {
    await configure('  log: {level: warn}\n');
    const below = join(root, 'a', 'b');
    await mkdir(below, { recursive: true });

    expect((await read({}, { workingDirectory: below })).root).toBe(root);
    await mkdir(join(root, 'a', '.git'));
    expect((await read({}, { workingDirectory: below })).file).toBeUndefined();
  });

  it('UI-26: warns of a misspelt variable with the nearest one', async () => {
    const { diagnostics } = await read({
      KEDGE_METRICS_LISTN: '127.0.0.1:1',
      KEDGE_SERVER_LISTN: '127.0.0.1:2',
      HOME: '/',
    });

    expect(diagnostics.map((each) => [each.code, each.level, each.suggestion !== undefined])).toEqual([
      ['CONFIG_UNKNOWN_VARIABLE', 'warning', true],
      ['CONFIG_UNKNOWN_VARIABLE', 'warning', true],
    ]);
    expect(diagnostics[0]?.suggestion).toBe('KEDGE_METRICS_LISTEN');
    expect(diagnostics[1]?.message).toContain('KEDGE_SERVER_LISTN');
  });

  it('UI-26: refuses a literal secret in the file at its place, without printing it', async () => {
    await configure(
      '  store:\n    url: postgres://kedge:hunter2@db/kedge\n  evidence:\n    signingKey: "-----BEGIN hunter2"\n',
    );

    const { diagnostics } = await read();

    expect(diagnostics.map((each) => [each.code, each.level, each.location?.line, each.location?.column])).toEqual([
      ['SECRET_LITERAL', 'error', 5, 10],
      ['SECRET_LITERAL', 'error', 7, 17],
    ]);
    expect(JSON.stringify(diagnostics)).not.toContain('hunter2');
  });

  it('takes a secret of the environment, or of the file a variable names, by reference alone', async () => {
    await writeFile(join(root, 'url'), 'postgres://db/kedge\n');
    const direct = await read({ KEDGE_EVIDENCE_SIGNING_KEY: 'hunter2', KEDGE_EVIDENCE_REDACTION_KEY_FILE: '/run/key' });
    const file = await read({ KEDGE_STORE_URL_FILE: join(root, 'url') });

    expect(direct.diagnostics).toEqual([]);
    expect(direct.spec.evidence).toMatchObject({
      signingKey: { env: 'KEDGE_EVIDENCE_SIGNING_KEY' },
      redactionKey: { file: '/run/key' },
    });
    expect(JSON.stringify(direct.spec)).not.toContain('hunter2');
    expect(file.storeUrl).toBe('postgres://db/kedge');
  });

  it('refuses an unknown key with its place and the nearest key', async () => {
    await configure('  metrics: {lisen: x}\n');

    const { diagnostics } = await read();

    expect(diagnostics.map((each) => [each.code, each.location?.line, each.suggestion])).toEqual([
      ['CONFIG_UNKNOWN_KEY', 4, 'listen'],
    ]);
  });
});
