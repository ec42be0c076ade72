import { toGrantItems } from './declared-grants.ts';
import { defaultItem } from './default-items.ts';
import type { DefaultItem, GrantItem } from './state.ts';
import type { GrantDeclaration, TreeSource } from './tree-source.ts';

/** Everything documents say of one grantee, by document. */
export interface GranteeDocuments {
  readonly grants: readonly { readonly resource: string; readonly items: readonly GrantItem[] }[];
  readonly memberships: readonly { readonly resource: string; readonly roles: readonly string[] }[];
  readonly defaults: readonly { readonly resource: string; readonly items: readonly DefaultItem[] }[];
}

function grantDefaults(document: GrantDeclaration, version: number): readonly DefaultItem[] {
  return (document.spec.postgres?.defaultPrivileges ?? []).map((each) =>
    defaultItem({ ...each, owner: each.grantedBy, grantee: document.grantee }, version),
  );
}

/** Groups what all documents say by the role it is about. */
export function documentsOf(grantee: string, source: TreeSource): GranteeDocuments {
  const { declarations, version } = source;
  const roles = declarations.roles.filter((each) => each.spec.roleName === grantee);
  const users = declarations.users.filter((each) => each.spec.username === grantee);
  const grants = declarations.grants.filter((each) => each.grantee === grantee);
  return {
    grants: [
      ...roles
        .filter((each) => each.spec.postgres?.grants !== undefined)
        .map((each) => ({ resource: each.resource, items: toGrantItems(each.spec.postgres?.grants ?? [], version) })),
      ...grants
        .filter((each) => each.spec.postgres?.grants !== undefined)
        .map((each) => ({ resource: each.resource, items: toGrantItems(each.spec.postgres?.grants ?? [], version) })),
    ],
    memberships: [
      ...roles
        .filter((each) => each.spec.postgres?.inRoles !== undefined)
        .map((each) => ({ resource: each.resource, roles: each.spec.postgres?.inRoles ?? [] })),
      ...users
        .filter((each) => each.spec.roles !== undefined || each.spec.postgres?.inRoles !== undefined)
        .map((each) => ({
          resource: each.resource,
          roles: [...(each.spec.roles ?? []), ...(each.spec.postgres?.inRoles ?? [])],
        })),
      ...grants
        .filter((each) => each.spec.postgres?.roles !== undefined)
        .map((each) => ({ resource: each.resource, roles: each.spec.postgres?.roles ?? [] })),
    ],
    defaults: grants
      .filter((each) => each.spec.postgres?.defaultPrivileges !== undefined)
      .map((each) => ({ resource: each.resource, items: grantDefaults(each, version) })),
  };
}
