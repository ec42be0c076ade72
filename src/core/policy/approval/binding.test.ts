import { describe, expect, it } from 'vitest';
import { aDigest, NOW } from '../../../../test/support/builders.ts';
import type { ApprovalRecord } from '../../model/approval-record.ts';
import { bindApproval, hasExpired, movedPart, type BoundParts } from './binding.ts';

const PARTS: BoundParts = {
  identity: aDigest('identity'),
  content: aDigest('content'),
  action: 'RUNTIME_REVERT',
  plan: aDigest('plan'),
  desiredRevision: 'r1',
  policyDigest: aDigest('policy'),
  risk: 'HIGH',
  budget: 'none',
};

function record(): ApprovalRecord {
  return { ...bindApproval(PARTS), approvalId: 'A1', expiresAt: '2026-07-03T14:22:31Z' } as unknown as ApprovalRecord;
}

describe('what an approval is bound to', () => {
  it('GOV-32: says which part moved, and each part gives another digest', () => {
    expect(movedPart(record(), PARTS)).toBeUndefined();
    const digests = new Set([bindApproval(PARTS).digest]);
    for (const name of Object.keys(PARTS) as (keyof BoundParts)[]) {
      const moved = { ...PARTS, [name]: 'sha256:other' };
      expect(movedPart(record(), moved), name).toBe(name);
      digests.add(bindApproval(moved).digest);
    }
    expect(digests.size).toBe(Object.keys(PARTS).length + 1);
  });

  it('ends at its very instant', () => {
    expect(hasExpired(record(), NOW)).toBe(false);
    expect(hasExpired(record(), '2026-07-03T14:22:30Z')).toBe(false);
    expect(hasExpired(record(), '2026-07-03T14:22:31Z')).toBe(true);
  });
});
