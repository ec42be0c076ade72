import { digestJson, type Digest } from '../../../core/model/digest.ts';
import type { GateResult } from '../../../core/model/gate.ts';
import type { Instant } from '../../../core/model/instant.ts';
import type { JsonObject, JsonValue } from '../../../core/model/json.ts';
import type { PathState } from '../../../core/model/plane-state.ts';
import { OperationError } from '../../../core/model/operation-error.ts';
import type { Plan, PlanStep } from '../../../core/model/plan.ts';
import type { Planned, PlanRequest } from '../../../ports/actuator.ts';
import { fingerprintOf, type PlanPart, type PlanPayload, type SeenFacts } from './payload.ts';
import { planGates } from './plan-gates.ts';
import { proposeFor } from './plan-proposal.ts';
import { PHASES, type PlannedWrite } from './plan-subject.ts';
import { readServerFacts, type PlanFacts } from './server-facts.ts';
import { databaseOfWrite, renderMessage } from './statements/statement.ts';

/** A write with the difference it belongs to. */
interface OwnedWrite extends PlannedWrite {
  readonly resource: string;
  readonly path: string;
}

/** Facts with the database they are of; undefined: any shows them. */
interface OwnedSeen {
  readonly database: string | undefined;
  readonly seen: SeenFacts;
}

type Gathered =
  | { readonly status: 'gathered'; readonly writes: readonly OwnedWrite[]; readonly seen: readonly OwnedSeen[] }
  | { readonly status: 'refused'; readonly gates: readonly GateResult[] };

function gather(request: PlanRequest, facts: PlanFacts): Gathered {
  const writes: OwnedWrite[] = [];
  const gates: GateResult[] = [];
  const seen: OwnedSeen[] = [];
  for (const difference of request.differences) {
    const resource = request.observation.resources.find((each) => each.resource === difference.resource);
    if (resource === undefined) {
      gates.push({ code: 'RACED', status: 'fail', because: `${difference.resource} is not in the newest observation` });
      continue;
    }
    const proposal = proposeFor({
      difference,
      resource,
      observation: request.observation,
      differences: request.differences,
      major: facts.major,
      approved: request.approved,
    });
    if (proposal.status === 'refused') {
      gates.push({ code: proposal.code, status: 'fail', because: `${difference.path}: ${proposal.because}` });
      continue;
    }
    for (const write of proposal.writes)
      writes.push({ ...write, resource: difference.resource, path: difference.path });
    const [first] = proposal.writes;
    const database = first === undefined ? undefined : databaseOfWrite(first.write);
    for (const each of proposal.seen) seen.push({ database, seen: each });
  }
  return gates.length > 0 ? { status: 'refused', gates } : { status: 'gathered', writes, seen };
}

interface OrderedParts {
  readonly parts: readonly PlanPart[];
  readonly order: readonly OwnedWrite[];
}

/** Where what concerns the whole server is sent: along with the only database concerned, so that one transaction does it all. */
function homeOf(writes: readonly OwnedWrite[], facts: PlanFacts): string {
  const databases = new Set(
    writes.map(({ write }) => databaseOfWrite(write)).filter((database) => database !== undefined),
  );
  const [only] = databases;
  return databases.size === 1 && only !== undefined ? only : facts.database;
}

/** Each statement once, in the order of the phases, one part for each database; what concerns the whole server goes first. */
function toParts(gathered: Extract<Gathered, { status: 'gathered' }>, facts: PlanFacts): OrderedParts {
  const once = new Map<string, OwnedWrite>();
  for (const write of gathered.writes) {
    const text = JSON.stringify(write.write);
    if (!once.has(text)) once.set(text, write);
  }
  const sorted = [...once.values()].sort((left, right) => PHASES.indexOf(left.phase) - PHASES.indexOf(right.phase));
  const home = homeOf(sorted, facts);
  const byDatabase = Map.groupBy(sorted, ({ write }) => databaseOfWrite(write) ?? home);
  const databases = [...byDatabase.keys()].sort((left, right) => {
    if ((left === home) !== (right === home)) return left === home ? -1 : 1;
    return left < right ? -1 : 1;
  });
  const parts = databases.map((database): PlanPart => ({
    database,
    writes: (byDatabase.get(database) ?? []).map(({ write }) => write),
    seen: gathered.seen.filter((each) => (each.database ?? home) === database).map(({ seen }) => seen),
  }));
  return { parts, order: databases.flatMap((database) => byDatabase.get(database) ?? []) };
}

function toStep(write: OwnedWrite, facts: PlanFacts, note: string): PlanStep {
  return {
    resource: write.resource,
    paths: [write.path],
    statement: `${note}${renderMessage(write.write, facts.major)}`,
    loses: write.loses,
  };
}

/** Said where a plan spans databases: what was committed in one stands when a later one fails. */
function noteOf(write: OwnedWrite, facts: PlanFacts, parts: number): string {
  if (parts === 1) return '';
  return `-- in database ${JSON.stringify(databaseOfWrite(write.write) ?? facts.database)}, a transaction of its own\n`;
}

function stateJson(state: PathState): JsonValue {
  return state.status === 'present' ? { value: state.value } : state.status;
}

function preImageOf(request: PlanRequest): JsonObject {
  const image: Record<string, Record<string, JsonValue>> = {};
  for (const difference of request.differences) {
    (image[difference.resource] ??= {})[difference.path] = stateJson(difference.actual);
  }
  return image;
}

type Undigested = Omit<Plan, 'digest'>;

/** What an approval binds: everything that will be written, where, and on what grounds. */
export function digestOfPlan(plan: Undigested): Digest {
  const { identity, content, action, steps, payload, fingerprint } = plan;
  const spoken = steps.map((step): JsonValue => [step.resource, [...step.paths], step.statement, [...step.loses]]);
  return digestJson([identity, content, action, spoken, payload, fingerprint, plan.desiredRevision ?? '']);
}

function composePlan(request: PlanRequest, facts: PlanFacts, plannedAt: Instant): Planned {
  const gathered = gather(request, facts);
  if (gathered.status === 'refused') return gathered;
  const { parts, order } = toParts(gathered, facts);
  const payload: PlanPayload = {
    format: 'postgres-1',
    server: { systemIdentifier: facts.systemIdentifier, major: facts.major, host: facts.host, port: facts.port },
    parts: [...parts],
  };
  const plan: Undigested = {
    findingId: request.finding.findingId,
    identity: request.finding.identity as Digest,
    content: request.finding.content as Digest,
    unit: request.unit.name,
    action: request.action,
    steps: order.map((write) => toStep(write, facts, noteOf(write, facts, parts.length))),
    preImage: preImageOf(request),
    blastRadius: { resources: [...new Set(order.map(({ resource }) => resource))].sort(), writes: order.length },
    fingerprint: fingerprintOf(parts),
    desiredRevision: request.observation.revisions.desired,
    plannedAt,
    payload: payload as unknown as JsonValue,
  };
  return { status: 'planned', plan: { ...plan, digest: digestOfPlan(plan) } };
}

/**
 * Plans the statements that close the differences of one finding, in order, from what the newest observation shows.
 * Nothing is sent. What cannot be written, or not by anybody, is refused with its gate.
 */
export function planWrites(request: PlanRequest, plannedAt: Instant): Planned {
  const facts = readServerFacts(request.observation);
  const gates = planGates(request, facts);
  if (gates.length > 0 || facts === undefined) return { status: 'refused', gates };
  try {
    return composePlan(request, facts, plannedAt);
  } catch (error) {
    if (!(error instanceof OperationError) || error.code !== 'NAME_REFUSED') throw error;
    return { status: 'refused', gates: [{ code: 'INADMISSIBLE', status: 'fail', because: error.message }] };
  }
}
