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

type Gathered =
  | { readonly status: 'gathered'; readonly writes: readonly OwnedWrite[]; readonly seen: ReadonlyMap<string, readonly SeenFacts[]> }
  | { readonly status: 'refused'; readonly gates: readonly GateResult[] };

function gather(request: PlanRequest, facts: PlanFacts): Gathered {
  const writes: OwnedWrite[] = [];
  const gates: GateResult[] = [];
  const seen = new Map<string, SeenFacts[]>();
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
    for (const write of proposal.writes) writes.push({ ...write, resource: difference.resource, path: difference.path });
    const [first] = proposal.writes;
    const place = first === undefined ? facts.database : (databaseOfWrite(first.write) ?? facts.database);
    seen.set(place, [...(seen.get(place) ?? []), ...proposal.seen]);
  }
  return gates.length > 0 ? { status: 'refused', gates } : { status: 'gathered', writes, seen };
}

/** Each statement once, in the order of the phases, one part for each database; what concerns the whole server goes first. */
function toParts(gathered: Extract<Gathered, { status: 'gathered' }>, facts: PlanFacts): { readonly parts: readonly PlanPart[]; readonly order: readonly OwnedWrite[] } {
  const once = new Map<string, OwnedWrite>();
  for (const write of gathered.writes) {
    const text = JSON.stringify(write.write);
    if (!once.has(text)) once.set(text, write);
  }
  const sorted = [...once.values()].sort((left, right) => PHASES.indexOf(left.phase) - PHASES.indexOf(right.phase));
  const byDatabase = Map.groupBy(sorted, ({ write }) => databaseOfWrite(write) ?? facts.database);
  const databases = [...byDatabase.keys()].sort((left, right) => {
    if ((left === facts.database) !== (right === facts.database)) return left === facts.database ? -1 : 1;
    return left < right ? -1 : 1;
  });
  const parts = databases.map((database): PlanPart => ({
    database,
    writes: (byDatabase.get(database) ?? []).map(({ write }) => write),
    seen: [...(gathered.seen.get(database) ?? [])],
  }));
  return { parts, order: databases.flatMap((database) => byDatabase.get(database) ?? []) };
}

function toStep(write: OwnedWrite, facts: PlanFacts, severalDatabases: boolean): PlanStep {
  const database = databaseOfWrite(write.write) ?? facts.database;
  const note = severalDatabases ? `-- in database ${JSON.stringify(database)}, a transaction of its own\n` : '';
  return {
    resource: write.resource,
    paths: [write.path],
    statement: `${note}${renderMessage(write.write, facts.major)}`,
    loses: write.loses,
  };
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
    steps: order.map((write) => toStep(write, facts, parts.length > 1)),
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
