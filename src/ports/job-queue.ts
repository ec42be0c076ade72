/** One unit that is due, claimed by one worker. */
export interface ClaimedJob {
  readonly jobId: string;
  readonly unit: string;
}

/**
 * Due units on the store's PostgreSQL, shared by every process. At most one job a unit waits or runs at any time.
 * Every method may fail with OperationError `STORE_UNAVAILABLE`.
 */
export interface JobQueue {
  /** Makes a unit due; false when it already waits or runs. The higher the priority the earlier. */
  enqueue(unit: string, priority: number): Promise<boolean>;
  /** Claims up to `limit` jobs of the highest priority, in no order among themselves. A claimed job nobody keeps alive returns by itself within minutes. */
  claim(limit: number): Promise<readonly ClaimedJob[]>;
  /** Says that claimed jobs are still being worked on; every 30 s is often enough. */
  keepAlive(jobIds: readonly string[]): Promise<void>;
  /** The job is over, whatever it came to; what it came to is the check's record. */
  complete(jobId: string): Promise<void>;
  /** Jobs that wait, and since when the oldest does (milliseconds since the epoch). */
  depth(): Promise<{ readonly waiting: number; readonly oldestAt: number | undefined }>;
  close(): Promise<void>;
}
