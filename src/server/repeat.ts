import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';

/** What a repeated piece of work needs. */
export interface Repeating {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends the repetition; a piece of work that runs is waited for. */
  readonly signal: AbortSignal;
}

/** One piece of work a server does over and over. */
export interface Chore {
  readonly name: string;
  readonly everyMilliseconds: number;
  run(): Promise<void>;
}

async function runOnce(chore: Chore, { logger, signal }: Repeating): Promise<void> {
  try {
    await chore.run();
  } catch (cause) {
    if (signal.aborted) return;
    logger.warn('chore failed, it is tried again', {
      chore: chore.name,
      error: cause instanceof Error ? cause.message : String(cause),
    });
  }
}

/** Runs a chore, waits, and runs it again until the signal; a failure is logged and ends nothing. */
export async function repeat(chore: Chore, parts: Repeating): Promise<void> {
  const { clock, signal } = parts;
  while (!signal.aborted) {
    await runOnce(chore, parts);
    await clock.sleep(chore.everyMilliseconds, signal).catch((cause: unknown) => {
      if (!signal.aborted) throw cause;
    });
  }
}
