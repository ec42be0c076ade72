// Runs the stages of the gate in turn, keeps what Vitest counted, and prints the totals.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const reports = join(root, '.tools', 'reports');

/** Runs one stage; its output goes straight through. */
export function stage(name, argv, env = {}) {
  const started = performance.now();
  const result = spawnSync(process.execPath, argv, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const passed = result.status === 0;
  process.stdout.write(`${passed ? 'passed' : 'FAILED'}: ${name} (${seconds}s)\n`);
  return passed;
}

/** Where a Vitest stage writes its report. */
export function reportOf(name) {
  mkdirSync(reports, { recursive: true });
  const file = join(reports, `${name}.json`);
  rmSync(file, { force: true });
  return file;
}

/** Runs a Vitest project and keeps its report. */
export function vitest(project, env = {}, name = project) {
  return stage(
    name,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportOf(name)}`,
      '--passWithNoTests',
    ],
    env,
  );
}

/** Totals over the reports that were written. */
export function totals(names) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const name of names) {
    const file = join(reports, `${name}.json`);
    if (!existsSync(file)) continue;
    const report = JSON.parse(readFileSync(file, 'utf8'));
    sum.passed += report.numPassedTests ?? 0;
    sum.failed += report.numFailedTests ?? 0;
    sum.skipped += (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0);
  }
  return sum;
}

/** Components that a suite needs and this run does not have; required ones fail it. */
export function absent(components) {
  const required = (process.env.KEDGE_TEST_REQUIRE ?? '').split(',').filter((word) => word !== '');
  let passed = true;
  for (const { name, suite, how } of components) {
    process.stdout.write(`not run: ${suite} needs ${name} (${how})\n`);
    if (required.includes('all') || required.includes(name)) passed = false;
  }
  return passed;
}
