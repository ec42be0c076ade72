import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TERMS } from './terms.ts';

const SOURCE = join(import.meta.dirname, '..');
const MAKERS =
  /(?:code: |OperationError\(\s*|UsageError\(\s*|fault\(\s*source,\s*[^,]+,\s*|refusal\(\s*|remark\(\s*|refuse\(\s*)'([A-Z][A-Z0-9_]{3,})'/g;

describe('codes that are printed', () => {
  it('are all known to `kedge explain`', () => {
    const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
    );
    const codes = new Set(
      files.flatMap((file) =>
        [...readFileSync(join(SOURCE, file), 'utf8').matchAll(MAKERS)].map(([, code]) => code ?? ''),
      ),
    );

    expect(codes.size).toBeGreaterThan(80);
    expect([...codes].filter((code) => !Object.hasOwn(TERMS, code))).toEqual([]);
  });

  it('are looked up by their own name alone', () => {
    for (const name of ['toString', 'constructor', '__proto__']) expect(Object.hasOwn(TERMS, name)).toBe(false);
  });
});
