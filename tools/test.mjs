// The gate: everything that needs only Node and npm. Every stage runs, so that one run tells all faults.
import { absent, stage, totals, vitest } from './stages.mjs';

const bin = (name, path) => `node_modules/${name}/${path}`;

const stages = [
  () => stage('types', [bin('typescript', 'bin/tsc'), '--noEmit']),
  () => stage('lint', [bin('eslint', 'bin/eslint.js'), '.']),
  () => stage('layers', ['tools/layers.mjs']),
  () => stage('dead code', [bin('knip', 'bin/knip.js')]),
  () => stage('format', [bin('prettier', 'bin/prettier.cjs'), '--check', '--log-level', 'warn', '.']),
  () => stage('generated files', ['tools/references.mjs', '--check']),
  () => vitest('unit'),
  () => vitest('corpus'),
  () => vitest('integration'),
  () => vitest('acceptance'),
];

const results = stages.map((run) => run());
const complete = absent([
  { name: 'postgres', suite: 'PostgreSQL 14 to 17', how: 'npm run test:real prepares them' },
  { name: 'registry', suite: 'packaging', how: 'npm run test:real runs it' },
  { name: 'browser', suite: 'dashboard', how: 'comes with the dashboard' },
]);
const { passed, failed, skipped } = totals(['unit', 'corpus', 'integration', 'acceptance']);
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exitCode = results.every(Boolean) && complete ? 0 : 1;
