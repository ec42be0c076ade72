import type { Principal } from '../../model/approval-record.ts';
import { epochMilliseconds } from '../../model/instant.ts';
import { isJsonObject, type JsonValue } from '../../model/json.ts';
import { indexPeople, namesOf, samePerson } from '../../policy/approval/people.ts';
import { bodyField, bodyObject, bodyText } from '../answers/entry-view.ts';
import type { BundleFiles } from '../bundle/archive.ts';
import { policyPath } from '../bundle/bundle-path.ts';
import type { EntryType } from '../entry-type.ts';
import type { PlacedEntry } from './log-step.ts';
import type { Fault } from './verdict.ts';

const NO_ALIASES = indexPeople({});

function broken(entry: PlacedEntry, code: string, message: string): Fault {
  return { step: 'rules', verdict: 'RULE_BROKEN', code, file: entry.file, entry: entry.id, message };
}

function ofType(entries: readonly PlacedEntry[], type: EntryType): readonly PlacedEntry[] {
  return entries.filter((entry) => entry.statement.predicate.type === type);
}

function withField(
  entries: readonly PlacedEntry[],
  name: string,
  value: JsonValue | undefined,
): readonly PlacedEntry[] {
  return entries.filter((entry) => bodyField(entry.statement, name) === value);
}

function personOf(value: JsonValue | undefined): readonly string[] {
  if (!isJsonObject(value) || typeof value['id'] !== 'string') return [];
  const name = typeof value['name'] === 'string' ? value['name'] : value['id'];
  const kind = typeof value['kind'] === 'string' ? (value['kind'] as Principal['kind']) : 'USER';
  return namesOf({ kind, id: value['id'], name });
}

function actorNames(entries: readonly PlacedEntry[]): readonly string[] {
  return entries.flatMap(({ statement }) => {
    const { auditCorrelation } = bodyObject(statement, 'finding');
    const actor = isJsonObject(auditCorrelation) ? auditCorrelation['actor'] : undefined;
    return typeof actor === 'string' ? [actor] : [];
  });
}

interface Consent {
  readonly intent: PlacedEntry;
  readonly given: readonly PlacedEntry[];
  readonly needed: number;
}

function voteFaults(entries: readonly PlacedEntry[], { intent, given }: Consent): readonly Fault[] {
  const requester = personOf(bodyField(intent.statement, 'requester'));
  const actors = actorNames(entries);
  const plan = bodyText(intent.statement, 'planDigest');
  return given.flatMap((vote): readonly Fault[] => {
    const approver = personOf(bodyField(vote.statement, 'by'));
    const faults: Fault[] = [];
    if (vote.index > intent.index)
      faults.push(broken(vote, 'APPROVED_AFTER', `${vote.file} was given after the intent ${intent.id}`));
    if (bodyText(vote.statement, 'planDigest') !== plan)
      faults.push(broken(vote, 'OTHER_PLAN', `${vote.file} approves another plan than ${intent.id} intends`));
    if (samePerson(NO_ALIASES, approver, requester))
      faults.push(broken(vote, 'SEPARATION_OF_DUTIES', `${vote.file} was given by the requester`));
    if (samePerson(NO_ALIASES, approver, actors))
      faults.push(broken(vote, 'SEPARATION_OF_DUTIES', `${vote.file} was given by who made the drift`));
    if (vote.statement.predicate.actor.kind === 'TOKEN' || vote.statement.predicate.actor.kind === 'KEDGE')
      faults.push(broken(vote, 'SEPARATION_OF_DUTIES', `${vote.file} was given by a machine`));
    return faults;
  });
}

function people(votes: readonly PlacedEntry[]): number {
  const persons: (readonly string[])[] = [];
  for (const vote of votes) {
    const own = personOf(bodyField(vote.statement, 'by'));
    if (!persons.some((other) => samePerson(NO_ALIASES, other, own))) persons.push(own);
  }
  return persons.length;
}

function consentFaults(entries: readonly PlacedEntry[], intent: PlacedEntry): readonly Fault[] {
  const needed = Number(bodyObject(intent.statement, 'needed')['approvers'] ?? 0);
  const approvalId = bodyField(intent.statement, 'approvalId');
  if (approvalId === undefined)
    return needed > 0
      ? [broken(intent, 'NOT_APPROVED', `${intent.file} needs ${needed} approvers and names no approval`)]
      : [];
  const about = withField(entries, 'approvalId', approvalId);
  const given = ofType(about, 'APPROVAL_GIVEN');
  const request = ofType(about, 'APPROVAL_REQUESTED')[0];
  if (request === undefined)
    return [broken(intent, 'NOT_ASKED', `nobody asked for the approval that ${intent.file} names`)];
  const wanted = Math.max(needed, Number(bodyField(request.statement, 'approvers') ?? 1));
  const before = given.filter((vote) => vote.index < intent.index);
  const faults = [...voteFaults(entries, { intent, given, needed: wanted })];
  if (people(before) < wanted)
    faults.push(
      broken(intent, 'NOT_ENOUGH', `${intent.file} needs ${wanted} people; ${people(before)} approved before it`),
    );
  for (const ended of [...ofType(about, 'APPROVAL_VOIDED'), ...ofType(about, 'APPROVAL_REJECTED')]) {
    if (ended.index < intent.index)
      faults.push(broken(intent, 'APPROVAL_ENDED', `${intent.file} uses an approval that ended with ${ended.file}`));
  }
  const expiresAt = bodyText(request.statement, 'expiresAt');
  if (expiresAt !== undefined && epochMilliseconds(intent.statement.predicate.at) > epochMilliseconds(expiresAt))
    faults.push(broken(intent, 'APPROVAL_EXPIRED', `${intent.file} came after the approval's end at ${expiresAt}`));
  return faults;
}

function orderFaults(entries: readonly PlacedEntry[], intent: PlacedEntry): readonly Fault[] {
  const about = withField(entries, 'actionId', bodyField(intent.statement, 'actionId'));
  const finishes = ofType(about, 'ACTION_FINISHED');
  const verifications = ofType(about, 'VERIFICATION_FINISHED');
  const faults: Fault[] = [];
  for (const finish of finishes)
    if (finish.index < intent.index) faults.push(broken(finish, 'ORDER', `${finish.file} stands before its intent`));
  for (const verification of verifications)
    if (finishes.every((finish) => finish.index > verification.index))
      faults.push(broken(verification, 'ORDER', `${verification.file} verifies what was not finished`));
  return faults;
}

function orphanFaults(entries: readonly PlacedEntry[]): readonly Fault[] {
  const intents = new Set(ofType(entries, 'ACTION_INTENDED').map((each) => bodyField(each.statement, 'actionId')));
  return ofType(entries, 'ACTION_FINISHED')
    .filter((finish) => !intents.has(bodyField(finish.statement, 'actionId')))
    .map((finish) => broken(finish, 'NO_INTENT', `${finish.file} finishes what nobody intended`));
}

/** A closure after a write that was not refused must rest on a verification that came first. */
function closureFaults(entries: readonly PlacedEntry[]): readonly Fault[] {
  return ofType(entries, 'FINDING_RESOLVED').flatMap((resolved): readonly Fault[] => {
    const earlier = entries.filter((entry) => entry.index < resolved.index);
    const opened = earlier.findLast((entry) => /^FINDING_(?:OPENED|REOPENED)$/.test(entry.statement.predicate.type));
    const since = earlier.filter((entry) => entry.index > (opened?.index ?? -1));
    const intent = ofType(since, 'ACTION_INTENDED').at(-1);
    if (intent === undefined) return [];
    const about = withField(since, 'actionId', bodyField(intent.statement, 'actionId'));
    const finish = ofType(about, 'ACTION_FINISHED').at(-1);
    if (finish !== undefined && bodyText(finish.statement, 'outcome') === 'failed') return [];
    const converged = ofType(about, 'VERIFICATION_FINISHED').some(
      (each) => bodyText(each.statement, 'verdict') === 'converged',
    );
    return converged
      ? []
      : [
          broken(
            resolved,
            'CLOSED_UNVERIFIED',
            `${resolved.file} closes the finding before anything verified ${intent.id}`,
          ),
        ];
  });
}

function policyFaults(files: BundleFiles, entries: readonly PlacedEntry[]): readonly Fault[] {
  const wanted = new Map<string, PlacedEntry>();
  for (const entry of entries) for (const { digest } of entry.statement.predicate.policies) wanted.set(digest, entry);
  return [...wanted].flatMap(([digest, entry]): readonly Fault[] => {
    const file = policyPath(digest);
    if (files.has(file)) return [];
    const message = `the text of the policy that ${entry.file} rests on is not there`;
    return [{ step: 'rules', verdict: 'INCOMPLETE', code: 'POLICY_MISSING', file, entry: entry.id, message }];
  });
}

/** The procedure: intent, finish and verification in order, consent of others before the intent, closure only after proof. */
export function checkRules(files: BundleFiles, entries: readonly PlacedEntry[]): readonly Fault[] {
  const intents = ofType(entries, 'ACTION_INTENDED');
  return [
    ...policyFaults(files, entries),
    ...orphanFaults(entries),
    ...intents.flatMap((intent) => [...orderFaults(entries, intent), ...consentFaults(entries, intent)]),
    ...closureFaults(entries),
  ];
}
