// The gate: types, then every test that needs only Node and npm.
import { absent, stage, totals, vitest } from './stages.mjs';

const stages = [
  () => stage('types', ['node_modules/typescript/bin/tsc', '--noEmit']),
  () => vitest('unit'),
  () => vitest('integration'),
];

const results = stages.map((run) => run());
const majors = (process.env.KEDGE_TEST_PG_MAJORS ?? '18').split(',');
const missing = ['14', '15', '16', '17'].filter((major) => !majors.includes(major));
const complete = absent(
  missing.length === 0
    ? []
    : [
        {
          name: 'postgres',
          suite: `PostgreSQL ${missing.join(', ')}`,
          how: 'set KEDGE_TEST_PG_MAJORS and KEDGE_TEST_PG_HOME_<major>',
        },
      ],
);
const { passed, failed, skipped } = totals(['unit', 'integration']);
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exitCode = results.every(Boolean) && complete ? 0 : 1;
