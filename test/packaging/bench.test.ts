import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { run } from '../support/clone.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Every promise of speed and size about PostgreSQL. */
const MEASURES = [
  'bytes of WAL of a check without drift',
  'round trips of healing one path',
  '10,000 roles with 20,000 memberships and their closure',
  'observe and compare one database with 100,000 ACL entries',
  'one fingerprint of it, against its full read',
  'growth of the resident memory in a look, against the row bytes of its largest database',
  'growth of the resident memory in a look at 1,000 equal databases, against ten',
  'full read of 1,000 databases',
  'fingerprints of 1,000 databases',
];

describe('npm run bench', () => {
  it('DB-64: prints every row and says which miss; of 1,000 databases with 3 unreachable, 997 are judged and 3 named', async () => {
    const { code, output } = await run(process.execPath, ['bench/main.ts', 'databases'], {
      cwd: ROOT,
      milliseconds: 580_000,
    });
    expect(code, output).toBe(0);
    const rows = output.split('\n').filter((line) => /^ {2}(?:met|MISSED) /.test(line));
    for (const measure of MEASURES)
      expect(
        rows.filter((row) => row.includes(measure)),
        measure,
      ).toHaveLength(1);
    const missed = rows.filter((row) => row.startsWith('  MISSED'));
    expect(output.split('\n').filter((line) => line.startsWith('missed: '))).toHaveLength(missed.length);
    expect(output).toContain(
      '997 of 1000 databases judged; result UNKNOWN; not seen: database d_0000, database d_0001, database d_0002',
    );
    process.stdout.write(output);
  });
});
