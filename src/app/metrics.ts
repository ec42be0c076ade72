import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { epochMilliseconds, type Instant } from '../core/model/instant.ts';
import { UNIT_STATUSES, isOpenState } from '../core/model/vocabulary.ts';
import type { EngineContext } from '../engine/context.ts';
import { unitStatus } from '../engine/schedule.ts';
import type { AdapterDescriptor } from '../ports/adapter.ts';
import type { FindingRecord } from '../core/model/finding-record.ts';
import type { UnitRecord } from '../core/model/check.ts';
import type { Unit } from '../core/model/unit.ts';

/** Metrics that code moves as things happen in this process. */
export interface ProcessMetrics {
  readonly registry: Registry;
  readonly checkDuration: Histogram<'unit_type' | 'step'>;
  readonly configValid: Gauge;
  readonly leasesLost: Counter;
  /** 1 in the process that makes units due and exports what is counted over all of them. */
  readonly leader: Gauge;
  readonly queueDepth: Gauge<'queue'>;
  readonly queueOldest: Gauge<'queue'>;
}

/** What is read anew from the store at each scrape. */
interface StoreView {
  readonly now: Instant;
  readonly units: readonly Unit[];
  readonly records: ReadonlyMap<string, UnitRecord>;
  readonly findings: readonly FindingRecord[];
}

const seconds = (instant: Instant): number => epochMilliseconds(instant) / 1_000;

/** The counters kept in the store, so that no restart lowers them: name → help and labels. */
export const STORED_COUNTERS = {
  kedge_checks_total: {
    help: 'Checks by unit type, result and first reason.',
    labels: ['unit_type', 'result', 'reason'],
  },
  kedge_lock_contention_total: {
    help: 'Checks that found their unit locked by another process.',
    labels: ['unit_type'],
  },
  kedge_actions_total: { help: 'Actions by outcome of the actuator.', labels: ['action', 'outcome'] },
  kedge_verifications_total: { help: 'Verifications by verdict.', labels: ['action', 'result'] },
  kedge_autoheal_total: {
    help: 'Automatic corrections by policy or switch and outcome.',
    labels: ['policy', 'outcome'],
  },
  kedge_notifications_total: { help: 'Messages by receiver and outcome.', labels: ['receiver', 'outcome'] },
} as const;

/** The process's own metrics; gauges about units and findings are computed from the store at each scrape. */
export function createProcessMetrics(version: string): ProcessMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const buildInfo = new Gauge({
    name: 'kedge_build_info',
    help: 'Version of this program.',
    labelNames: ['version'],
    registers: [registry],
  });
  buildInfo.set({ version }, 1);
  const configValid = new Gauge({
    name: 'kedge_config_valid',
    help: '1 while every document and the configuration read well, 0 while an older good set is in force.',
    registers: [registry],
  });
  configValid.set(1);
  return {
    registry,
    configValid,
    leader: new Gauge({
      name: 'kedge_leader',
      help: '1 in the process that holds the scheduler lease.',
      registers: [registry],
    }),
    queueDepth: new Gauge({
      name: 'kedge_queue_depth',
      help: 'Jobs that wait for a worker.',
      labelNames: ['queue'],
      registers: [registry],
    }),
    queueOldest: new Gauge({
      name: 'kedge_queue_oldest_timestamp_seconds',
      help: 'When the job that waits longest was enqueued; absent when none waits.',
      labelNames: ['queue'],
      registers: [registry],
    }),
    checkDuration: new Histogram({
      name: 'kedge_check_duration_seconds',
      help: 'Duration of a check by step of the loop.',
      labelNames: ['unit_type', 'step'],
      buckets: [0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 600],
      registers: [registry],
    }),
    leasesLost: new Counter({
      name: 'kedge_leases_lost_total',
      help: 'Leases of this process that another one took.',
      registers: [registry],
    }),
  };
}

function gauge(registry: Registry, name: string, help: string, labelNames: readonly string[]): Gauge {
  return new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
}

function addUnits(registry: Registry, view: StoreView): void {
  const status = gauge(registry, 'kedge_unit_status', '1 for the current status of a unit.', [
    'unit',
    'unit_type',
    'environment',
    'risk_tier',
    'owner',
    'status',
  ]);
  const success = gauge(registry, 'kedge_unit_last_success_timestamp_seconds', 'Finish of the last complete check.', [
    'unit',
    'unit_type',
    'environment',
  ]);
  const objective = gauge(
    registry,
    'kedge_unit_freshness_objective_seconds',
    'Oldest age at which an observation counts as fresh.',
    ['unit', 'unit_type', 'environment'],
  );
  const held = gauge(registry, 'kedge_unit_held', '1 while actions on the unit are stopped by a hold.', ['unit']);
  for (const unit of view.units) {
    const record = view.records.get(unit.name);
    const labels = { unit: unit.name, unit_type: unit.type, environment: unit.environment };
    const current = unitStatus(unit, record, view.now);
    for (const word of UNIT_STATUSES) {
      status.set({ ...labels, risk_tier: unit.riskTier, owner: unit.owner, status: word }, word === current ? 1 : 0);
    }
    if (record?.lastGoodAt !== undefined) success.set(labels, seconds(record.lastGoodAt));
    objective.set(labels, unit.schedule.maxAge / 1_000);
    held.set({ unit: unit.name }, record?.hold === undefined ? 0 : 1);
  }
}

function addFindings(registry: Registry, view: StoreView): void {
  const labels = ['environment', 'domain', 'owner', 'drift_class', 'risk', 'state'];
  const open = gauge(registry, 'kedge_findings_open', 'Open findings.', labels);
  const oldest = gauge(
    registry,
    'kedge_finding_oldest_timestamp_seconds',
    'When the oldest open finding was detected.',
    labels,
  );
  const breakers = gauge(registry, 'kedge_autoheal_breaker_open', 'Findings whose breaker is open.', ['unit']);
  const oldestAt = new Map<string, number>();
  for (const { finding, life } of view.findings) {
    if (life.breaker.status === 'open') breakers.inc({ unit: finding.unit });
    if (!isOpenState(finding.state)) continue;
    const values = {
      environment: finding.environment,
      domain: finding.domain,
      owner: finding.owner,
      drift_class: finding.driftClass,
      risk: finding.risk,
      state: finding.state,
    };
    open.inc(values);
    const key = JSON.stringify(values);
    const at = Math.min(oldestAt.get(key) ?? Number.POSITIVE_INFINITY, seconds(finding.detectedAt));
    oldestAt.set(key, at);
    oldest.set(values, at);
  }
}

function addPending(registry: Registry, view: StoreView): void {
  const pending = gauge(registry, 'kedge_pending_convergence', 'Differences on their way that are no findings yet.', [
    'unit_type',
    'environment',
  ]);
  for (const unit of view.units) {
    pending.inc(
      { unit_type: unit.type, environment: unit.environment },
      view.records.get(unit.name)?.lastCheck?.pendingConvergence ?? 0,
    );
  }
}

async function addActions(registry: Registry, context: EngineContext): Promise<void> {
  const inDoubt = gauge(
    registry,
    'kedge_actions_in_doubt',
    'Actions of which nobody knows yet whether they happened.',
    [],
  );
  inDoubt.set((await context.store.listActions({ statuses: ['IN_DOUBT'] })).length);
  const approvals = gauge(registry, 'kedge_approvals_pending', 'Approvals that wait for a person.', []);
  approvals.set((await context.store.listApprovals({ status: 'PENDING' })).length);
}

async function addEvidence(registry: Registry, context: EngineContext): Promise<void> {
  const state = await context.store.entries.logState();
  const waiting = await context.store.entries.countUnpublished();
  gauge(registry, 'kedge_evidence_entries', 'Leaves of the evidence log.', []).set(state.ordered);
  gauge(registry, 'kedge_evidence_unpublished_entries', 'Recorded entries that are not published yet.', []).set(
    waiting.entries,
  );
  gauge(registry, 'kedge_evidence_oldest_unpublished_seconds', 'Age of the oldest unpublished entry.', []).set(
    waiting.oldestAt === undefined ? 0 : Math.max(0, seconds(context.clock.now()) - seconds(waiting.oldestAt)),
  );
}

async function addStoredCounters(
  registry: Registry,
  context: EngineContext,
  adapters: readonly AdapterDescriptor[],
): Promise<void> {
  const known = new Map<string, { readonly help: string; readonly labels: readonly string[] }>(
    Object.entries(STORED_COUNTERS),
  );
  for (const counter of adapters.flatMap((adapter) => adapter.metrics?.counters ?? []))
    known.set(counter.metric, counter);
  const counters = new Map<string, Counter>();
  for (const [name, { help, labels }] of known)
    counters.set(name, new Counter({ name, help, labelNames: [...labels], registers: [registry] }));
  for (const { metric, labels, value } of await context.store.listCounters())
    counters.get(metric)?.inc({ ...labels }, value);
}

function addOperatorGauges(
  registry: Registry,
  context: EngineContext,
  view: StoreView,
  adapters: readonly AdapterDescriptor[],
): void {
  for (const { metrics } of adapters) {
    if (metrics === undefined) continue;
    const gauges = new Map(
      metrics.gauges.map((each) => [each.metric, gauge(registry, each.metric, each.help, each.labels)]),
    );
    for (const unit of view.units) {
      if (context.adapterOf(unit.type)?.adapter.metrics !== metrics) continue;
      const findings = view.findings
        .filter((record) => record.finding.unit === unit.name)
        .map((record) => record.finding);
      for (const sample of metrics.sample(unit, context.workingSet().foreign, findings))
        gauges.get(sample.metric)?.set({ ...sample.labels }, sample.value);
    }
  }
}

/** An exposition and its content type. */
export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

/** The metrics of one process alone: what every process exports that does not lead. */
export async function renderProcessMetrics(own: ProcessMetrics): Promise<Exposition> {
  return { contentType: own.registry.contentType, body: await own.registry.metrics() };
}

/** The whole exposition: this process's metrics and, from the store, those of units, findings, actions and evidence. */
export async function renderMetrics(
  context: EngineContext,
  adapters: readonly AdapterDescriptor[],
  own: ProcessMetrics,
): Promise<Exposition> {
  const registry = new Registry();
  const { units } = context.workingSet();
  const [records, findings] = await Promise.all([context.store.listUnits(), context.store.listFindings({})]);
  const view: StoreView = {
    now: context.clock.now(),
    units,
    records: new Map(records.map((record) => [record.unit, record])),
    findings,
  };
  addUnits(registry, view);
  addFindings(registry, view);
  addPending(registry, view);
  addOperatorGauges(registry, context, view, adapters);
  await addActions(registry, context);
  await addEvidence(registry, context);
  await addStoredCounters(registry, context, adapters);
  const merged = Registry.merge([own.registry, registry]);
  return { contentType: merged.contentType, body: await merged.metrics() };
}
