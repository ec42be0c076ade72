import type { GranteeDocuments } from './grantee-documents.ts';
import type { Membership } from './server-catalog.ts';
import type { MembershipItem } from './state.ts';

/** Memberships by the role they are of, without those the server makes itself. */
export function byRole(memberships: readonly Membership[]): ReadonlyMap<string, readonly Membership[]> {
  return Map.groupBy(
    memberships.filter((each) => !each.serverMade),
    (each) => each.role,
  );
}

function membershipItem(role: string, edges: readonly Membership[], withGrantors: boolean): MembershipItem {
  const item = {
    role,
    admin: edges.some((each) => each.admin),
    inherit: edges.some((each) => each.inherit),
    set: edges.some((each) => each.set),
  };
  return withGrantors ? { ...item, grantors: edges.map((each) => each.grantor).sort() } : item;
}

/** Memberships of one resource: as declared, what of that is there, and what stands beyond all documents. */
export interface MembershipTrees {
  readonly desired: readonly MembershipItem[] | undefined;
  readonly actual: readonly MembershipItem[];
  readonly extra: readonly MembershipItem[];
}

/** Compares the memberships of one role with what every document says of it; the first document answers for the rest. */
export function membershipTrees(
  resource: string,
  documents: GranteeDocuments,
  edges: ReadonlyMap<string, readonly Membership[]>,
  inherits: boolean,
): MembershipTrees {
  const own = documents.memberships.find((each) => each.resource === resource);
  const everywhere = new Set(documents.memberships.flatMap((each) => each.roles));
  const first = documents.memberships[0]?.resource;
  const declared = [...new Set(own?.roles ?? [])].sort();
  const extra =
    first === resource || first === undefined
      ? [...edges].filter(([role]) => !everywhere.has(role)).map(([role, list]) => membershipItem(role, list, true))
      : [];
  return {
    desired:
      own === undefined ? undefined : declared.map((role) => ({ role, admin: false, inherit: inherits, set: true })),
    actual: declared.flatMap((role) => {
      const list = edges.get(role);
      return list === undefined ? [] : [membershipItem(role, list, false)];
    }),
    extra: extra.sort((left, right) => (left.role < right.role ? -1 : 1)),
  };
}
