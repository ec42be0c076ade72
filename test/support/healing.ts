import { digestOfPlan } from '../../src/adapters/database/postgres/plan.ts';
import { PlanPayload } from '../../src/adapters/database/postgres/payload.ts';
import type { Write } from '../../src/adapters/database/postgres/statements/schema.ts';
import type { JsonValue } from '../../src/core/model/json.ts';
import type { Planned } from '../../src/ports/actuator.ts';
import type { DatabaseLoop } from './database-loop.ts';
import type { TestServer } from './postgres.ts';

export const GROUP = 'apiVersion: dbops.dbprovision.io/v1alpha1';

/** A role with SELECT on tables of schema app. */
export function role(name: string, database: string, tables: string): string {
  return `${GROUP}
kind: DatabaseRole
metadata: {name: ${name}}
spec: {roleName: ${name}, instanceRef: {name: pg}, postgres: {grants: [{database: ${database}, schema: app, tables: ${tables}, privileges: [SELECT]}]}}
---
`;
}

/** A user with a PostgreSQL block. */
export function user(name: string, block: string): string {
  return `${GROUP}
kind: DatabaseUser
metadata: {name: ${name}}
spec: {username: ${name}, instanceRef: {name: pg}, postgres: {${block}}}
`;
}

/** The first column of the first row. */
export async function valueOf(server: Pick<TestServer, 'sql'>, query: string, database?: string): Promise<unknown> {
  const { rows } = await server.sql(query, database);
  return Object.values((rows[0] ?? {}) as Record<string, unknown>)[0];
}

/** The plan for what differs at one path. */
export async function planOne(
  loop: DatabaseLoop,
  pathRoot: string,
  resource?: string,
  approved = false,
): Promise<Planned> {
  const look = await loop.look();
  const group = look.groups.find(
    (each) => each.key.pathRoot === pathRoot && (resource === undefined || each.key.resource === resource),
  );
  if (group === undefined)
    throw new Error(
      `nothing differs at ${pathRoot}: ${look.groups.map((each) => each.key.resource + each.key.pathRoot).join()}`,
    );
  return loop.plan(look, group, approved);
}

/** The same plan with its payload edited, as if the planner had been wrong. */
export function rewrite(planned: Planned, edit: (write: Write) => Write): Planned {
  if (planned.status === 'refused') throw new Error(JSON.stringify(planned.gates));
  const before = PlanPayload.parse(planned.plan.payload);
  const parts = before.parts.map((part) => ({ ...part, writes: part.writes.map(edit), seen: [] }));
  const payload = { ...before, parts } as unknown as JsonValue;
  const plan = { ...planned.plan, payload };
  return { status: 'planned', plan: { ...plan, digest: digestOfPlan(plan) } };
}

/** What differs now, as `resource path`. */
export async function differing(loop: DatabaseLoop): Promise<readonly string[]> {
  const { comparison } = await loop.look();
  return comparison.differences.map((each) => `${each.resource} ${each.path}`);
}
