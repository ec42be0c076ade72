import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServer } from '../test/support/postgres.ts';
import { compare, type Row } from './row.ts';

const KEDGE = fileURLToPath(new URL('../bin/kedge.js', import.meta.url));
const REPORT = fileURLToPath(new URL('report-memory.ts', import.meta.url));

function node(...words: readonly string[]): string {
  return execFileSync(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 300_000 }).toString();
}

/** Start-up, the demonstration and the memory of a large report. */
export async function interfaceRows(report: (row: Row) => void): Promise<void> {
  const empty = (): string => node('-e', '0');
  report(
    await compare('`kedge --version`, against `node -e 0`', 4, {
      subject: () => node(KEDGE, '--version'),
      reference: empty,
      rounds: 9,
    }),
  );
  report(
    await compare('`kedge --help`, against `node -e 0`', 8, {
      subject: () => node(KEDGE, '--help'),
      reference: empty,
      rounds: 9,
    }),
  );
  report(
    await compare('`kedge demo`, against one initdb and first start', 20, {
      subject: () => node(KEDGE, 'demo', '-q'),
      reference: async () => {
        const server = await startServer({ durable: true });
        await server.stop();
      },
      rounds: 3,
    }),
  );
  const folder = await mkdtemp(join(tmpdir(), 'kedge-bench-'));
  await chmod(folder, 0o755);
  const peak = (findings: number): number => Number(node(REPORT, String(findings), join(folder, `${findings}.json`)));
  report({
    measure: 'peak memory of a JSON report of 10,000 findings, against 1,000',
    subject: peak(10_000),
    reference: peak(1_000),
    unit: 'bytes',
    most: 1.5,
  });
  await rm(folder, { recursive: true, force: true });
}
