import { spawn } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ADAPTERS } from '../../src/app/adapters.ts';
import { configurationKeys } from '../../src/app/configuration.ts';
import { COMMANDS } from '../../src/cli/command-table.ts';
import { TERMS } from '../../src/cli/terms.ts';
import { GATE_CODES } from '../../src/core/model/gate.ts';
import { prepareServer, scene, type Scene } from '../support/database-scene.ts';
import { check, dbops, pass, UNIT } from '../support/installation.ts';
import { startServer, type TestServer } from '../support/postgres.ts';

const APP = dbops('DatabaseUser', 'app', 'username: app\npostgres: {connectionLimit: 20}');
const CANARY = 'canary-7f3a9b"\\x/päss';

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

describe('what leaves the command line', () => {
  let server: TestServer;
  const scenes: Scene[] = [];

  beforeAll(async () => {
    server = await startServer();
    await prepareServer(server);
    await server.sql('CREATE ROLE app LOGIN CONNECTION LIMIT 20; CREATE ROLE reporting');
  });

  afterEach(async () => {
    for (const each of scenes.splice(0)) await each.place.remove();
    await server.sql('ALTER ROLE app CONNECTION LIMIT 20; ALTER ROLE reporting NOSUPERUSER');
  });

  afterAll(async () => {
    await server.stop();
  });

  async function begin(...given: Parameters<typeof scene>): Promise<Scene> {
    const made = await scene(...given);
    scenes.push(made);
    return made;
  }

  it('UI-09, EV-60: names that are commands to a terminal, a page or a sheet are shown and not obeyed', async () => {
    const names = [
      'red\u001B[31m',
      'rtl\u202Etxt',
      '::error::x',
      '<script>alert(1)</script>',
      '@team',
      '=cmd()',
      'line\nbreak',
      '`tick`|pipe',
    ];
    const { place } = await begin({ server, declared: APP });
    for (const name of names) await server.sql(`CREATE ROLE ${pg.escapeIdentifier(name)} SUPERUSER LOGIN`);
    const outputs = new Map<string, string>();
    for (const format of ['table', 'json', 'yaml', 'markdown', 'csv', 'sarif', 'junit'])
      outputs.set(
        format,
        (await place.kedge(['check', UNIT, '-o', format], { environment: { GITHUB_ACTIONS: 'true' } })).stdout,
      );
    for (const name of names) await server.sql(`DROP ROLE ${pg.escapeIdentifier(name)}`);

    for (const [format, text] of outputs) {
      expect(text, format).not.toMatch(/\u001B|\u202E/);
      expect(text, format).not.toMatch(/^::error/m);
    }
    const markdown = outputs.get('markdown') ?? '';
    expect(markdown).not.toContain('<script>');
    expect(markdown).not.toMatch(/(?<!\\|`)@team/);
    expect(outputs.get('csv')).not.toMatch(/(?:^|,)"?[=+@]/m);
    expect(outputs.get('junit')).not.toContain('<script>');
    expect(outputs.get('table')).toContain('⟨U+001B⟩');
  });

  it('UI-51, EV-38: a canary in every credential is in no output, report, log, file, table or metric', async () => {
    await server.sql(
      `CREATE ROLE canary_reader LOGIN PASSWORD ${pg.escapeLiteral(CANARY)}; CREATE ROLE canary_writer LOGIN SUPERUSER PASSWORD ${pg.escapeLiteral(CANARY)}`,
    );
    const made = await begin({ server, declared: APP, mode: 'correct' }, { baseline: false });
    const { place } = made;
    await writeFile(join(place.folder, 'secret'), `${CANARY}\n`, { mode: 0o600 });
    const unit = await readFile(join(place.folder, 'kedge/units/payments-db.yaml'), 'utf8');
    await place.write(
      'kedge/units/payments-db.yaml',
      unit
        .replace('{username: kedge_reader}', '{username: canary_reader, password: {file: secret}}')
        .replace('{username: kedge_writer}', '{username: canary_writer, password: {env: CANARY}}'),
    );
    const environment = { CANARY };
    const outputs: string[] = [];
    const run = async (...words: readonly string[]): Promise<void> => {
      const ran = await place.kedge([...words, '-v', '-v'], { environment });
      outputs.push(ran.stdout, ran.stderr);
    };
    await run('check');
    await server.sql('ALTER ROLE app CONNECTION LIMIT 5');
    for (const format of ['table', 'json', 'yaml', 'markdown', 'csv', 'sarif', 'junit'])
      await run('check', '-o', format, '--report', `json=${format}.json`);
    const opened = await place.open({ environment });
    await pass(opened);
    const [finding] = await opened.store.listFindings({});
    const id = finding?.finding.findingId ?? '';
    for (const words of [
      ['explain', id],
      ['findings', 'show', id],
      ['evidence', 'show', id],
      ['evidence', 'export', id, '-o', 'e.tar'],
      ['units', 'show', UNIT],
      ['units', 'doctor', UNIT],
      ['doctor'],
      ['config', 'show', '--origin'],
      ['lint'],
      ['db', 'grants', UNIT, '--role', 'actuator'],
    ])
      await run(...words);
    // A wrong password is where servers and drivers like to repeat what they were given.
    await writeFile(join(place.folder, 'secret'), `${CANARY}-wrong\n`);
    await run('check');
    await server.sql('ALTER ROLE app CONNECTION LIMIT 20');
    const tables = (await server.sql('SELECT 1')).rowCount;
    const dump = await opened.store.listChecks(UNIT, 100);
    const texts = [
      ...outputs,
      JSON.stringify(dump),
      ...(await Promise.all(
        (await filesBelow(place.folder))
          .filter((file) => !file.endsWith('/secret'))
          .map(async (file) => (await readFile(file)).toString('latin1')),
      )),
    ];
    await server.sql('DROP ROLE canary_reader; DROP ROLE canary_writer');

    expect(tables).toBe(1);
    expect(outputs.length).toBeGreaterThan(30);
    const forms = [
      CANARY,
      JSON.stringify(CANARY).slice(1, -1),
      encodeURIComponent(CANARY),
      Buffer.from(CANARY).toString('base64').slice(0, 24),
      Buffer.from(CANARY).toString('hex'),
      Buffer.from(CANARY).toString('latin1'),
    ];
    for (const form of forms)
      expect(
        texts.filter((text) => text.includes(form)).map((text) => text.slice(0, 300)),
        form,
      ).toEqual([]);
  }, 120_000);

  it('UI-21: shows the seven parts of the contract, and refuses in local mode what needs approval', async () => {
    const { place, kedge } = await begin({
      server,
      declared: dbops('DatabaseRole', 'reporting', 'roleName: reporting\npostgres: {superuser: false}'),
    });
    const shown = await place.kedge(['units', 'show', UNIT]);
    for (const part of [
      'owner',
      'source of truth',
      'observation method',
      'diff method',
      'decision policy',
      'action',
      'evidence',
    ])
      expect(shown.stdout).toContain(part);
    await place.write(
      'kedge.yaml',
      'apiVersion: kedge.dev/v1alpha1\nkind: KedgeConfig\nmetadata: {name: kedge}\nspec: {}\n',
    );
    await server.sql('ALTER ROLE reporting SUPERUSER');
    await check(kedge);
    const [finding] = await kedge.store.listFindings({});
    const before = (await server.readLog()).length;
    const asked = await place.kedge(['reconcile', finding?.finding.findingId ?? '', '--reason', 'declared']);
    const listed = await place.kedge(['approvals', 'list', '-o', 'json']);
    const [approval] = JSON.parse(listed.stdout) as { approvalId: string; digest: string }[];
    const refused = await place.kedge(
      ['approvals', 'approve', approval?.approvalId ?? '', '--digest', approval?.digest ?? '', '--reason', 'x'],
      { environment: { SUDO_USER: 'bob' } },
    );

    expect([asked.code, asked.stdout + asked.stderr]).toEqual([1, expect.stringContaining('APPROVAL')]);
    expect([refused.code, refused.stderr + refused.stdout]).toEqual([1, expect.stringContaining('APPROVAL')]);
    expect((await server.readLog()).slice(before)).not.toMatch(/NOSUPERUSER/);
  });

  it('UI-72: with local approvals, the requester is refused, one other user is not enough, two are, and evidence calls them local', async () => {
    const { place, kedge } = await begin({
      server,
      declared: dbops('DatabaseRole', 'reporting', 'roleName: reporting\npostgres: {superuser: false}'),
    });
    await server.sql('ALTER ROLE reporting SUPERUSER');
    await check(kedge);
    const [finding] = await kedge.store.listFindings({});
    const id = finding?.finding.findingId ?? '';
    const as = (name: string) => ({ environment: { SUDO_USER: name } });
    await place.kedge(['reconcile', id, '--reason', 'declared'], as('carol'));
    const [approval] = JSON.parse((await place.kedge(['approvals', 'list', '-o', 'json'])).stdout) as {
      approvalId: string;
      digest: string;
    }[];
    const vote = (name: string) =>
      place.kedge(
        ['approvals', 'approve', approval?.approvalId ?? '', '--digest', approval?.digest ?? '', '--reason', 'looked'],
        as(name),
      );

    const own = await vote('carol');
    const first = await vote('alice');
    const early = await place.kedge(['reconcile', id, '--reason', 'now'], as('carol'));
    const second = await vote('bob');
    const done = await place.kedge(['reconcile', id, '--reason', 'now'], as('carol'));
    const evidence = await kedge.store.entries.listEntries({ kind: 'FINDING', id });
    const given = evidence
      .filter((entry) => entry.type === 'APPROVAL_GIVEN')
      .map(
        (entry) => JSON.parse(new TextDecoder().decode(entry.statement)) as { predicate: { actor: { kind: string } } },
      );

    expect([own.code, own.stderr + own.stdout]).toEqual([1, expect.stringContaining('SEPARATION_OF_DUTIES')]);
    expect([first.code, first.stdout + first.stderr]).toEqual([0, expect.anything()]);
    expect(early.stdout + early.stderr).not.toContain('CONVERGED');
    expect(second.code).toBe(0);
    expect([done.code, done.stdout]).toEqual([0, expect.stringContaining('CONVERGED')]);
    expect(given.map((each) => each.predicate.actor.kind)).toEqual(['LOCAL', 'LOCAL']);
  }, 60_000);

  it('UI-68: help, completion and reference hold every command and flag, config show every key, explain every code', async () => {
    const { place } = await begin({ server, declared: APP }, { baseline: false });
    const reference = await readFile(resolve('docs/reference/command-line.md'), 'utf8');
    const bash = (await place.kedge(['completion', 'bash'])).stdout;
    for (const command of COMMANDS) {
      expect(reference).toContain(`kedge ${command.path.join(' ')}`);
      for (const word of command.path) expect(bash).toContain(word);
      for (const option of command.options) expect(reference).toContain(option.flags.replaceAll('|', '\\|'));
    }
    const group = await Promise.all(['check', 'evidence', 'serve'].map((word) => place.kedge([word, '--help'])));
    expect(group.every((ran) => ran.code === 0 && ran.stdout.includes('Usage: kedge'))).toBe(true);
    const shown = (await place.kedge(['config', 'show', '--origin'])).stdout;
    for (const key of configurationKeys().keys()) expect(shown).toContain(key);
    for (const code of [...GATE_CODES, ...ADAPTERS.flatMap((adapter) => adapter.gates.map((gate) => gate.code))])
      expect(Object.hasOwn(TERMS, code), code).toBe(true);
    expect((await place.kedge(['explain', 'MASS_DRIFT'])).code).toBe(0);
    expect((await place.kedge(['explain', 'MASS_DRFT'])).stderr).toContain('MASS_DRIFT');
  }, 60_000);

  it('UI-69: lint, doctor and units doctor end with their own codes and write nothing', async () => {
    const { place } = await begin({ server, declared: APP });
    const before = (await server.readLog()).length;
    const good = await place.kedge(['lint']);
    const doctor = await place.kedge(['doctor']);
    const unit = await place.kedge(['units', 'doctor', UNIT]);
    await server.sql('ALTER ROLE kedge_reader SUPERUSER');
    const over = await place.kedge(['units', 'doctor', UNIT]);
    await server.sql('ALTER ROLE kedge_reader NOSUPERUSER');
    await place.write(
      'kedge/rules/bad.yaml',
      'apiVersion: kedge.dev/v1alpha1\nkind: IgnoreRule\nmetadata: {name: x}\nspec: {}\n',
    );
    const nowhere = await place.kedge(['lint', 'nowhere.yaml']);
    expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringContaining('cannot check nowhere.yaml')]);
    const bad = await place.kedge(['lint']);
    await rm(join(place.folder, 'kedge/rules/bad.yaml'));
    const unitFile = 'kedge/units/payments-db.yaml';
    const unitText = await readFile(join(place.folder, unitFile), 'utf8');
    await place.write(unitFile, unitText.replace('kedge/databases', 'kedge/databasess'));
    const typo = await place.kedge(['lint']);
    expect([typo.code, typo.stderr]).toEqual([0, expect.stringContaining('payments-db names no server')]);
    expect((await place.kedge(['lint', '--strict'])).code).toBe(1);
    const log = (await server.readLog())
      .slice(before)
      .split('\n')
      .filter((line) => !/ROLE kedge_reader/.test(line));

    expect([good.code, bad.code]).toEqual([0, 1]);
    expect([0, 2, 3]).toContain(doctor.code);
    expect([0, 2, 3]).toContain(unit.code);
    expect([over.code, over.stdout]).toEqual([2, expect.stringContaining('OVERPRIVILEGED')]);
    expect(
      log.filter(
        (line) =>
          /statement:.*\b(?:CREATE|ALTER|GRANT|REVOKE|INSERT|UPDATE|DELETE|DROP)\b(?! *ON)/.test(line) &&
          !/SELECT/.test(line),
      ),
    ).toEqual([]);
  }, 60_000);

  it('EV-31: verify opens no socket and no file but its arguments', async () => {
    const { place, kedge } = await begin({ server, declared: APP, mode: 'correct' });
    await server.sql('ALTER ROLE app CONNECTION LIMIT 5');
    const { healed } = await pass(kedge);
    const id = healed[0]?.action.findingId ?? '';
    const exported = await place.kedge(['evidence', 'export', id, '-o', 'one.tar']);
    await place.kedge(['evidence', 'export', id, '-o', 'two.tar']);
    await writeFile(join(place.folder, 'vkey.txt'), (await place.kedge(['evidence', 'keys'])).stdout);
    const [one, two] = await Promise.all(['one.tar', 'two.tar'].map((name) => readFile(join(place.folder, name))));
    const source = resolve('.');
    // The runtime's own permission model is the tracer: whatever else is opened or reached is an error.
    const child = spawn(
      process.execPath,
      [
        '--permission',
        `--allow-fs-read=${source}/*`,
        `--allow-fs-read=${join(place.folder, 'one.tar')}`,
        `--allow-fs-read=${join(place.folder, 'vkey.txt')}`,
        resolve('src/cli/main.ts'),
        'evidence',
        'verify',
        join(place.folder, 'one.tar'),
        '--trust',
        join(place.folder, 'vkey.txt'),
      ],
      { cwd: source, env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1' } },
    );
    let told = '';
    child.stdout.on('data', (chunk: Buffer) => (told += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
    const code = await new Promise<number | null>((done) => child.once('close', done));

    expect(exported.code, exported.stderr).toBe(0);
    expect(Buffer.compare(one ?? Buffer.alloc(0), two ?? Buffer.alloc(1))).toBe(0);
    expect([code, told]).toEqual([0, expect.stringContaining('VERIFIED')]);
    expect(told).not.toContain('ERR_ACCESS_DENIED');
  }, 60_000);
});
