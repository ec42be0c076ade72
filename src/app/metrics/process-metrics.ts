import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { SecretGuard } from '../../ports/secret-guard.ts';
import { PROCESS_METRICS } from './metric-table.ts';

const BUCKETS = [0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 600];

/** An exposition and its content type. */
export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

/** Metrics that code moves as things happen in this process. */
export interface ProcessMetrics {
  readonly registry: Registry;
  readonly configValid: Gauge;
  readonly leader: Gauge;
  readonly queueDepth: Gauge;
  readonly queueOldest: Gauge;
  readonly checkDuration: Histogram;
  readonly leasesLost: Counter;
}

type Name = keyof typeof PROCESS_METRICS;

/** The process's own metrics, beside those of the process and of Node. */
export function createProcessMetrics(version: string, guard: Pick<SecretGuard, 'hits'>): ProcessMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const row = (name: Name): { name: string; help: string; labelNames: string[]; registers: [Registry] } => {
    const { help, labels } = PROCESS_METRICS[name];
    return { name, help, labelNames: [...labels], registers: [registry] };
  };
  new Gauge(row('kedge_build_info')).set({ version }, 1);
  const configValid = new Gauge(row('kedge_config_valid'));
  configValid.set(1);
  const backstop = new Counter({
    ...row('kedge_redaction_backstop_total'),
    collect() {
      this.reset();
      for (const [place, count] of guard.hits()) this.inc({ place }, count);
    },
  });
  backstop.reset();
  return {
    registry,
    configValid,
    leader: new Gauge(row('kedge_leader')),
    queueDepth: new Gauge(row('kedge_queue_depth')),
    queueOldest: new Gauge(row('kedge_queue_oldest_timestamp_seconds')),
    checkDuration: new Histogram({ ...row('kedge_check_duration_seconds'), buckets: BUCKETS }),
    leasesLost: new Counter(row('kedge_leases_lost_total')),
  };
}

/** The metrics of one process alone: what every process exports that does not lead. */
export async function renderProcessMetrics(own: ProcessMetrics): Promise<Exposition> {
  return { contentType: own.registry.contentType, body: await own.registry.metrics() };
}
