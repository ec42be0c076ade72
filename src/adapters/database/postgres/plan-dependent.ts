import { heldOf, type Held } from './plan-held.ts';
import { granteeOf, listOf, type PlanSubject } from './plan-subject.ts';
import { planTarget, type PlanTarget } from './plan-target.ts';
import { targetKey } from './statements/target.ts';

/** A grant that another role gave on from what it was given. */
export interface DependentEntry {
  readonly grantee: string;
  readonly held: Held;
  /** A document covers the place and does not give it: it is to go anyway. */
  readonly isExtra: boolean;
}

const LISTS = ['extraGrants', 'privileges'] as const;

function givenBy(subject: PlanSubject, target: PlanTarget, from: { readonly grantee: string; readonly held: Held }): readonly DependentEntry[] {
  const place = targetKey(target.target);
  return subject.observation.resources.flatMap((resource) =>
    LISTS.flatMap((list) =>
      listOf(resource, 'actual', list).flatMap((item) => {
        const other = planTarget(item);
        if (other === undefined || targetKey(other.target) !== place || other.columns.length !== target.columns.length) return [];
        return heldOf(item)
          .filter((held) => held.privilege === from.held.privilege && held.grantor === from.grantee)
          .map((held) => ({ grantee: granteeOf(resource), held, isExtra: list === 'extraGrants' }));
      }),
    ),
  );
}

function follow(subject: PlanSubject, target: PlanTarget, from: { readonly grantee: string; readonly held: Held }, found: Map<string, DependentEntry>): void {
  for (const entry of givenBy(subject, target, from)) {
    const key = JSON.stringify([entry.grantee, entry.held.grantor]);
    if (found.has(key) || entry.grantee === from.grantee) continue;
    // Deepest first: a leaf is entered before the branch it grew on.
    found.set(key, entry);
    follow(subject, target, entry, found);
    found.delete(key);
    found.set(key, entry);
  }
}

/** Everything that hangs on an entry, leaves first. */
export function dependentEntries(subject: PlanSubject, target: PlanTarget, from: { readonly grantee: string; readonly held: Held }): readonly DependentEntry[] {
  if (!from.held.grantable) return [];
  const found = new Map<string, DependentEntry>();
  follow(subject, target, from, found);
  return [...found.values()];
}
