import { epochMilliseconds } from '../core/model/instant.ts';
import type { EngineContext } from '../engine/context.ts';
import { passUnit } from '../engine/pass.ts';
import type { ClaimedJob, JobQueue } from '../ports/job-queue.ts';

const POLL = 500;
const KEEP_ALIVE = 20_000;

/** When a worker takes no more work, and when it lets go of what it has. */
export interface WorkerSignals {
  /** Takes no more units. */
  readonly stop: AbortSignal;
  /** Aborts checks that still run. */
  readonly abort: AbortSignal;
}

/** How a worker works. */
export interface WorkerOptions {
  readonly concurrency: number;
  readonly signals: WorkerSignals;
  /** Told of each finished check: how long each step took. */
  readonly observed: (unitType: string, stepDurations: Readonly<Record<string, number>>) => void;
}

async function runJob(context: EngineContext, job: ClaimedJob, options: WorkerOptions): Promise<void> {
  const unit = context.workingSet().units.find((each) => each.name === job.unit);
  if (unit === undefined) return;
  const dueAt = (await context.store.findUnit(unit.name))?.nextDueAt;
  if (dueAt !== undefined && epochMilliseconds(dueAt) > epochMilliseconds(context.clock.now())) return;
  const { outcome } = await passUnit(context, { unit, lockTimeout: 0 }, options.signals.abort);
  if (outcome.status === 'checked') options.observed(unit.type, outcome.check.stepDurations);
}

async function work(context: EngineContext, jobs: JobQueue, job: ClaimedJob, options: WorkerOptions): Promise<void> {
  try {
    await runJob(context, job, options);
  } catch (cause) {
    context.logger.error('check failed', {
      unit: job.unit,
      error: cause instanceof Error ? cause.message : String(cause),
    });
  } finally {
    await jobs.complete(job.jobId).catch((cause: unknown) => {
      context.logger.warn('job not ended, it returns by itself', { unit: job.unit, error: String(cause) });
    });
  }
}

/** Claims due units and passes over each until told to stop; then waits for those that run. */
export async function runWorker(context: EngineContext, jobs: JobQueue, options: WorkerOptions): Promise<void> {
  const { concurrency, signals } = options;
  const running = new Map<string, Promise<void>>();
  const timer = setInterval(() => {
    jobs.keepAlive([...running.keys()]).catch((cause: unknown) => {
      context.logger.warn('jobs not kept alive', { error: String(cause) });
    });
  }, KEEP_ALIVE);
  try {
    while (!signals.stop.aborted) {
      const free = concurrency - running.size;
      const claimed = free > 0 ? await claim(context, jobs, free) : [];
      for (const job of claimed) {
        const done = work(context, jobs, job, options).finally(() => running.delete(job.jobId));
        running.set(job.jobId, done);
      }
      if (claimed.length === 0) await idle(context, signals.stop);
    }
    await Promise.all(running.values());
  } finally {
    clearInterval(timer);
  }
}

async function claim(context: EngineContext, jobs: JobQueue, limit: number): Promise<readonly ClaimedJob[]> {
  try {
    return await jobs.claim(limit);
  } catch (cause) {
    context.logger.warn('no units claimed, it is tried again', { error: String(cause) });
    return [];
  }
}

async function idle(context: EngineContext, stop: AbortSignal): Promise<void> {
  await context.clock.sleep(POLL, stop).catch((cause: unknown) => {
    if (!stop.aborted) throw cause;
  });
}
