import { describe, expect, it } from 'vitest';
import { aDifference, aUnit, NOW } from '../../test/support/builders.ts';
import type { AuditSource } from '../ports/audit-source.ts';
import { correlate } from './correlate.ts';

const FIRST = aDifference({ path: '/connectionLimit' });
const SECOND = aDifference({ path: '/attributes/login' });

const broken: AuditSource = { name: 'broken', correlate: () => Promise.reject(new Error('the log is unreadable')) };
const knowing: AuditSource = {
  name: 'knowing',
  correlate: () => Promise.resolve(new Map([[FIRST, { confidence: 'confirmed', actor: 'mallory' } as const]])),
};

describe('asking the audit sources', () => {
  it('goes on without a source that fails, and says which', async () => {
    const said: string[] = [];
    const log = (message: string, fields?: Readonly<Record<string, unknown>>): void => {
      said.push(`${message} ${JSON.stringify(fields)}`);
    };
    const logger = { debug: log, info: log, warn: log, error: log };
    const request = { unit: aUnit(), differences: [FIRST, SECOND], from: undefined, to: NOW };

    const found = await correlate({ auditSources: [broken, knowing], logger }, request, new AbortController().signal);

    expect(found.correlations.get(FIRST)).toEqual({ confidence: 'confirmed', actor: 'mallory' });
    expect(found.correlations.get(SECOND)).toEqual({ confidence: 'not-covered' });
    expect(said).toEqual([expect.stringContaining('"source":"broken"')]);
  });

  it('ends with its signal', async () => {
    const ended = AbortSignal.abort();
    const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
    const request = { unit: aUnit(), differences: [FIRST], from: undefined, to: NOW };

    await expect(correlate({ auditSources: [broken], logger }, request, ended)).rejects.toThrow('unreadable');
  });
});
