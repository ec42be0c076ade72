import { z } from 'zod';
import type { JsonObject } from '../../../core/model/json.ts';
import { ANY, EVERYBODY } from './affected/fact.ts';
import { columnGrants } from './plan-column.ts';
import { isDeclared } from './plan-declared.ts';
import { dependentEntries, type DependentEntry } from './plan-dependent.ts';
import { heldOf, type Held } from './plan-held.ts';
import {
  granteeOf,
  itemOf,
  propose,
  referencePlane,
  refuse,
  seenFact,
  toGrantee,
  type PlannedWrite,
  type PlanSubject,
  type Proposal,
} from './plan-subject.ts';
import { planTarget, planTargets, type PlanTarget } from './plan-target.ts';
import type { SeenFacts } from './payload.ts';
import { PUBLIC } from './state.ts';
import { Privilege } from './statements/privilege.ts';
import { targetKey } from './statements/target.ts';

const GrantItem = z.object({ privileges: z.array(Privilege), grantOption: z.boolean().default(false) });

const factName = (grantee: string): string => (grantee === PUBLIC ? EVERYBODY : grantee);

function grantItem(item: JsonObject | undefined): z.infer<typeof GrantItem> {
  return item === undefined ? { privileges: [], grantOption: false } : GrantItem.parse(item);
}

const coversMany = (target: PlanTarget): boolean => target.target.kind.startsWith('all-');

/** What a document gives and the server lacks. */
export function planGrants(subject: PlanSubject): Proposal {
  const wantedItem = itemOf(subject, referencePlane(subject.difference));
  const targets = wantedItem === undefined ? [] : planTargets(wantedItem);
  if (targets.length === 0) return refuse('INADMISSIBLE', `no statement is offered for ${subject.difference.path}`);
  const wanted = grantItem(wantedItem);
  const actual = grantItem(itemOf(subject, 'actual'));
  const missing = wanted.privileges.filter((privilege) => !actual.privileges.includes(privilege));
  const isPartial = targets.length > 1 || targets.some(coversMany) || (wanted.grantOption && !actual.grantOption);
  const given = isPartial ? wanted.privileges : missing;
  if (given.length === 0) return refuse('INADMISSIBLE', `${subject.difference.path} lacks nothing`);
  const grantee = granteeOf(subject.resource);
  const writes = targets.map((target): PlannedWrite => ({
    write: {
      kind: 'grant',
      target: target.target,
      columns: [...target.columns],
      privileges: [...given],
      grantee: toGrantee(grantee),
      grantOption: wanted.grantOption,
      ...(target.owner === undefined || coversMany(target) ? {} : { as: target.owner }),
    },
    phase: 'grant',
    loses: [],
  }));
  return propose(
    writes,
    isPartial ? [] : targets.flatMap((target) => missing.map((privilege) => notThere(target, grantee, privilege))),
  );
}

function notThere(target: PlanTarget, grantee: string, privilege: Privilege): SeenFacts {
  return {
    pattern: ['acl', targetKey(target.target), target.columns[0] ?? '', factName(grantee), ANY, privilege],
    facts: [],
  };
}

function seenEntry(target: PlanTarget, held: Held, grantee: string): SeenFacts {
  const key = [
    'acl',
    targetKey(target.target),
    target.columns[0] ?? '',
    factName(grantee),
    held.grantor,
    held.privilege,
  ];
  return seenFact(key, held.grantable);
}

function revokeWrite(
  target: PlanTarget,
  held: Held,
  subject: { readonly grantee: string; readonly optionOnly: boolean },
): PlannedWrite {
  const word = subject.optionOnly ? `the grant option of ${held.privilege}` : held.privilege;
  return {
    write: {
      kind: 'revoke',
      target: target.target,
      columns: [...target.columns],
      privileges: [held.privilege],
      grantee: toGrantee(subject.grantee),
      optionOnly: subject.optionOnly,
      as: held.grantor,
    },
    phase: 'revoke',
    loses: [`${word} of ${subject.grantee} on ${target.on}, given by ${held.grantor}`],
  };
}

function grantAgain(target: PlanTarget, held: Held, grantee: string): PlannedWrite {
  return {
    write: {
      kind: 'grant',
      target: target.target,
      columns: [...target.columns],
      privileges: [held.privilege],
      grantee: toGrantee(grantee),
      grantOption: held.grantable,
      as: held.grantor,
    },
    phase: target.columns.length > 0 ? 'column' : 'grant',
    loses: [],
  };
}

interface Excess {
  readonly held: Held;
  readonly optionOnly: boolean;
}

const sameEntry = (left: Held, right: Held): boolean =>
  left.privilege === right.privilege && left.grantor === right.grantor;

/** What is held beyond the reference; where the privilege itself is right, its grant option alone. */
function excessOf(subject: PlanSubject, item: JsonObject, recorded: readonly Held[]): readonly Excess[] {
  return heldOf(item).flatMap((held): readonly Excess[] => {
    const before = recorded.find((each) => sameEntry(each, held));
    if (before !== undefined && (before.grantable || !held.grantable)) return [];
    const isRight = before !== undefined || isDeclared(subject, item, held.privilege);
    return [{ held, optionOnly: held.grantable && isRight }];
  });
}

function unaskedLosses(subject: PlanSubject, dependents: readonly DependentEntry[]): string | undefined {
  const unasked = dependents.filter((entry) => !entry.isExtra);
  if (unasked.length === 0 || subject.approved) return undefined;
  return unasked
    .map((entry) => `${entry.held.privilege} of ${entry.grantee}, given by ${entry.held.grantor}`)
    .join('; ');
}

/**
 * What is there beyond the documents (or beyond what was recorded): each grantor's entry is taken back as that grantor,
 * what hangs on it first. What others hold by right and would lose needs an approval that lists it.
 */
export function planHeld(subject: PlanSubject): Proposal {
  const { difference } = subject;
  const recordedItem = difference.declared ? undefined : itemOf(subject, 'recorded');
  const actualItem = itemOf(subject, 'actual');
  const item = actualItem ?? recordedItem;
  const target = item === undefined ? undefined : planTarget(item);
  if (item === undefined || target === undefined)
    return refuse('INADMISSIBLE', `no statement is offered for ${difference.path}`);
  const grantee = granteeOf(subject.resource);
  const recorded = heldOf(recordedItem);
  const excess = actualItem === undefined ? [] : excessOf(subject, actualItem, recorded);
  const gone = recorded.filter(
    (held) => !heldOf(actualItem).some((each) => sameEntry(each, held) && (each.grantable || !held.grantable)),
  );
  const dependents = excess.flatMap(({ held }) => dependentEntries(subject, target, { grantee, held }));
  const losses = unaskedLosses(subject, dependents);
  if (losses !== undefined)
    return refuse('APPROVAL', `others hold what hangs on ${difference.path} and would lose it: ${losses}`);
  const writes = [
    ...gone.map((held) => grantAgain(target, held, grantee)),
    ...dependents.map((entry) => revokeWrite(target, entry.held, { grantee: entry.grantee, optionOnly: false })),
    ...excess.map(({ held, optionOnly }) => revokeWrite(target, held, { grantee, optionOnly })),
    ...excess.flatMap(({ held, optionOnly }) => (optionOnly ? [] : columnGrants(subject, target, held))),
  ];
  if (writes.length === 0) return refuse('INADMISSIBLE', `${difference.path} holds nothing to take back`);
  return propose(writes, [
    ...excess.map(({ held }) => seenEntry(target, held, grantee)),
    ...dependents.map((entry) => seenEntry(target, entry.held, entry.grantee)),
  ]);
}
