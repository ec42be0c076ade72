import { z } from 'zod';
import type { JsonObject } from '../../../core/model/json.ts';
import { ANY, EVERYBODY } from './affected/fact.ts';
import { dependentEntries, type DependentEntry } from './plan-dependent.ts';
import { heldOf, type Held } from './plan-held.ts';
import {
  granteeOf,
  itemOf,
  listOf,
  propose,
  referencePlane,
  refuse,
  seenFact,
  toGrantee,
  type PlannedWrite,
  type PlanSubject,
  type Proposal,
} from './plan-subject.ts';
import { planTarget, type PlanTarget } from './plan-target.ts';
import { PUBLIC } from './state.ts';
import { Privilege } from './statements/privilege.ts';
import { targetKey } from './statements/target.ts';

const GrantItem = z.object({ privileges: z.array(Privilege), grantOption: z.boolean().default(false) });

const factName = (grantee: string): string => (grantee === PUBLIC ? EVERYBODY : grantee);

function grantItem(item: JsonObject | undefined): z.infer<typeof GrantItem> {
  return item === undefined ? { privileges: [], grantOption: false } : GrantItem.parse(item);
}

/** What a document gives and the server lacks. */
export function planGrants(subject: PlanSubject): Proposal {
  const wantedItem = itemOf(subject, referencePlane(subject.difference));
  const target = wantedItem === undefined ? undefined : planTarget(wantedItem);
  if (target === undefined) return refuse('INADMISSIBLE', `no statement is offered for ${subject.difference.path}`);
  const wanted = grantItem(wantedItem);
  const actual = grantItem(itemOf(subject, 'actual'));
  const optionMissing = wanted.grantOption && !actual.grantOption;
  const missing = wanted.privileges.filter((privilege) => !actual.privileges.includes(privilege));
  const given = optionMissing ? wanted.privileges : missing;
  if (given.length === 0) return refuse('INADMISSIBLE', `${subject.difference.path} lacks nothing`);
  const grantee = granteeOf(subject.resource);
  const isAll = target.target.kind.startsWith('all-');
  const column = target.columns[0] ?? '';
  const seen = isAll
    ? []
    : missing.map((privilege) => ({
        pattern: ['acl', targetKey(target.target), column, factName(grantee), ANY, privilege],
        facts: [],
      }));
  const write: PlannedWrite = {
    write: {
      kind: 'grant',
      target: target.target,
      columns: [...target.columns],
      privileges: [...given],
      grantee: toGrantee(grantee),
      grantOption: wanted.grantOption,
      ...(target.owner === undefined || isAll ? {} : { as: target.owner }),
    },
    phase: target.columns.length > 0 ? 'column' : 'grant',
    loses: [],
  };
  return propose([write], seen);
}

/** Whether a document gives the privilege itself, so that only the right to pass it on is too much. */
function isDeclared(subject: PlanSubject, target: PlanTarget, privilege: Privilege): boolean {
  return listOf(subject.resource, 'desired', 'grants').some((item) => {
    const declared = planTarget(item);
    if (declared === undefined || !grantItem(item).privileges.includes(privilege)) return false;
    if (declared.on === target.on) return true;
    const covered = { table: 'all-tables', sequence: 'all-sequences', function: 'all-functions' }[target.target.kind as string];
    return (
      declared.target.kind === covered &&
      'schema' in declared.target &&
      'schema' in target.target &&
      declared.target.schema === target.target.schema &&
      'database' in target.target &&
      declared.target.database === target.target.database
    );
  });
}

function revokeWrite(target: PlanTarget, held: Held, grantee: string, optionOnly: boolean): PlannedWrite {
  const word = optionOnly ? `the grant option of ${held.privilege}` : held.privilege;
  return {
    write: {
      kind: 'revoke',
      target: target.target,
      columns: [...target.columns],
      privileges: [held.privilege],
      grantee: toGrantee(grantee),
      optionOnly,
      as: held.grantor,
    },
    phase: 'revoke',
    loses: [`${word} of ${grantee} on ${target.on}, given by ${held.grantor}`],
  };
}

function seenEntry(target: PlanTarget, held: Held, grantee: string): ReturnType<typeof seenFact> {
  const key = ['acl', targetKey(target.target), target.columns[0] ?? '', factName(grantee), held.grantor, held.privilege];
  return seenFact(key, held.grantable);
}

/** Grants of the same privilege on columns, which a table-level REVOKE takes along and which are given again. */
function columnGrants(subject: PlanSubject, target: PlanTarget, held: Held): readonly PlannedWrite[] {
  if (target.target.kind !== 'table' || target.columns.length > 0) return [];
  const grantee = granteeOf(subject.resource);
  const lists = [...listOf(subject.resource, 'actual', 'grants'), ...listOf(subject.resource, 'actual', 'privileges')];
  return lists.flatMap((item): readonly PlannedWrite[] => {
    const column = planTarget(item);
    if (column === undefined || column.columns.length === 0 || targetKey(column.target) !== targetKey(target.target)) return [];
    return heldOf(item)
      .filter((each) => each.privilege === held.privilege && each.grantor === held.grantor)
      .map((each) => ({
        write: {
          kind: 'grant',
          target: column.target,
          columns: [...column.columns],
          privileges: [each.privilege],
          grantee: toGrantee(grantee),
          grantOption: each.grantable,
          as: each.grantor,
        },
        phase: 'column',
        loses: [],
      }));
  });
}

const sameEntry = (left: Held, right: Held): boolean => left.privilege === right.privilege && left.grantor === right.grantor;

function leafFirst(target: PlanTarget, dependents: readonly DependentEntry[]): readonly PlannedWrite[] {
  return dependents.map(({ grantee, held }) => revokeWrite(target, held, grantee, false));
}

function missingAgain(target: PlanTarget, held: readonly Held[], grantee: string): readonly PlannedWrite[] {
  return held.map((each) => ({
    write: {
      kind: 'grant',
      target: target.target,
      columns: [...target.columns],
      privileges: [each.privilege],
      grantee: toGrantee(grantee),
      grantOption: each.grantable,
      as: each.grantor,
    },
    phase: target.columns.length > 0 ? 'column' : 'grant',
    loses: [],
  }));
}

interface Excess {
  readonly held: Held;
  readonly optionOnly: boolean;
}

function excessOf(subject: PlanSubject, target: PlanTarget, recorded: readonly Held[], actual: readonly Held[]): readonly Excess[] {
  return actual.flatMap((held): readonly Excess[] => {
    const before = recorded.find((each) => sameEntry(each, held));
    if (before !== undefined && (before.grantable || !held.grantable)) return [];
    return [{ held, optionOnly: before !== undefined || (held.grantable && isDeclared(subject, target, held.privilege)) }];
  });
}

/**
 * What is there beyond the documents (or beyond what was recorded): each grantor's entry is taken back as that grantor,
 * what hangs on it first.
 */
export function planHeld(subject: PlanSubject): Proposal {
  const { difference } = subject;
  const recordedItem = difference.declared ? undefined : itemOf(subject, 'recorded');
  const actualItem = itemOf(subject, 'actual');
  const item = actualItem ?? recordedItem;
  const target = item === undefined ? undefined : planTarget(item);
  if (target === undefined) return refuse('INADMISSIBLE', `no statement is offered for ${difference.path}`);
  const grantee = granteeOf(subject.resource);
  const recorded = heldOf(recordedItem);
  const actual = heldOf(actualItem);
  const excess = excessOf(subject, target, recorded, actual);
  const gone = recorded.filter((held) => !actual.some((each) => sameEntry(each, held)));
  const dependents = excess.flatMap(({ held }) => dependentEntries(subject, target, { grantee, held }));
  const unasked = dependents.filter((entry) => !entry.isExtra);
  if (unasked.length > 0 && !subject.approved) {
    const losses = unasked.map((entry) => `${entry.held.privilege} of ${entry.grantee}`).join(', ');
    return refuse('APPROVAL', `others hold what hangs on ${difference.path} and would lose it: ${losses}`);
  }
  const writes = [
    ...missingAgain(target, gone, grantee),
    ...leafFirst(target, dependents),
    ...excess.map(({ held, optionOnly }) => revokeWrite(target, held, grantee, optionOnly)),
    ...excess.flatMap(({ held, optionOnly }) => (optionOnly ? [] : columnGrants(subject, target, held))),
  ];
  const seen = [
    ...excess.map(({ held }) => seenEntry(target, held, grantee)),
    ...dependents.map((entry) => seenEntry(target, entry.held, entry.grantee)),
  ];
  return writes.length === 0 ? refuse('INADMISSIBLE', `${difference.path} holds nothing to take back`) : propose(writes, seen);
}
