import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../core/model/diagnostic.ts';
import { diagnosticsJson, renderDiagnostics } from './diagnostics.ts';

let root = '';

function fault(line: number, more: Partial<Diagnostic> = {}): Diagnostic {
  return {
    code: 'CONFIG_UNKNOWN_KEY',
    level: 'error',
    message: 'unknown key "expiresat" in IgnoreRule.spec',
    location: { file: 'rule.yaml', line, column: 3 },
    suggestion: 'expiresAt',
    next: 'rename the key',
    ...more,
  };
}

describe('faults for people', () => {
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kedge-faults-'));
  });
  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  it('UI-12: show code, file:line:column, the line itself, a did-you-mean and the next step', async () => {
    await writeFile(join(root, 'rule.yaml'), 'spec:\n  expiresat: 2026-10-01\n');

    const text = renderDiagnostics([fault(2)], root);

    expect(text.split('\n')).toEqual([
      'error CONFIG_UNKNOWN_KEY  rule.yaml:2:3  unknown key "expiresat" in IgnoreRule.spec',
      '  2 |   expiresat: 2026-10-01          did you mean "expiresAt"?',
      '  next: rename the key',
    ]);
  });

  it('UI-12: give programs the same facts', () => {
    expect(diagnosticsJson([fault(2)]).diagnostics).toEqual([
      {
        code: 'CONFIG_UNKNOWN_KEY',
        level: 'error',
        message: 'unknown key "expiresat" in IgnoreRule.spec',
        file: 'rule.yaml',
        line: 2,
        column: 3,
        suggestion: 'expiresAt',
        next: 'rename the key',
      },
    ]);
  });

  it.each([
    '  {password: hunter2, riskTeir: high}',
    '  ulr: postgres://kedge:hunter2@db/kedge',
    '  signinKey: hunter2',
  ])('UI-26: never show the line %s, whatever its fault is', async (line) => {
    await writeFile(join(root, 'rule.yaml'), `spec:\n${line}\n`);

    const text = renderDiagnostics([fault(2)], root);

    expect(text).toContain('rule.yaml:2:3');
    expect(text).toContain('did you mean "expiresAt"?');
    expect(text).not.toContain('hunter2');
  });
});
