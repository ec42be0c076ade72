/** Due work, claimed by one worker at a time. */
export interface JobQueue {
  /** Makes a unit due now or at a time; one pending job per unit. */
  schedule(
    unit: string,
    options: { readonly priority: number; readonly startAfterMilliseconds: number },
  ): Promise<void>;
  /** Claims up to `limit` due jobs. A claimed job that is neither completed nor failed returns by itself after its expiry. */
  claim(limit: number): Promise<readonly { readonly jobId: string; readonly unit: string }[]>;
  complete(jobId: string): Promise<void>;
  fail(jobId: string, message: string): Promise<void>;
  depth(): Promise<number>;
  close(): Promise<void>;
}
