import { z } from 'zod';
import type { JsonObject } from '../../../core/model/json.ts';
import type { ResourceObservation } from '../../../core/model/observation.ts';
import { granteeOf, listOf, type PlanSubject } from './plan-subject.ts';
import { Privilege } from './statements/privilege.ts';

const DeclaredItem = z.object({
  on: z.string(),
  kind: z.string(),
  database: z.string().optional(),
  schema: z.string().optional(),
  name: z.string().optional(),
  arguments: z.string().optional(),
  privileges: z.array(Privilege).default([]),
});
type DeclaredItem = z.infer<typeof DeclaredItem>;

function covers(declared: DeclaredItem, target: DeclaredItem): boolean {
  if (declared.on === target.on) return true;
  const isSamePlace =
    declared.kind === target.kind && declared.database === target.database && declared.schema === target.schema;
  if (!isSamePlace) return false;
  if (declared.name === '*') return true;
  if (declared.kind !== 'function') return false;
  return declared.name === target.name || declared.name === `${target.name ?? ''}(${target.arguments ?? ''})`;
}

/** Every resource that speaks of what one role holds: its own, and the grants to it. */
export function resourcesOf(subject: PlanSubject): readonly ResourceObservation[] {
  const grantee = granteeOf(subject.resource);
  const types = new Set(['user', 'role', 'grant']);
  return subject.observation.resources.filter((each) => types.has(each.type) && granteeOf(each) === grantee);
}

/** Whether some document gives the role the privilege there, so that only the right to pass it on is too much. */
export function isDeclared(subject: PlanSubject, item: JsonObject, privilege: Privilege): boolean {
  const target = DeclaredItem.safeParse(item);
  if (!target.success) return false;
  return resourcesOf(subject).some((resource) =>
    listOf(resource, 'desired', 'grants').some((each) => {
      const declared = DeclaredItem.safeParse(each);
      return declared.success && declared.data.privileges.includes(privilege) && covers(declared.data, target.data);
    }),
  );
}
