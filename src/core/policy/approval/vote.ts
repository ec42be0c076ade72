import type { ApprovalRecord, ApprovalVote, Principal } from '../../model/approval-record.ts';
import type { Instant } from '../../model/instant.ts';
import { hasExpired } from './binding.ts';
import { indexPeople, namesOf, samePerson, type PeopleIndex } from './people.ts';

/** Who may not approve, and under which names people are known. */
export interface VoteContext {
  readonly now: Instant;
  readonly aliases: Readonly<Record<string, readonly string[]>>;
  /** Whether claims of the operating system count as people at all. */
  readonly localApprovals: boolean;
  /** Names of those who are thought to have made the drift. */
  readonly driftActors: readonly string[];
  /** Names of the authors of the plan or of an accepted document. */
  readonly authors: readonly string[];
  /** Groups a principal belongs to, for `team:` and `@owner` of policies. */
  groupsOf(principal: Principal): readonly string[];
}

/** What became of a vote. */
export type VoteOutcome =
  | { readonly status: 'recorded'; readonly record: ApprovalRecord }
  | {
      readonly status: 'refused';
      readonly code: 'SEPARATION_OF_DUTIES' | 'APPROVAL' | 'STALE_DIGEST' | 'EXPIRED' | 'CLOSED';
      readonly because: string;
    };

function refused(code: Extract<VoteOutcome, { status: 'refused' }>['code'], because: string): VoteOutcome {
  return { status: 'refused', code, because };
}

function separation(record: ApprovalRecord, by: Principal, context: VoteContext): string | undefined {
  if (by.kind === 'TOKEN' || by.kind === 'KEDGE') return 'no machine approves';
  const people = indexPeople(context.aliases);
  const own = namesOf(by);
  if (samePerson(people, own, namesOf(record.requester))) return 'the requester never approves';
  if (samePerson(people, own, context.driftActors)) return 'who made the change does not approve its correction';
  return samePerson(people, own, context.authors) ? 'who wrote the plan does not approve it' : undefined;
}

function eligibility(record: ApprovalRecord, by: Principal, context: VoteContext): string | undefined {
  if (by.kind === 'LOCAL' && !context.localApprovals)
    return 'local users are claims, not sign-ins; access.localApprovals is false';
  const allowed = record.from.length === 0 || record.from.some((each) => isNamed(by, each.from, context));
  return allowed ? undefined : `approvers must come from ${record.from.flatMap((each) => each.from).join(', ')}`;
}

/** How many people approved: whoever shares a name with another, by any account or alias, is the same person. */
function distinct(people: PeopleIndex, votes: readonly ApprovalVote[]): number {
  let persons: readonly (readonly string[])[] = [];
  for (const vote of votes.filter((each) => each.decision === 'approve')) {
    const own = namesOf(vote.by);
    const same = persons.filter((names) => samePerson(people, names, own));
    persons = [...persons.filter((names) => !same.includes(names)), [...own, ...same.flat()]];
  }
  return persons.length;
}

/** Whether a person is one of those an approval names. */
function isNamed(by: Principal, from: readonly string[], context: VoteContext): boolean {
  const names = [...namesOf(by), ...context.groupsOf(by)];
  return from.some((word) => names.includes(word.replace(/^user:/, '')));
}

/** Whether the votes meet the number of people and every group's minimum. */
export function isGranted(record: ApprovalRecord, context: VoteContext): boolean {
  const people = indexPeople(context.aliases);
  if (distinct(people, record.votes) < record.approvers) return false;
  return record.from.every(({ from, min }) => {
    const inGroup = record.votes.filter((vote) => isNamed(vote.by, from, context));
    return distinct(people, inGroup) >= min;
  });
}

/**
 * One person's answer to one digest. Refused from the requester, from who made the drift and from machines, after expiry, and when
 * the digest is not the one that waits. The same person twice counts once.
 */
export function castVote(
  record: ApprovalRecord,
  vote: ApprovalVote & { readonly digest: string },
  context: VoteContext,
): VoteOutcome {
  if (record.status !== 'PENDING') return refused('CLOSED', `the approval is ${record.status}`);
  if (hasExpired(record, context.now)) return refused('EXPIRED', `it expired at ${record.expiresAt}`);
  if (vote.digest !== record.digest)
    return refused('STALE_DIGEST', 'the digest is not the one that waits for consent: look again');
  const apart = separation(record, vote.by, context);
  if (apart !== undefined) return refused('SEPARATION_OF_DUTIES', apart);
  const ineligible = eligibility(record, vote.by, context);
  if (ineligible !== undefined) return refused('APPROVAL', ineligible);
  const { digest: _, ...kept } = vote;
  const voted: ApprovalRecord = { ...record, votes: [...record.votes, kept] };
  if (vote.decision === 'reject') return { status: 'recorded', record: { ...voted, status: 'REJECTED' } };
  return { status: 'recorded', record: isGranted(voted, context) ? { ...voted, status: 'GRANTED' } : voted };
}

/** Why votes once given do not carry the consent any more, judged by who made the drift and by the rules of now; undefined when they do. */
export function consentFault(record: ApprovalRecord, context: VoteContext): string | undefined {
  const faults = new Map(
    record.votes
      .filter((vote) => vote.decision === 'approve')
      .map((vote) => [vote, separation(record, vote.by, context) ?? eligibility(record, vote.by, context)]),
  );
  const standing = record.votes.filter((vote) => faults.get(vote) === undefined);
  if (isGranted({ ...record, votes: standing }, context)) return undefined;
  const said = [...faults].flatMap(([vote, fault]) => (fault === undefined ? [] : [`${vote.by.name}: ${fault}`]));
  return said.length === 0 ? `it needs ${record.approvers} people` : said.join('; ');
}
