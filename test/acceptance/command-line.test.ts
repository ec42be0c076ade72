import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Kedge } from '../../src/app/kedge.ts';
import { prepareServer, scene, type Scene } from '../support/database-scene.ts';
import { check, dbops, installation, UNIT, type Installation, type Ran } from '../support/installation.ts';
import { startServer, type TestServer } from '../support/postgres.ts';

const APP = dbops('DatabaseUser', 'app', 'username: app\npostgres: {connectionLimit: 20}');
const ROLE = dbops('DatabaseRole', 'reporting', 'roleName: reporting\npostgres: {superuser: false}');

interface Report {
  readonly exitCode: number;
  readonly summary: Readonly<Record<string, unknown>>;
  readonly results: readonly {
    readonly unit: string;
    readonly result: string;
    readonly partial: boolean;
    readonly reasons: readonly string[];
    readonly asOf: string;
  }[];
  readonly findings: readonly { readonly findingId: string; readonly risk: string; readonly knownUntil?: string }[];
}

describe('kedge check on the command line', () => {
  let server: TestServer;
  let made: Scene;
  let place: Installation;
  let kedge: Kedge;

  beforeAll(async () => {
    server = await startServer();
    await prepareServer(server);
    await server.sql('CREATE ROLE app LOGIN CONNECTION LIMIT 20; CREATE ROLE reporting');
    await server.sql('CREATE DATABASE shop');
    made = await scene({ server, declared: APP + ROLE });
    ({ place, kedge } = made);
    // Two more units: one in sync, one that can never be seen.
    const unit = (name: string, folder: string): string => `apiVersion: kedge.dev/v1alpha1
kind: DriftManagedUnit
metadata: {name: ${name}}
spec:
  type: database-instance
  owner: payments
  environment: prod
  source: {path: kedge/${folder}}
  credentials: {username: kedge_reader}
`;
    const instance = (name: string, host: string, port: number): string =>
      `apiVersion: dbops.dbprovision.io/v1alpha1\nkind: DatabaseInstance\nmetadata: {name: ${name}}\nspec: {engine: postgres, connection: {host: ${host}, port: ${port}}}\n`;
    await place.write('kedge/units/more.yaml', `${unit('quiet-db', 'quiet')}---\n${unit('lost-db', 'lost')}`);
    await place.write('kedge/quiet/instance.yaml', instance('quiet-db', server.host, server.port));
    await place.write('kedge/lost/instance.yaml', instance('lost-db', '127.0.0.1', 1));
    await kedge.reload(new AbortController().signal);
  });

  beforeEach(async () => {
    await server.sql(
      'ALTER ROLE app CONNECTION LIMIT 20; ALTER ROLE reporting NOSUPERUSER; GRANT CONNECT ON DATABASE shop TO PUBLIC',
    );
    await check(kedge);
  });

  afterAll(async () => {
    await place.remove();
    await server.stop();
  });

  const report = (ran: Ran): Report => JSON.parse(ran.stdout) as Report;

  it('UI-05: ends with the code of the worst unit, and the JSON agrees', async () => {
    await server.sql('ALTER ROLE app CONNECTION LIMIT 5');
    for (const [units, code] of [
      [['quiet-db'], 0],
      [[UNIT], 2],
      [['lost-db'], 3],
      [['quiet-db', UNIT], 2],
      [['quiet-db', 'lost-db'], 3],
      [[UNIT, 'lost-db'], 2],
      [['quiet-db', UNIT, 'lost-db'], 2],
    ] as const) {
      const ran = await place.kedge(['check', ...units, '-o', 'json']);
      expect([ran.code, report(ran).exitCode], units.join(' ')).toEqual([code, code]);
      expect(report(ran).results).toHaveLength(units.length);
    }
  });

  it('UI-06: a selector that matches nothing is an error with the nearest names; allowed, it says 0 units in every format', async () => {
    const ran = await place.kedge(['check', 'payment-db']);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('NOTHING_SELECTED');
    expect(ran.stderr).toContain('payments-db');
    for (const format of ['table', 'json', 'yaml', 'markdown', 'csv', 'sarif', 'junit']) {
      const allowed = await place.kedge(['check', '--selector', 'owner=nobody', '--allow-empty', '-o', format]);
      expect(allowed.code, format).toBe(0);
      if (format === 'junit') expect(allowed.stdout).toMatch(/<testcase /);
      if (format !== 'json' && format !== 'yaml' && format !== 'sarif')
        expect(allowed.stdout, format).toContain('0 units');
    }
  });

  it('a finding that a look did not see stands, and says when it was seen; a reason alone is told once', async () => {
    await server.sql('ALTER ROLE app CONNECTION LIMIT 5');
    const seen = await place.kedge(['check', UNIT]);
    await server.sql('ALTER ROLE kedge_reader NOLOGIN');
    const blind = await place.kedge(['check', UNIT]);
    await server.sql('ALTER ROLE kedge_reader LOGIN');

    expect([seen.code, blind.code]).toEqual([2, 3]);
    expect(seen.stdout).toContain('user/app');
    expect(seen.stdout).not.toContain('not seen now');
    expect(blind.stdout).toMatch(/user\/app .* not seen now, last \d{4}-/);
    expect(blind.stdout.match(/not permitted to log in/g)).toHaveLength(1);
  });

  it('a group of commands alone lists them', async () => {
    const group = await place.kedge(['units']);
    const asked = await place.kedge(['help', 'units']);

    expect([group.code, asked.code]).toEqual([1, 0]);
    for (const text of [group.stderr, asked.stdout]) expect(text).toContain('doctor');
  });

  it('UI-07: when no unit can be seen, no format holds a pass', async () => {
    const ran = await Promise.all(
      ['table', 'json', 'markdown', 'sarif', 'junit', 'csv'].map((format) =>
        place.kedge(['check', 'lost-db', '-o', format]),
      ),
    );
    expect(ran.map((each) => each.code)).toEqual([3, 3, 3, 3, 3, 3]);
    const [table, json, markdown, sarif, junit] = ran.map((each) => each.stdout) as [
      string,
      string,
      string,
      string,
      string,
    ];
    expect(table).toContain('UNKNOWN');
    expect(table).not.toMatch(/IN SYNC/);
    expect((JSON.parse(json) as Report).results[0]?.result).toBe('UNKNOWN');
    expect(markdown).toMatch(/unknown/i);
    expect(
      (JSON.parse(sarif) as { runs: { invocations: { executionSuccessful: boolean }[] }[] }).runs[0]?.invocations[0]
        ?.executionSuccessful,
    ).toBe(false);
    expect(junit).toMatch(/<error /);
    expect(junit).not.toMatch(/failures="[1-9]/);
  });

  it('UI-08: what is unclassified always counts; --exit-zero says what it would be and changes no report', async () => {
    await server.sql('ALTER ROLE app CONNECTION LIMIT 5');
    const strict = await place.kedge(['check', UNIT, '--fail-on', 'CRITICAL', '-o', 'json']);
    const zero = await place.kedge(['check', UNIT, '--fail-on', 'CRITICAL', '--exit-zero', '-o', 'json']);

    expect(strict.code).toBe(2);
    expect(zero.code).toBe(0);
    expect(zero.stderr).toContain('it would be 2');
    expect(report(zero).findings.map((each) => each.findingId)).toEqual(
      report(strict).findings.map((each) => each.findingId),
    );
  });

  it('UI-10: words stay without colour; --color always wins over NO_COLOR and the pipe', async () => {
    const plain = await place.kedge(['check', 'quiet-db'], { environment: { NO_COLOR: '1' } });
    const dumb = await place.kedge(['check', 'quiet-db'], { environment: { NO_COLOR: '', TERM: 'dumb' } });
    const forced = await place.kedge(['check', 'quiet-db', '--color', 'always'], { environment: { NO_COLOR: '1' } });

    for (const ran of [plain, dumb]) {
      expect(ran.stdout).not.toContain('\u001B[');
      expect(ran.stdout).toContain('IN SYNC');
    }
    expect(forced.stdout).toContain('\u001B[');
  });

  it('UI-12: a bad document ends the command before anything is looked at; --keep-going checks the good units', async () => {
    const bad =
      'apiVersion: kedge.dev/v1alpha1\nkind: DriftManagedUnit\nmetadata: {name: bad-db}\nspec:\n  type: database-instance\n  ownr: payments\n  environment: prod\n';
    await place.write('kedge/units/bad.yaml', bad);
    const ended = await place.kedge(['check']);
    const json = await place.kedge(['lint', '-o', 'json']);
    const going = await place.kedge(['check', '--keep-going', '-o', 'json', 'quiet-db', 'bad-db'].slice(0, 4));
    const { rm } = await import('node:fs/promises');
    await rm(join(place.folder, 'kedge/units/bad.yaml'));

    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(
      /kedge\/units\/bad\.yaml:6:3 .*did you mean "owner"\?|kedge\/units\/bad\.yaml:6:3[\s\S]*did you mean "owner"\?/,
    );
    expect(ended.stdout).toBe('');
    expect(
      (
        JSON.parse(json.stdout) as { diagnostics: { line: number; column: number; suggestion?: string }[] }
      ).diagnostics.some((each) => each.line === 6 && each.column === 3 && each.suggestion === 'owner'),
    ).toBe(true);
    const results = report(going).results;
    expect(results.find((each) => each.unit === 'bad-db')).toMatchObject({
      result: 'UNKNOWN',
      reasons: ['CONFIG_INVALID'],
    });
    expect(results.find((each) => each.unit === 'quiet-db')?.result).toBe('IN_SYNC');
  });

  it('UI-13: a report that cannot be written ends the command before looking; one that is there stays whole', async () => {
    const target = join(place.folder, 'report.json');
    await writeFile(target, 'old');
    const before = (await kedge.store.listChecks('quiet-db', 100)).length;
    const nowhere = await place.kedge(['check', 'quiet-db', '--report', 'json=/no/such/folder/report.json']);
    const several = await place.kedge([
      'check',
      'quiet-db',
      '--report',
      `json=${target}`,
      '--report',
      `junit=${join(place.folder, 'junit.xml')}`,
    ]);

    expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringContaining('REPORT_UNWRITABLE')]);
    expect((await kedge.store.listChecks('quiet-db', 100)).length).toBe(before + 1);
    expect(several.code).toBe(0);
    expect((JSON.parse(await readFile(target, 'utf8')) as Report).exitCode).toBe(0);
    expect(await readFile(join(place.folder, 'junit.xml'), 'utf8')).toContain('<testsuites');
  });

  it('UI-15: the same findings give the same bytes but for times and ids', async () => {
    await server.sql('ALTER ROLE app CONNECTION LIMIT 5; ALTER ROLE reporting SUPERUSER');
    const clean = (text: string): string =>
      text
        .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z/g, 'TIME')
        .replaceAll(/[0-9A-HJKMNP-TV-Z]{26}/g, 'ID')
        .replaceAll(/"(?:durationMs|occurrences)":\s*\d+/g, 'N')
        .replaceAll(/time="[^"]*"/g, 'N');
    for (const format of ['json', 'sarif', 'junit', 'markdown']) {
      const [one, other] = [
        await place.kedge(['check', UNIT, 'quiet-db', '-o', format]),
        await place.kedge(['check', 'quiet-db', UNIT, '-o', format]),
      ];
      expect(clean(one?.stdout ?? ''), format).toBe(clean(other?.stdout ?? ''));
    }
  });

  it('UI-16: a baseline takes out what is known until it moves or expires, and lists it always', async () => {
    await server.sql('ALTER ROLE app CONNECTION LIMIT 5');
    const file = join(place.folder, 'baseline.json');
    await place.kedge(['check', UNIT, '--write-baseline', file]);
    const known = await place.kedge(['check', UNIT, '--baseline', file, '-o', 'json']);
    await server.sql('ALTER ROLE app CONNECTION LIMIT 6');
    const moved = await place.kedge(['check', UNIT, '--baseline', file, '-o', 'json']);
    await server.sql('ALTER ROLE app CONNECTION LIMIT 5');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replaceAll(/"expiresAt":\s*"[^"]*"/g, '"expiresAt": "2020-01-01T00:00:00Z"'));
    const expired = await place.kedge(['check', UNIT, '--baseline', file, '-o', 'json']);

    expect([known.code, moved.code, expired.code]).toEqual([0, 2, 2]);
    expect(report(known).findings[0]?.knownUntil).toMatch(/^20/);
    expect(report(known).findings).toHaveLength(1);
  });

  it('UI-17: a look at one resource closes what it saw whole and nothing else, and makes nothing fresh', async () => {
    await server.sql('ALTER ROLE app CONNECTION LIMIT 5; ALTER ROLE reporting SUPERUSER');
    await check(kedge);
    const before = await kedge.store.findUnit(UNIT);
    await server.sql('ALTER ROLE app CONNECTION LIMIT 20; ALTER ROLE reporting NOSUPERUSER');
    await place.kedge(['check', UNIT, '--resource', 'user/app']);
    const after = await kedge.store.findUnit(UNIT);
    const states = new Map(
      (await kedge.store.listFindings({ units: [UNIT] })).map(({ finding }) => [finding.resourceRef, finding.state]),
    );

    expect(states.get('user/app')).toBe('RESOLVED');
    expect(states.get('role/reporting')).toBe('CLASSIFIED');
    expect(after?.lastGoodAt).toBe(before?.lastGoodAt);
  });

  it('UI-70: a unit of which part cannot be read is partial: 2 with drift, 3 without, and every format says what was not seen', async () => {
    await server.sql('ALTER DATABASE shop ALLOW_CONNECTIONS false');
    const clean = await place.kedge(['check', UNIT, '-o', 'json']);
    await server.sql('ALTER ROLE app CONNECTION LIMIT 5');
    const drifted = await place.kedge(['check', UNIT, '-o', 'json']);
    const texts = await Promise.all(
      ['table', 'yaml', 'markdown', 'csv', 'sarif', 'junit'].map(
        async (format) => [format, (await place.kedge(['check', UNIT, '-o', format])).stdout] as const,
      ),
    );

    expect([clean.code, report(clean).results[0]?.result, report(clean).results[0]?.reasons[0]]).toEqual([
      3,
      'UNKNOWN',
      'PARTIAL',
    ]);
    expect([drifted.code, report(drifted).results[0]?.result, report(drifted).results[0]?.partial]).toEqual([
      2,
      'DRIFT_DETECTED',
      true,
    ]);
    for (const [format, text] of texts) expect(text, format).toMatch(/UNREACHABLE/);
  });

  it('UI-70: what keeps a part from being seen is found itself, where it is a difference', async () => {
    await server.sql('ALTER ROLE app CONNECTION LIMIT 20');
    await server.sql('ALTER DATABASE shop ALLOW_CONNECTIONS true');
    await server.sql('REVOKE CONNECT ON DATABASE shop FROM PUBLIC');
    const revoked = report(await place.kedge(['check', UNIT, '-o', 'json']));
    await server.sql('GRANT CONNECT ON DATABASE shop TO PUBLIC');

    expect([revoked.results[0]?.result, revoked.results[0]?.partial]).toEqual(['DRIFT_DETECTED', true]);
    expect(JSON.stringify(revoked)).toContain('/privileges/[on=shop]');
    expect(JSON.stringify(revoked)).toContain('PERMISSION');
  });

  it('UI-11: interrupted, it writes its reports with the rest unknown and ends with 130', async () => {
    const many = await installation();
    const slow = Array.from(
      { length: 40 },
      (_, at) =>
        `apiVersion: kedge.dev/v1alpha1\nkind: DriftManagedUnit\nmetadata: {name: slow-${at}}\nspec:\n  type: database-instance\n  owner: payments\n  environment: prod\n  source: {path: kedge/slow}\n  credentials: {username: kedge_reader}\n`,
    ).join('---\n');
    await many.write(
      'kedge.yaml',
      'apiVersion: kedge.dev/v1alpha1\nkind: KedgeConfig\nmetadata: {name: kedge}\nspec: {}\n',
    );
    await many.write('kedge/units/slow.yaml', slow);
    // A server that takes the connection and never says a word.
    const silent = createServer(() => undefined);
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
    const { port } = silent.address() as { port: number };
    await many.write(
      'kedge/slow/instance.yaml',
      `apiVersion: dbops.dbprovision.io/v1alpha1\nkind: DatabaseInstance\nmetadata: {name: slow}\nspec: {engine: postgres, connection: {host: 127.0.0.1, port: ${port}}}\n`,
    );
    await mkdir(join(many.folder, 'out'));
    const ran = await many.kedge(['check', '--report', 'json=out/report.json'], {
      signalAfter: { milliseconds: 4_000, signal: 'SIGINT' },
    });
    const written = JSON.parse(await readFile(join(many.folder, 'out/report.json'), 'utf8')) as Report;
    silent.close();
    await many.remove();

    expect(ran.code).toBe(130);
    expect(written.results).toHaveLength(40);
    expect(written.results.every((each) => each.result === 'UNKNOWN')).toBe(true);
  });
});
