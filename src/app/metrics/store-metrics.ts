import { Counter, Gauge, Registry } from 'prom-client';
import type { UnitRecord } from '../../core/model/check.ts';
import type { FindingRecord } from '../../core/model/finding-record.ts';
import { epochMilliseconds, type Instant } from '../../core/model/instant.ts';
import type { Unit } from '../../core/model/unit.ts';
import { UNIT_STATUSES, isOpenState } from '../../core/model/vocabulary.ts';
import type { EngineContext } from '../../engine/context.ts';
import { unitStatus } from '../../engine/schedule.ts';
import type { AdapterDescriptor } from '../../ports/adapter.ts';
import { STORE_GAUGES, STORED_COUNTERS, type MetricRow, type StoreGauge } from './metric-table.ts';
import type { Exposition, ProcessMetrics } from './process-metrics.ts';

/** What is read anew from the store at each scrape. */
interface StoreView {
  readonly now: Instant;
  readonly units: readonly Unit[];
  readonly records: ReadonlyMap<string, UnitRecord>;
  readonly findings: readonly FindingRecord[];
  gauge(name: StoreGauge): Gauge;
}

const seconds = (instant: Instant): number => epochMilliseconds(instant) / 1_000;

function addUnits(view: StoreView): void {
  for (const unit of view.units) {
    const record = view.records.get(unit.name);
    const labels = { unit: unit.name, unit_type: unit.type, environment: unit.environment };
    const current = unitStatus(unit, record, view.now);
    for (const status of UNIT_STATUSES) {
      const all = { ...labels, risk_tier: unit.riskTier, owner: unit.owner, status };
      view.gauge('kedge_unit_status').set(all, status === current ? 1 : 0);
    }
    if (record?.lastGoodAt !== undefined)
      view.gauge('kedge_unit_last_success_timestamp_seconds').set(labels, seconds(record.lastGoodAt));
    view.gauge('kedge_unit_freshness_objective_seconds').set(labels, unit.schedule.maxAge / 1_000);
    view.gauge('kedge_unit_held').set({ unit: unit.name }, record?.hold === undefined ? 0 : 1);
    view
      .gauge('kedge_pending_convergence')
      .inc({ unit_type: unit.type, environment: unit.environment }, record?.lastCheck?.pendingConvergence ?? 0);
  }
}

/** The earliest instant of each set of labels. */
function setOldest(
  gauge: Gauge,
  items: readonly { readonly labels: Readonly<Record<string, string>>; readonly at: Instant }[],
): void {
  const oldest = new Map<string, number>();
  for (const { labels, at } of items) {
    const key = JSON.stringify(labels);
    oldest.set(key, Math.min(oldest.get(key) ?? Number.POSITIVE_INFINITY, seconds(at)));
    gauge.set({ ...labels }, oldest.get(key) ?? 0);
  }
}

function addFindings(view: StoreView): void {
  const open = view.findings.filter(({ finding }) => isOpenState(finding.state));
  const labelled = open.map(({ finding }) => ({
    at: finding.detectedAt,
    labels: {
      environment: finding.environment,
      domain: finding.domain,
      owner: finding.owner,
      drift_class: finding.driftClass,
      risk: finding.risk,
      state: finding.state,
    },
  }));
  for (const { labels } of labelled) view.gauge('kedge_findings_open').inc(labels);
  setOldest(view.gauge('kedge_finding_oldest_timestamp_seconds'), labelled);
  for (const { finding, life } of view.findings)
    if (life.breaker.status === 'open') view.gauge('kedge_autoheal_breaker_open').inc({ unit: finding.unit });
}

async function addActions(view: StoreView, context: EngineContext): Promise<void> {
  const inDoubt = await context.store.listActions({ statuses: ['IN_DOUBT'] });
  view.gauge('kedge_actions_in_doubt').set(inDoubt.length);
  const byId = new Map(view.findings.map((record) => [record.finding.findingId, record.finding]));
  const pending = (await context.store.listApprovals({ status: 'PENDING' })).map((approval) => {
    const finding = byId.get(approval.findingId);
    const labels = { environment: finding?.environment ?? '', risk: finding?.risk ?? '' };
    return { at: approval.requestedAt, labels };
  });
  for (const { labels } of pending) view.gauge('kedge_approvals_pending').inc(labels);
  setOldest(view.gauge('kedge_approval_oldest_timestamp_seconds'), pending);
}

function addRules(view: StoreView, context: EngineContext): void {
  for (const { kind, name, spec } of context.workingSet().policy.ignoreRules)
    if (spec.expiresAt !== undefined)
      view.gauge('kedge_rule_expires_timestamp_seconds').set({ kind, rule: name }, seconds(spec.expiresAt));
}

async function addEvidence(view: StoreView, context: EngineContext): Promise<void> {
  const { ordered } = await context.store.entries.logState();
  const waiting = await context.store.entries.countUnpublished();
  const age = waiting.oldestAt === undefined ? 0 : Math.max(0, seconds(view.now) - seconds(waiting.oldestAt));
  view.gauge('kedge_evidence_entries').set(ordered);
  view.gauge('kedge_evidence_unpublished_entries').set(waiting.entries);
  view.gauge('kedge_evidence_oldest_unpublished_seconds').set(age);
}

/** Labels in the order in which their metric names them. */
function ordered(row: MetricRow | undefined, labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries((row?.labels ?? Object.keys(labels)).map((name) => [name, labels[name] ?? '']));
}

async function addStoredCounters(
  registry: Registry,
  context: EngineContext,
  adapters: readonly AdapterDescriptor[],
): Promise<void> {
  const known = new Map<string, MetricRow>(Object.entries(STORED_COUNTERS));
  for (const counter of adapters.flatMap((adapter) => adapter.metrics?.counters ?? []))
    known.set(counter.metric, counter);
  const counters = new Map<string, Counter>();
  for (const [name, { help, labels }] of known)
    counters.set(name, new Counter({ name, help, labelNames: [...labels], registers: [registry] }));
  const { units, foreign } = context.workingSet();
  for (const unit of units)
    for (const { metric, labels } of context.adapterOf(unit.type)?.adapter.metrics?.series(unit, foreign) ?? [])
      counters.get(metric)?.inc(ordered(known.get(metric), labels), 0);
  for (const { metric, labels, value } of await context.store.listCounters())
    counters.get(metric)?.inc(ordered(known.get(metric), labels), value);
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
      metrics.gauges.map(({ metric: name, help, labels }) => [
        name,
        new Gauge({ name, help, labelNames: [...labels], registers: [registry] }),
      ]),
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

function storeGauges(registry: Registry): (name: StoreGauge) => Gauge {
  const gauges = new Map(
    Object.entries(STORE_GAUGES).map(([name, { help, labels }]) => [
      name,
      new Gauge({ name, help, labelNames: [...labels], registers: [registry] }),
    ]),
  );
  return (name) => {
    const gauge = gauges.get(name);
    if (gauge === undefined) throw new Error(`no gauge ${name}`);
    return gauge;
  };
}

/** The whole exposition: this process's metrics and, from the store, those of units, findings, actions and evidence. */
export async function renderMetrics(
  context: EngineContext,
  adapters: readonly AdapterDescriptor[],
  own: ProcessMetrics,
): Promise<Exposition> {
  const registry = new Registry();
  const [records, findings] = await Promise.all([context.store.listUnits(), context.store.listFindings({})]);
  const view: StoreView = {
    now: context.clock.now(),
    units: context.workingSet().units,
    records: new Map(records.map((record) => [record.unit, record])),
    findings,
    gauge: storeGauges(registry),
  };
  addUnits(view);
  addFindings(view);
  addRules(view, context);
  addOperatorGauges(registry, context, view, adapters);
  await addActions(view, context);
  await addEvidence(view, context);
  await addStoredCounters(registry, context, adapters);
  const merged = Registry.merge([own.registry, registry]);
  return { contentType: merged.contentType, body: await merged.metrics() };
}
