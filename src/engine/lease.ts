import type { Lease, LeaseHolder } from '../ports/lease-store.ts';
import { OperationError } from '../core/model/operation-error.ts';
import type { EngineContext } from './context.ts';

/** What holding a lease takes of a process. */
export type LeaseParts = Pick<EngineContext, 'store' | 'clock' | 'logger' | 'holder'>;

const RENEW_EVERY = 10_000;
const POLL = 100;
/** Without a word from the store for so long, the lease may be another's: the work under it stops before it is. */
const LOST_AFTER = 45_000;

/** A lease kept alive while work goes on; the signal aborts when it is lost. */
export interface HeldLease {
  readonly lease: Lease;
  readonly signal: AbortSignal;
  /** Asks the store whether the lease is still ours, and for its whole time from now. @throws OperationError `LEASE_LOST`. */
  confirm(): Promise<void>;
  release(): Promise<void>;
}

/** The name of a unit's lease. */
export function unitLease(unit: string): string {
  return `unit/${unit}`;
}

/** The name of the lease under which a person asks for something about a finding. */
export function requestLease(findingId: string): string {
  return `request/${findingId}`;
}

/** Takes a lease, waiting at most so long, and renews it until it is released. */
export async function holdLease(
  context: LeaseParts,
  name: string,
  options: { readonly waitMilliseconds: number; readonly signal: AbortSignal },
): Promise<HeldLease | { readonly takenBy: LeaseHolder }> {
  const deadline = context.clock.monotonicMilliseconds() + options.waitMilliseconds;
  for (;;) {
    options.signal.throwIfAborted();
    const got = await context.store.leases.acquire(name, context.holder);
    if (got.status === 'held') return keep(context, got.lease);
    if (context.clock.monotonicMilliseconds() >= deadline) return { takenBy: got.by };
    await context.clock.sleep(POLL, options.signal);
  }
}

function keep(context: LeaseParts, lease: Lease): HeldLease {
  const { clock, store } = context;
  const lost = new AbortController();
  let renewedAt = clock.monotonicMilliseconds();
  const timer = setInterval(() => {
    const askedAt = clock.monotonicMilliseconds();
    if (askedAt - renewedAt > LOST_AFTER) lost.abort(new Error(`the lease ${lease.name} could not be renewed`));
    store.leases.renew(lease).then(
      (kept) => {
        if (kept) renewedAt = askedAt;
        else lost.abort(new Error(`the lease ${lease.name} was taken by another process`));
      },
      (cause: unknown) => {
        if (clock.monotonicMilliseconds() - renewedAt > LOST_AFTER)
          lost.abort(new Error(`the lease ${lease.name} could not be renewed`, { cause }));
      },
    );
  }, RENEW_EVERY);
  timer.unref();
  return {
    lease,
    signal: lost.signal,
    confirm: async () => {
      if (lost.signal.aborted || !(await store.leases.renew(lease)))
        throw new OperationError(
          'LEASE_LOST',
          `cannot go on under the lease ${lease.name}: another process took over`,
          {
            retry: 'later',
          },
        );
    },
    release: async () => {
      clearInterval(timer);
      await store.leases.release(lease).catch((cause: unknown) => {
        context.logger.debug('lease not released, it ends by itself', { lease: lease.name, error: String(cause) });
      });
    },
  };
}
