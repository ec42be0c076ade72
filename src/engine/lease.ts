import type { Lease, LeaseHolder } from '../ports/lease-store.ts';
import type { EngineContext } from './context.ts';

const RENEW_EVERY = 20_000;
const POLL = 250;

/** A lease kept alive while work goes on; the signal aborts when it is lost. */
export interface HeldLease {
  readonly lease: Lease;
  readonly signal: AbortSignal;
  release(): Promise<void>;
}

/** The name of a unit's lease. */
export function unitLease(unit: string): string {
  return `unit/${unit}`;
}

/** Takes a lease, waiting at most so long, and renews it until it is released. */
export async function holdLease(
  context: EngineContext,
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

function keep(context: EngineContext, lease: Lease): HeldLease {
  const lost = new AbortController();
  const timer = setInterval(() => {
    context.store.leases.renew(lease).then(
      (kept) => {
        if (!kept) lost.abort(new Error('lease lost'));
      },
      () => undefined,
    );
  }, RENEW_EVERY);
  timer.unref();
  return {
    lease,
    signal: lost.signal,
    release: async () => {
      clearInterval(timer);
      await context.store.leases.release(lease).catch(() => undefined);
    },
  };
}
