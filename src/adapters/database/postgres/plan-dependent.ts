import { z } from 'zod';
import type { JsonObject } from '../../../core/model/json.ts';
import { heldOf, type Held } from './plan-held.ts';
import { granteeOf, listOf, type PlanSubject } from './plan-subject.ts';
import { planTarget, type PlanTarget } from './plan-target.ts';
import { Privilege } from './statements/privilege.ts';
import { targetKey } from './statements/target.ts';

/** A grant that another role gave on from what it was given. */
export interface DependentEntry {
  readonly grantee: string;
  readonly held: Held;
  /** A document covers the place and does not give it: it is to go anyway. */
  readonly isExtra: boolean;
}

interface Entry {
  readonly grantee: string;
  readonly held: Held;
}

const Given = z.object({ grantee: z.string(), privilege: Privilege, grantable: z.boolean() });

function isSameTarget(item: JsonObject, target: PlanTarget): boolean {
  const other = planTarget(item);
  return (
    other !== undefined &&
    targetKey(other.target) === targetKey(target.target) &&
    other.columns.join() === target.columns.join()
  );
}

/** What a role gave on, as the observation lists it for each grantor. */
function givenEntries(subject: PlanSubject, target: PlanTarget, from: Entry): readonly Entry[] {
  const lists = subject.observation.resources
    .filter((resource) => resource.type !== 'database' && granteeOf(resource) === from.grantee)
    .map((resource) => resource.facts?.['given'])
    .filter((given) => Array.isArray(given));
  return lists.flat().flatMap((item: JsonObject): readonly Entry[] => {
    const given = Given.safeParse(item);
    if (!given.success || !isSameTarget(item, target) || given.data.privilege !== from.held.privilege) return [];
    const { grantee, privilege, grantable } = given.data;
    return [{ grantee, held: { privilege, grantor: from.grantee, grantable } }];
  });
}

const LISTS = ['extraGrants', 'privileges'] as const;

/** What roles hold beyond their documents, as far as this role gave it. */
function heldEntries(subject: PlanSubject, target: PlanTarget, from: Entry): readonly DependentEntry[] {
  return subject.observation.resources.flatMap((resource) =>
    LISTS.flatMap((list) =>
      listOf(resource, 'actual', list).flatMap((item) => {
        if (!isSameTarget(item, target)) return [];
        return heldOf(item)
          .filter((held) => held.privilege === from.held.privilege && held.grantor === from.grantee)
          .map((held) => ({ grantee: granteeOf(resource), held, isExtra: list === 'extraGrants' }));
      }),
    ),
  );
}

function givenBy(subject: PlanSubject, target: PlanTarget, from: Entry): readonly DependentEntry[] {
  const held = heldEntries(subject, target, from);
  const others = givenEntries(subject, target, from).filter(
    (entry) => !held.some((each) => each.grantee === entry.grantee),
  );
  return [...held, ...others.map((entry) => ({ ...entry, isExtra: false }))];
}

/** Leaves stand before the branch they grew on: an entry moves behind whatever hangs on it. */
function follow(
  subject: PlanSubject,
  target: PlanTarget,
  search: { readonly from: Entry; readonly found: Map<string, DependentEntry> },
): void {
  for (const entry of givenBy(subject, target, search.from)) {
    const key = JSON.stringify([entry.grantee, entry.held.grantor]);
    if (search.found.has(key)) continue;
    search.found.set(key, entry);
    follow(subject, target, { from: entry, found: search.found });
    search.found.delete(key);
    search.found.set(key, entry);
  }
}

/** Everything that hangs on an entry, leaves first. */
export function dependentEntries(subject: PlanSubject, target: PlanTarget, from: Entry): readonly DependentEntry[] {
  if (!from.held.grantable) return [];
  const found = new Map<string, DependentEntry>();
  follow(subject, target, { from, found });
  return [...found.values()];
}
