// Writes a JSON report of so many findings to a file, and prints the peak of the resident memory, in bytes.
import { closeSync, openSync, writeSync } from 'node:fs';
import { aFinding } from '../test/support/builders.ts';
import { digestJson } from '../src/core/model/digest.ts';
import { renderJson } from '../src/cli/render/json.ts';

const [count = '1000', path = ''] = process.argv.slice(2);
const findings = Array.from({ length: Number(count) }, (_, index) => ({
  finding: aFinding({ identity: digestJson(`finding ${index}`), resourceRef: `role/r${index}` }),
}));
const file = openSync(path, 'w');
for (const part of renderJson({
  kedgeVersion: '0.0.0',
  mode: 'check',
  startedAt: '2026-07-03T10:22:31Z',
  finishedAt: '2026-07-03T10:22:32Z',
  exitCode: 2,
  results: [],
  findings,
  diagnostics: [],
}))
  writeSync(file, part);
closeSync(file);
process.stdout.write(String(process.resourceUsage().maxRSS * 1_024));
