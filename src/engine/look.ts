import { compare, type Comparison } from '../core/compare/compare.ts';
import type { UnitRecord } from '../core/model/check.ts';
import type { Digest } from '../core/model/digest.ts';
import type { Evaluation } from '../core/model/evaluation.ts';
import type { FindingRecord } from '../core/model/finding-record.ts';
import { epochMilliseconds, toInstant, type Instant } from '../core/model/instant.ts';
import type { Coverage, Observation, ResourceObservation, Unchecked } from '../core/model/observation.ts';
import type { Snapshot } from '../core/model/snapshot.ts';
import type { Unit } from '../core/model/unit.ts';
import { evaluate } from '../core/policy/evaluate.ts';
import type { EvaluationInput, FindingHistory } from '../core/policy/evaluation-input.ts';
import { splitPending, type PendingSplit } from '../core/track/pending.ts';
import type { AdapterDescriptor, UnitType } from '../ports/adapter.ts';
import type { ObserveRequest } from '../ports/observer.ts';
import { correlate, type Correlated } from './correlate.ts';
import type { EngineContext, WorkingSet } from './context.ts';

/** A look that compared something: steps 3 to 8 of the loop, with nothing recorded yet. */
export interface Look {
  readonly status: 'looked';
  readonly observation: Extract<Observation, { status: 'observed' }>;
  readonly comparison: Comparison;
  readonly coverage: Coverage;
  readonly split: PendingSplit;
  readonly input: EvaluationInput;
  readonly evaluations: readonly Evaluation[];
  readonly correlated: Correlated;
  /** The documents everything in this look was judged by. */
  readonly set: WorkingSet;
  readonly snapshots: ReadonlyMap<string, Snapshot>;
  readonly durations: Readonly<Record<string, number>>;
}

/** A look that came to nothing. */
export interface FailedLook {
  readonly status: 'failed';
  readonly startedAt: Instant;
  readonly reasons: readonly Unchecked[];
  readonly identity: string | undefined;
  readonly durations: Readonly<Record<string, number>>;
}

/** What a look needs beside the unit. */
export interface LookRequest {
  /** The documents in force for this look, from its first read to its last record. */
  readonly set: WorkingSet;
  readonly unit: Unit;
  readonly record: UnitRecord | undefined;
  /** Resources asked for; undefined = all. */
  readonly resources?: readonly string[];
  /** Whether the evidence store is asked if it could take an intent: only before something acts. */
  readonly acting: boolean;
}

async function readSnapshots(context: EngineContext, unit: string): Promise<ObserveRequest['snapshots']> {
  try {
    return { status: 'read', byResource: await context.store.loadSnapshots(unit) };
  } catch (cause) {
    return { status: 'unreadable', detail: cause instanceof Error ? cause.message : String(cause) };
  }
}

async function observe(
  context: EngineContext,
  adapter: AdapterDescriptor,
  request: ObserveRequest,
  signal: AbortSignal,
): Promise<Observation> {
  const startedAt = context.clock.now();
  const observer = adapter.observer({ unit: request.unit, credentials: context.credentials, clock: context.clock });
  try {
    return await observer.observe(request, signal);
  } catch (cause) {
    const timedOut = signal.aborted;
    context.logger.error('observer failed', {
      unit: request.unit.name,
      error: cause instanceof Error ? cause.message : String(cause),
    });
    const detail = timedOut
      ? 'the deadline of the check passed'
      : `the observer failed: ${cause instanceof Error ? cause.message : String(cause)}`;
    return {
      status: 'unknown',
      startedAt,
      at: context.clock.now(),
      reasons: [{ what: request.unit.name, reason: timedOut ? 'TIMEOUT' : 'INTERNAL', detail }],
    };
  }
}

/** What was not seen of the unit: what the observer says, and every path that could not be compared. */
function coverageOf(observation: Extract<Observation, { status: 'observed' }>, comparison: Comparison): Coverage {
  const paths = comparison.unknowns.map((each): Unchecked => ({
    what: each.path === '/' ? each.resource : `${each.resource} ${each.path}`,
    reason: each.reason,
    ...(each.detail === '' ? {} : { detail: each.detail }),
  }));
  const seen = new Set(observation.coverage.unchecked.map((each) => each.what));
  const unchecked = [...observation.coverage.unchecked, ...paths.filter((each) => !seen.has(each.what))];
  return { complete: observation.coverage.complete && comparison.unknowns.length === 0, unchecked };
}

function toHistory(record: FindingRecord): FindingHistory {
  const { finding, life } = record;
  return {
    findingId: finding.findingId,
    state: finding.state,
    firstSeenAt: finding.firstSeenAt,
    lastSeenAt: finding.lastSeenAt,
    occurrences: finding.occurrences,
    content: finding.content as Digest,
    life,
  };
}

function historyOf(previous: readonly FindingRecord[]): ReadonlyMap<Digest, FindingHistory> {
  return new Map(
    previous
      .filter((record) => record.finding.state !== 'ARCHIVED')
      .map((record) => [record.finding.identity as Digest, toHistory(record)]),
  );
}

function resourceMap(resources: readonly ResourceObservation[]): ReadonlyMap<string, ResourceObservation> {
  return new Map(resources.map((resource) => [resource.resource, resource]));
}

/** One name for two resources would let one of them stand for both: an adapter that does so is wrong, and nothing is judged. */
function requireOneName(resources: readonly ResourceObservation[]): void {
  const names = new Set<string>();
  for (const { resource } of resources) {
    if (names.has(resource)) throw new Error(`two resources are named ${resource}`);
    names.add(resource);
  }
}

/** Undeclared resources are facts about the server, not resources of the unit, as far as shares are counted. */
function countDeclared(resources: readonly ResourceObservation[]): number {
  return resources.filter((resource) => resource.planes.desired.status === 'present').length;
}

interface Timer {
  readonly durations: Record<string, number>;
  time<T>(step: string, work: () => Promise<T> | T): Promise<T>;
}

function createTimer(context: EngineContext): Timer {
  const durations: Record<string, number> = {};
  return {
    durations,
    async time(step, work) {
      const started = context.clock.monotonicMilliseconds();
      try {
        return await work();
      } finally {
        durations[step] = Math.round(context.clock.monotonicMilliseconds() - started);
      }
    },
  };
}

/** Observes, compares, correlates and evaluates a unit. Nothing is written anywhere. */
export async function look(
  context: EngineContext,
  request: LookRequest,
  signal: AbortSignal,
): Promise<Look | FailedLook> {
  const { set, unit } = request;
  const known = context.adapterOf(unit.type);
  if (known === undefined) throw new Error(`no adapter for units of type ${unit.type}`);
  const timer = createTimer(context);
  const snapshots = await readSnapshots(context, unit.name);
  const observeRequest: ObserveRequest = {
    unit,
    documents: set.foreign,
    documentsAt: set.readAt,
    snapshots,
    redactor: context.redactorOf(unit),
    ...(request.resources === undefined ? {} : { resources: request.resources }),
  };
  const observation = await timer.time('observe', () => observe(context, known.adapter, observeRequest, signal));
  if (observation.status === 'unknown') {
    return {
      status: 'failed',
      startedAt: observation.startedAt,
      reasons: observation.reasons,
      identity: observation.identity,
      durations: timer.durations,
    };
  }
  const observed: Observed = {
    observation,
    known,
    snapshots: snapshots.status === 'read' ? snapshots.byResource : new Map<string, Snapshot>(),
    timer,
  };
  try {
    return await evaluateObservation(context, request, observed, signal);
  } catch (cause) {
    if (signal.aborted) throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    context.logger.error('what was seen could not be judged', { unit: unit.name, error: detail });
    return {
      status: 'failed',
      startedAt: observation.startedAt,
      reasons: [
        { what: `unit ${unit.name}`, reason: 'INTERNAL', detail: `what was seen could not be judged: ${detail}` },
      ],
      identity: observation.identity,
      durations: timer.durations,
    };
  }
}

interface Observed {
  readonly observation: Extract<Observation, { status: 'observed' }>;
  readonly known: { readonly adapter: AdapterDescriptor; readonly unitType: UnitType };
  readonly snapshots: ReadonlyMap<string, Snapshot>;
  readonly timer: Timer;
}

async function evaluateObservation(
  context: EngineContext,
  request: LookRequest,
  observed: Observed,
  signal: AbortSignal,
): Promise<Look> {
  const { unit, record } = request;
  const { observation, known, snapshots, timer } = observed;
  const now = context.clock.now();
  const { policy } = request.set;
  const domain = unit.domain ?? known.adapter.catalogue.domain;
  requireOneName(observation.resources);
  const comparison = await timer.time('compare', () =>
    compare(observation, {
      catalogue: known.adapter.catalogue,
      undeclaredPaths: unit.policies.undeclaredPaths,
      domain,
    }),
  );
  const coverage = coverageOf(observation, comparison);
  const split = splitPending({
    unit: unit.name,
    differences: comparison.differences,
    hasBaseline: record?.firstGoodAt !== undefined,
    firstSeen: record?.pendingSince ?? {},
    convergeWithin: unit.policies.convergeWithin,
    now,
  });
  const previous = await context.store.loadFindings(
    unit.name,
    toInstant(epochMilliseconds(now) - policy.settings.flapWindow),
  );
  const correlated = await timer.time('correlate', () =>
    correlate(context, { unit, differences: split.findings, from: record?.lastGoodAt, to: now }, signal),
  );
  const evidence = request.acting ? await context.publisher.probe(signal) : 'available';
  const input: EvaluationInput = {
    unit,
    differences: split.findings,
    resources: resourceMap(observation.resources),
    facts: correlated.facts,
    correlations: correlated.correlations,
    history: historyOf(previous),
    circumstances: {
      canWrite: known.adapter.actuator !== undefined && unit.writeCredentials !== undefined,
      hold: record?.hold === undefined ? undefined : { reason: record.hold.reason },
      evidence,
      desiredAt: observation.desiredAt,
      observedAt: observation.at,
      coverage,
      fresh: true,
      lock: 'free',
      health: 'not-watched',
      resourcesInUnit: countDeclared(observation.resources),
      firstCompleteCheck: record?.firstGoodAt === undefined,
      adapterGates: [],
    },
    adapterGates: known.adapter.gates,
    policy,
    now,
  };
  const evaluations = await timer.time('evaluate', () => evaluate(input));
  return {
    status: 'looked',
    observation,
    comparison,
    coverage,
    split,
    input,
    evaluations,
    correlated,
    set: request.set,
    snapshots,
    durations: timer.durations,
  };
}
