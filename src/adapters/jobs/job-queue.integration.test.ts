import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../../test/support/postgres.ts';
import type { JobQueue } from '../../ports/job-queue.ts';
import { openJobQueue } from './job-queue.ts';

describe('the job queue', () => {
  let server: TestServer;
  let queues: readonly JobQueue[];

  beforeAll(async () => {
    server = await startServer();
    const { host, port, user } = server;
    const open = (): Promise<JobQueue> =>
      openJobQueue({ connection: { host, port, user, database: 'postgres' }, onError: () => undefined });
    queues = [await open(), await open()];
  });

  afterAll(async () => {
    for (const queue of queues) await queue.close();
    await server.stop();
  });

  it('lets a unit wait or run once, whoever makes it due', async () => {
    const [one, other] = queues as [JobQueue, JobQueue];

    expect(await one.enqueue('payments', 1)).toBe(true);
    expect(await other.enqueue('payments', 1)).toBe(false);
    const [job] = await other.claim(10);
    expect(job?.unit).toBe('payments');
    expect(await one.enqueue('payments', 1)).toBe(false);
    expect(await one.claim(10)).toEqual([]);
    await other.complete(job?.jobId ?? '');

    expect(await one.enqueue('payments', 1)).toBe(true);
    const [again] = await one.claim(1);
    await one.complete(again?.jobId ?? '');
  });

  it('gives the higher priority first and counts what waits', async () => {
    const [one] = queues as [JobQueue, JobQueue];
    for (const [unit, priority] of [
      ['low', 1],
      ['critical', 3],
      ['standard', 2],
    ] as const)
      await one.enqueue(unit, priority);

    const depth = await one.depth();
    const claimed = [...(await one.claim(1)), ...(await one.claim(1)), ...(await one.claim(1))];

    expect(depth.waiting).toBe(3);
    expect(depth.oldestAt).toBeGreaterThan(0);
    expect(claimed.map((job) => job.unit)).toEqual(['critical', 'standard', 'low']);
    await one.keepAlive(claimed.map((job) => job.jobId));
    for (const job of claimed) await one.complete(job.jobId);
  });

  it('never gives one job to two workers', async () => {
    const [one, other] = queues as [JobQueue, JobQueue];
    for (let at = 0; at < 50; at += 1) await one.enqueue(`unit-${at}`, 1);

    const claimed = (await Promise.all([one, other, one, other].map((queue) => queue.claim(20)))).flat();

    expect(claimed).toHaveLength(50);
    expect(new Set(claimed.map((job) => job.unit)).size).toBe(50);
    for (const job of claimed) await one.complete(job.jobId);
  });
});
