import type { JsonObject } from '../../../core/model/json.ts';
import { actualGrant, extraHoldings } from './declared-grants.ts';
import { foldDefaults, scopeOfDefault } from './default-items.ts';
import { documentsOf } from './grantee-documents.ts';
import { byRole, membershipTrees } from './membership-trees.ts';
import { json, type GrantDeclaration, type TreeSource } from './tree-source.ts';

/** The desired tree of a grant document. */
export function desiredGrant(declared: GrantDeclaration, source: TreeSource): JsonObject {
  const documents = documentsOf(declared.grantee, source);
  const grants = documents.grants.find((each) => each.resource === declared.resource);
  const memberships = documents.memberships.find((each) => each.resource === declared.resource);
  const defaults = documents.defaults.find((each) => each.resource === declared.resource);
  return json({
    ...(memberships === undefined
      ? {}
      : {
          roles: [...new Set(memberships.roles)]
            .sort()
            .map((role) => ({ role, admin: false, inherit: true, set: true })),
        }),
    ...(documents.memberships[0]?.resource === declared.resource ? { extraRoles: [] } : {}),
    ...(grants === undefined ? {} : { grants: grants.items, extraGrants: [] }),
    ...(defaults === undefined ? {} : { defaults: defaults.items, extraDefaults: [] }),
  }) as JsonObject;
}

/** The actual tree of a grant document: what of it is there, and what stands beyond it inside the parts it speaks of. */
export function actualGrantTree(declared: GrantDeclaration, source: TreeSource): JsonObject {
  const documents = documentsOf(declared.grantee, source);
  const edges = byRole(source.index.membershipsOf(declared.grantee));
  const memberships = membershipTrees(declared.resource, documents, edges, true);
  const { extra } = extraHoldings(declared.grantee, documents.grants, source.index);
  const grants = documents.grants.find((each) => each.resource === declared.resource)?.items ?? [];
  const defaults = documents.defaults.find((each) => each.resource === declared.resource)?.items ?? [];
  const scopes = new Set(defaults.map(scopeOfDefault));
  const there = foldDefaults(source.index.defaultsOf(declared.grantee), source.version);
  const wanted = new Map(defaults.map((item) => [item.on, item]));
  const inherits = source.cluster.roles.get(declared.grantee)?.attributes.inherit ?? true;
  return json({
    roles: memberships.actual.map((item) => ({ ...item, inherit: item.inherit === inherits ? true : item.inherit })),
    extraRoles: documents.memberships[0]?.resource === declared.resource ? memberships.extra : [],
    grants: grants.flatMap((item) => actualGrant(item, declared.grantee, source.index) ?? []),
    extraGrants: extra.get(declared.resource) ?? [],
    defaults: there.flatMap((item) => {
      const own = wanted.get(item.on);
      return own === undefined
        ? []
        : [{ ...item, privileges: item.privileges.filter((privilege) => own.privileges.includes(privilege)) }];
    }),
    extraDefaults: there
      .filter((item) => scopes.has(scopeOfDefault(item)))
      .flatMap((item) => {
        const more = item.privileges.filter(
          (privilege) => !(wanted.get(item.on)?.privileges.includes(privilege) ?? false),
        );
        return more.length === 0 ? [] : [{ ...item, privileges: more }];
      }),
  }) as JsonObject;
}
