// Measures every promise of speed and size, subject and reference in one run; prints ratios and names what misses.
// `npm run bench -- databases evidence` runs those suites alone.
import { databaseRows } from './databases.ts';
import { evidenceRows } from './evidence.ts';
import { governanceRows } from './governance.ts';
import { interfaceRows } from './interfaces.ts';
import { misses, rowLine, type Row } from './row.ts';

type Suite = (report: (row: Row) => void, say: (text: string) => void) => Promise<void>;

const SUITES: Readonly<Record<string, Suite>> = {
  interfaces: interfaceRows,
  governance: governanceRows,
  evidence: evidenceRows,
  databases: databaseRows,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => SUITES[name] === undefined);
if (unknown.length > 0) throw new Error(`no suite ${unknown.join(', ')}: one of ${Object.keys(SUITES).join(', ')}`);

const rows: Row[] = [];
for (const [name, suite] of Object.entries(SUITES)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  process.stdout.write(`\n${name}\n`);
  await suite(
    (row) => {
      rows.push(row);
      process.stdout.write(`  ${rowLine(row)}\n`);
    },
    (text) => {
      process.stdout.write(`  ${text}\n`);
    },
  );
}
const missed = rows.filter(misses);
process.stdout.write(`\n${rows.length - missed.length} met, ${missed.length} missed\n`);
for (const row of missed) process.stdout.write(`missed: ${row.measure}\n`);
