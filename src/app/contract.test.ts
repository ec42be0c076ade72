import { describe, expect, it } from 'vitest';
import { anInput, aUnit, NOW, SETTINGS } from '../../test/support/builders.ts';
import { evaluate } from '../core/policy/evaluate.ts';
import { toPolicySet } from '../core/policy/documents/to-policy-set.ts';
import { adapterOf } from './adapters.ts';
import { unitContract } from './contract.ts';

const CONTEXT = {
  adapterOf,
  evidenceUri: 'file:///evidence',
  workingSet: () => ({ units: [], policy: toPolicySet([], SETTINGS), foreign: [], revision: 'sha256:0', readAt: NOW }),
};

describe('the contract of a unit', () => {
  it('GOV-02: has seven parts and none of them is empty', () => {
    const parts = unitContract(CONTEXT, aUnit({ writeCredentials: undefined }));

    expect(parts.map((each) => each.part)).toEqual([
      'owner',
      'source of truth',
      'observation method',
      'diff method',
      'decision policy',
      'action',
      'evidence',
    ]);
    expect(parts.every((each) => each.text.trim() !== '')).toBe(true);
    expect(parts.find((each) => each.part === 'action')?.text).toContain('no writeCredentials');
  });

  it('GOV-69: says which paths nobody declared are compared, and that messages go to the log without a route', () => {
    const parts = new Map(unitContract(CONTEXT, aUnit()).map((each) => [each.part, each.text]));
    const [evaluation] = evaluate(anInput());

    expect(parts.get('owner')).toBe('data-platform');
    expect(parts.get('diff method')).toContain('undeclared paths: security');
    expect(parts.get('decision policy')).toContain('messages go to the log: no route document in force');
    expect(evaluation?.route.notify).toEqual(['log']);
  });
});
