import { z } from 'zod';
import type { JsonObject } from '../../../core/model/json.ts';
import type { Plane } from '../../../core/model/vocabulary.ts';
import {
  granteeOf,
  itemOf,
  pathNames,
  propose,
  referencePlane,
  refuse,
  seenFact,
  type PlannedWrite,
  type PlanSubject,
  type Proposal,
} from './plan-subject.ts';
import type { SeenFacts } from './payload.ts';
import { MEMBERSHIP_OPTIONS_SINCE } from './statements/membership-statement.ts';

const Edge = z.object({
  role: z.string(),
  admin: z.boolean(),
  inherit: z.boolean().default(true),
  set: z.boolean().default(true),
  grantors: z.array(z.string()).default([]),
});
type Edge = z.infer<typeof Edge>;

function edgeOf(subject: PlanSubject, plane: Plane): Edge | undefined {
  const item: JsonObject | undefined = itemOf(subject, plane);
  const parsed = Edge.safeParse(item);
  return parsed.success ? parsed.data : undefined;
}

function grantWrite(edge: Edge, member: string, major: number, grantor: string | undefined): PlannedWrite {
  const options = major >= MEMBERSHIP_OPTIONS_SINCE ? { inherit: edge.inherit, set: edge.set } : {};
  return {
    write: {
      kind: 'membership-grant',
      group: edge.role,
      member,
      admin: edge.admin,
      ...options,
      ...(grantor === undefined ? {} : { grantor }),
    },
    phase: 'grant',
    loses: [],
  };
}

/** One edge holds for all grantors up to 15; from 16 on each grantor's own must be named. */
function revokeWrites(edge: Edge, member: string, major: number): readonly PlannedWrite[] {
  const grantors = major >= MEMBERSHIP_OPTIONS_SINCE ? edge.grantors : [undefined];
  return grantors.map((grantor) => ({
    write: {
      kind: 'membership-revoke',
      group: edge.role,
      member,
      adminOnly: false,
      ...(grantor === undefined ? {} : { grantor }),
    },
    phase: 'revoke',
    loses: [`membership of ${member} in ${edge.role}${grantor === undefined ? '' : `, given by ${grantor}`}`],
  }));
}

function narrowAdmin(edge: Edge, member: string): PlannedWrite {
  return {
    write: { kind: 'membership-revoke', group: edge.role, member, adminOnly: true },
    phase: 'revoke',
    loses: [`administration of ${edge.role} by ${member}`],
  };
}

const Edges = z.array(
  z.object({ role: z.string(), grantor: z.string(), admin: z.boolean(), inherit: z.boolean(), set: z.boolean() }),
);

/** The live edges between two roles, one for each grantor, where the observation lists them. */
function edgesOf(subject: PlanSubject, group: string): z.infer<typeof Edges> {
  const edges = Edges.safeParse(subject.resource.facts?.['edges']);
  return edges.success ? edges.data.filter((edge) => edge.role === group) : [];
}

/** Options are put right on each grantor's own edge; one more edge would leave the others as they are. */
function planChange(subject: PlanSubject, wanted: Edge, actual: Edge): Proposal {
  const { major } = subject;
  const member = granteeOf(subject.resource);
  if (major < MEMBERSHIP_OPTIONS_SINCE) {
    const seen = [seenFact(['member', wanted.role, member, ''], { admin: actual.admin })];
    return propose([wanted.admin ? grantWrite(wanted, member, major, undefined) : narrowAdmin(wanted, member)], seen);
  }
  const edges = edgesOf(subject, wanted.role);
  if (edges.length === 0) return refuse('INADMISSIBLE', `nobody knows who made ${member} a member of ${wanted.role}`);
  return propose(
    edges.map(({ grantor }) => grantWrite(wanted, member, major, grantor)),
    edges.map(({ grantor, admin, inherit, set }) =>
      seenFact(['member', wanted.role, member, grantor], { admin, inherit, set }),
    ),
  );
}

function seenEdges(subject: PlanSubject, edge: Edge, member: string): readonly SeenFacts[] {
  if (subject.major < MEMBERSHIP_OPTIONS_SINCE)
    return [seenFact(['member', edge.role, member, ''], { admin: edge.admin })];
  return edgesOf(subject, edge.role).map(({ grantor, admin, inherit, set }) =>
    seenFact(['member', edge.role, member, grantor], { admin, inherit, set }),
  );
}

/** A membership that is missing, has other options, or is there beyond what anybody declared. */
export function planMembership(subject: PlanSubject): Proposal {
  const { difference, resource, major } = subject;
  const member = granteeOf(resource);
  const wanted = edgeOf(subject, referencePlane(difference));
  const actual = edgeOf(subject, 'actual');
  if (wanted === undefined && actual === undefined)
    return refuse('INADMISSIBLE', `${difference.path} names no membership`);
  if (wanted !== undefined && actual !== undefined) return planChange(subject, wanted, actual);
  if (wanted !== undefined) {
    const seen = major < MEMBERSHIP_OPTIONS_SINCE ? [seenFact(['member', wanted.role, member, ''], undefined)] : [];
    return propose([grantWrite(wanted, member, major, undefined)], seen);
  }
  if (actual === undefined) return refuse('INADMISSIBLE', `${pathNames(difference).join(' ')} is not there`);
  const writes = revokeWrites(actual, member, major);
  if (writes.length === 0) return refuse('INADMISSIBLE', `nobody knows who made ${member} a member of ${actual.role}`);
  return propose(writes, seenEdges(subject, actual, member));
}
