import { ADAPTERS } from '../app/adapters.ts';
import type { Kedge } from '../app/kedge.ts';
import {
  createProcessMetrics,
  renderProcessMetrics,
  type Exposition,
  type ProcessMetrics,
} from '../app/metrics/process-metrics.ts';
import { renderMetrics } from '../app/metrics/store-metrics.ts';
import { VERSION } from '../app/version.ts';
import { recoverActions } from '../engine/recover.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import { choresOf, reloadDocuments, type ChoreParts } from './chores.ts';
import { createLeadership, type Leadership } from './leadership.ts';
import { startOperationsServer, type OperationsServer } from './operations-server.ts';
import { repeat } from './repeat.ts';
import { runWorker } from './worker.ts';

/** How a server is told things from outside. */
export interface ServeOptions {
  /** SIGTERM or SIGINT: no new work, finish what runs, end. */
  readonly stop: AbortSignal;
  /** Calls back when the documents are to be read again now (SIGHUP). Returns how to stop listening. */
  readonly onReload: (reload: () => void) => () => void;
  /** Says to the person who started it where it listens. */
  readonly say: (text: string) => void;
}

async function isStoreReady(kedge: Kedge): Promise<boolean> {
  try {
    await kedge.store.entries.logState();
    return true;
  } catch (cause) {
    kedge.logger.warn('the store does not answer', { error: String(cause) });
    return false;
  }
}

/** What keeps this process from working: never that something drifted or is unknown. */
async function notReady(kedge: Kedge, started: boolean): Promise<readonly string[]> {
  const missing: string[] = started ? [] : ['starting'];
  if (!(await isStoreReady(kedge))) return [...missing, 'store'];
  if ((await kedge.context.publisher.probe(AbortSignal.timeout(5_000))) === 'unavailable') missing.push('evidence');
  return missing;
}

interface Exported {
  readonly metrics: ProcessMetrics;
  readonly leadership: Leadership;
  readonly jobs: JobQueue;
}

/** What one scrape answers: everything from the leader, the process's own from the others. */
async function expose(kedge: Kedge, { metrics, leadership, jobs }: Exported): Promise<Exposition> {
  const leads = leadership.isLeader();
  metrics.leader.set(leads ? 1 : 0);
  if (!leads) return await renderProcessMetrics(metrics);
  const { waiting, oldestAt } = await jobs.depth();
  metrics.queueDepth.set({ queue: 'check-unit' }, waiting);
  if (oldestAt === undefined) metrics.queueOldest.reset();
  else metrics.queueOldest.set({ queue: 'check-unit' }, oldestAt / 1_000);
  return await renderMetrics(kedge.context, ADAPTERS, metrics);
}

async function listen(kedge: Kedge, parts: Exported, state: { started: boolean }): Promise<OperationsServer> {
  return await startOperationsServer(kedge.configuration.spec.metrics.listen, {
    metrics: () => expose(kedge, parts),
    notReady: () => notReady(kedge, state.started),
  });
}

/** Aborts after the stop and a grace: what still runs then is let go of and becomes due again. */
function abortAfter(stop: AbortSignal, graceMilliseconds: number): { readonly signal: AbortSignal; clear(): void } {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onStop = (): void => {
    timer = setTimeout(() => {
      controller.abort(new Error('the grace period of the stop is over'));
    }, graceMilliseconds);
  };
  if (stop.aborted) onStop();
  else stop.addEventListener('abort', onStop, { once: true });
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer);
      stop.removeEventListener('abort', onStop);
    },
  };
}

/**
 * Checks every unit when it is due, heals what may heal, runs what was approved, publishes evidence and answers for its health,
 * until it is told to stop. A started write is never cut: it is waited for.
 */
export async function serve(kedge: Kedge, options: ServeOptions): Promise<void> {
  const { stop, say } = options;
  const { context, configuration, logger } = kedge;
  const { clock } = context;
  const metrics = createProcessMetrics(VERSION, kedge.guard);
  const leadership = createLeadership(context, () => {
    metrics.leasesLost.inc();
  });
  const jobs = await kedge.openJobs();
  const state = { started: false };
  const operations = await listen(kedge, { metrics, leadership, jobs }, state);
  say(
    `kedge ${VERSION} serves ${kedge.documents().set.units.length} units; ${operations.address}/metrics, /livez and /readyz`,
  );
  const abort = abortAfter(stop, configuration.spec.shutdown.grace);
  const parts: ChoreParts = { kedge, jobs, leadership, metrics, stop };
  const offReload = options.onReload(() => {
    reloadDocuments(parts).catch((cause: unknown) => {
      logger.error('documents not read', { error: String(cause) });
    });
  });
  stop.addEventListener(
    'abort',
    () => {
      operations.drain();
    },
    { once: true },
  );
  try {
    await recoverActions(context, stop);
    state.started = true;
    await Promise.all([
      ...choresOf(parts).map((chore) => repeat(chore, { clock, logger, signal: stop })),
      runWorker(context, jobs, {
        concurrency: configuration.spec.worker.concurrency,
        signals: { stop, abort: abort.signal },
        observed: (unitType, durations) => {
          for (const [step, milliseconds] of Object.entries(durations))
            metrics.checkDuration.observe({ unit_type: unitType, step }, milliseconds / 1_000);
        },
      }),
    ]);
    await publishLast(kedge);
  } finally {
    offReload();
    abort.clear();
    await leadership.release();
    await operations.close();
    await jobs.close();
    logger.info('stopped');
  }
}

async function publishLast(kedge: Kedge): Promise<void> {
  try {
    await kedge.context.publisher.publish(AbortSignal.timeout(10_000));
  } catch (cause) {
    kedge.logger.warn('evidence is recorded and not published yet', { error: String(cause) });
  }
}
