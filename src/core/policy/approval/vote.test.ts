import { describe, expect, it } from 'vitest';
import type { ApprovalRecord, ApprovalVote, Principal } from '../../model/approval-record.ts';
import { aDigest, NOW } from '../../../../test/support/builders.ts';
import { castVote, type VoteContext, type VoteOutcome } from './vote.ts';

function local(name: string, host = 'h1'): Principal {
  return { kind: 'LOCAL', id: `local:${name}@${host}`, name };
}

const CONTEXT: VoteContext = {
  now: NOW,
  aliases: {},
  localApprovals: true,
  driftActors: [],
  authors: [],
  groupsOf: () => [],
};

function anApproval(more: Partial<ApprovalRecord> = {}): ApprovalRecord {
  return {
    approvalId: 'a',
    actionId: 'b',
    findingId: 'drift-20260703-000001',
    unit: 'u',
    action: 'RUNTIME_REVERT',
    digest: aDigest('x'),
    bound: {},
    approval: 'two-person',
    approvers: 2,
    from: [],
    requester: local('alice'),
    requestedAt: NOW,
    expiresAt: '2026-07-03T14:00:00Z',
    status: 'PENDING',
    votes: [],
    ...more,
  };
}

function give(record: ApprovalRecord, by: Principal, context: VoteContext = CONTEXT): VoteOutcome {
  const vote: ApprovalVote & { digest: string } = {
    by,
    decision: 'approve',
    reason: 'looked',
    at: NOW,
    digest: record.digest,
  };
  return castVote(record, vote, context);
}

function giveAll(people: readonly Principal[], context: VoteContext = CONTEXT, record = anApproval()): string {
  let current = record;
  for (const by of people) {
    const outcome = give(current, by, context);
    if (outcome.status === 'refused') return outcome.code;
    current = outcome.record;
  }
  return current.status;
}

describe('votes', () => {
  it('UI-72: refuses the requester, is not met by one other person, and is met by two', () => {
    expect(giveAll([local('alice')])).toBe('SEPARATION_OF_DUTIES');
    expect(giveAll([local('bob')])).toBe('PENDING');
    expect(giveAll([local('bob'), local('carol')])).toBe('GRANTED');
  });

  it('counts one person once, whatever account, host or alias speaks', () => {
    const signedIn: Principal = { kind: 'USER', id: 'https://idp.example.com#8f3c', name: 'bob@example.com' };
    const aliases = { 'bob@example.com': ['bob'] };

    expect(giveAll([local('bob'), local('bob')])).toBe('PENDING');
    expect(giveAll([local('bob', 'h1'), local('bob', 'h2')])).toBe('PENDING');
    expect(giveAll([signedIn, local('bob')], { ...CONTEXT, aliases })).toBe('PENDING');
    expect(giveAll([signedIn, local('bob'), local('carol')], { ...CONTEXT, aliases })).toBe('GRANTED');
  });

  it('GOV-33: refuses who made the drift under every name, and machines', () => {
    const context = { ...CONTEXT, driftActors: ['mallory@example.com'], aliases: { mallory: ['mallory@example.com'] } };

    expect(giveAll([local('mallory')], context)).toBe('SEPARATION_OF_DUTIES');
    expect(giveAll([{ kind: 'TOKEN', id: 'ci', name: 'ci' }])).toBe('SEPARATION_OF_DUTIES');
  });

  it('counts a person whom the approval names with user:', () => {
    const record = anApproval({ approvers: 1, from: [{ from: ['user:bob'], min: 1 }] });

    expect(giveAll([local('carol')], CONTEXT, record)).toBe('APPROVAL');
    expect(giveAll([local('bob')], CONTEXT, record)).toBe('GRANTED');
  });

  it('refuses local claims where they do not count, another digest, and a vote at the very end', () => {
    const stale = castVote(
      anApproval(),
      { by: local('bob'), decision: 'approve', reason: 'x', at: NOW, digest: aDigest('y') },
      CONTEXT,
    );

    expect(giveAll([local('bob')], { ...CONTEXT, localApprovals: false })).toBe('APPROVAL');
    expect(stale).toMatchObject({ code: 'STALE_DIGEST' });
    expect(giveAll([local('bob')], CONTEXT, anApproval({ expiresAt: NOW }))).toBe('EXPIRED');
  });
});
