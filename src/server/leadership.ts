import type { EngineContext } from '../engine/context.ts';
import { holdLease, type HeldLease } from '../engine/lease.ts';

const SCHEDULER = 'scheduler';

/** Whether this process is the one that makes units due and exports what is counted over all of them. */
export interface Leadership {
  isLeader(): boolean;
  /** Tries to become the one, when it is not. */
  seek(signal: AbortSignal): Promise<void>;
  release(): Promise<void>;
}

/** Leadership by the scheduler's lease: at most one process holds it, and it is lost with the lease. */
export function createLeadership(context: EngineContext, onLost: () => void): Leadership {
  let held: HeldLease | undefined;
  return {
    isLeader: () => held !== undefined && !held.signal.aborted,
    async seek(signal) {
      if (held?.signal.aborted === true) {
        held = undefined;
        onLost();
      }
      if (held !== undefined) return;
      const got = await holdLease(context, SCHEDULER, { waitMilliseconds: 0, signal });
      if ('lease' in got) held = got;
    },
    async release() {
      await held?.release();
      held = undefined;
    },
  };
}
