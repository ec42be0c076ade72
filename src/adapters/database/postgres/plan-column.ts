import { heldOf, type Held } from './plan-held.ts';
import { resourcesOf } from './plan-declared.ts';
import { granteeOf, listOf, pathNames, toGrantee, type PlannedWrite, type PlanSubject } from './plan-subject.ts';
import { planTarget, type PlanTarget } from './plan-target.ts';
import { targetKey } from './statements/target.ts';

/** Whether the same plan takes the column's own entry back. */
function isHealedToo(subject: PlanSubject, on: string): boolean {
  return subject.differences.some(
    (difference) => pathNames(difference)[1] === on && difference.path.split('/')[1] !== 'grants',
  );
}

/**
 * Grants of the same privilege on columns, by the same grantor: a table-level REVOKE takes them along, and they are given again
 * in the same transaction.
 */
export function columnGrants(subject: PlanSubject, target: PlanTarget, held: Held): readonly PlannedWrite[] {
  if (target.target.kind !== 'table' || target.columns.length > 0) return [];
  const grantee = granteeOf(subject.resource);
  const items = resourcesOf(subject).flatMap((resource) => listOf(resource, 'actual', 'privileges'));
  return items.flatMap((item): readonly PlannedWrite[] => {
    const column = planTarget(item);
    const isThere =
      column !== undefined && column.columns.length > 0 && targetKey(column.target) === targetKey(target.target);
    if (!isThere || isHealedToo(subject, column.on)) return [];
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
