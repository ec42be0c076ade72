import { PgBoss, type ConstructorOptions } from 'pg-boss';
import { OperationError } from '../../core/model/operation-error.ts';
import type { JobQueue } from '../../ports/job-queue.ts';

const SCHEMA = 'kedge_jobs';
const QUEUE = 'check-unit';
/** A worker that says nothing for so long is gone. */
const HEARTBEAT_SECONDS = 60;
const SUPERVISE_SECONDS = 15;
const LONGEST_CHECK_SECONDS = 24 * 3_600 - 1;

/** How to reach the store's server. */
export type JobConnection =
  | { readonly url: string }
  | { readonly host: string; readonly port: number; readonly user: string; readonly database: string };

/** How a queue is opened. */
export interface JobQueueOptions {
  readonly connection: JobConnection;
  readonly onError: (error: Error) => void;
}

function bossOptions({ connection }: JobQueueOptions): ConstructorOptions {
  return {
    ...('url' in connection ? { connectionString: connection.url } : connection),
    schema: SCHEMA,
    application_name: 'kedge jobs',
    max: 3,
    schedule: false,
    supervise: true,
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: SUPERVISE_SECONDS,
    registerInstance: false,
  };
}

async function guarded<T>(attempt: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof OperationError) throw cause;
    throw new OperationError('STORE_UNAVAILABLE', `cannot ${attempt}: the job queue of the store does not answer`, {
      retry: 'later',
      next: 'check the server of store.url; Kedge goes on when it is back',
      cause,
    });
  }
}

/** Due units by pg-boss: exclusive by unit, so that several schedulers and workers never double one. */
export async function openJobQueue(options: JobQueueOptions): Promise<JobQueue> {
  const boss = new PgBoss(bossOptions(options));
  boss.on('error', options.onError);
  await guarded('open the job queue', async () => {
    await boss.start();
    await boss.createQueue(QUEUE, {
      policy: 'exclusive',
      retryLimit: 0,
      expireInSeconds: LONGEST_CHECK_SECONDS,
      heartbeatSeconds: HEARTBEAT_SECONDS,
      deleteAfterSeconds: 3_600,
    });
  });
  return {
    enqueue: (unit, priority) =>
      guarded(
        'make a unit due',
        async () => (await boss.send(QUEUE, { unit }, { singletonKey: unit, priority })) !== null,
      ),
    claim: (limit) =>
      guarded('claim due units', async () => {
        const jobs = await boss.fetch<{ readonly unit: string }>(QUEUE, { batchSize: limit });
        return jobs.map((job) => ({ jobId: job.id, unit: job.data.unit }));
      }),
    keepAlive: (jobIds) =>
      guarded('keep claimed units', async () => {
        if (jobIds.length > 0) await boss.touch(QUEUE, [...jobIds]);
      }),
    complete: (jobId) =>
      guarded('end a job', async () => {
        await boss.complete(QUEUE, jobId);
      }),
    depth: () =>
      guarded('count due units', async () => {
        const waiting = await boss.findJobs(QUEUE, { queued: true });
        const oldest = waiting.map((job) => job.createdOn.getTime()).sort((left, right) => left - right)[0];
        return { waiting: waiting.length, oldestAt: oldest };
      }),
    close: () =>
      guarded('close the job queue', async () => {
        await boss.stop({ graceful: false, close: true });
      }),
  };
}
