import type { Check } from '../core/model/check.ts';
import type { Unit } from '../core/model/unit.ts';
import type { EngineContext } from './context.ts';
import { inForce } from './in-force.ts';
import { holdLease, unitLease, type HeldLease } from './lease.ts';
import { look } from './look.ts';
import { recordCheck } from './record/record-check.ts';
import type { LookVerifier, RecordedCheck } from './record/record-request.ts';
import { isSuspended } from './schedule.ts';
import { verifyActions } from './verification.ts';

/** How a check is asked for. */
export interface CheckRequest {
  readonly unit: Unit;
  /** Resources alone; undefined = the whole unit. */
  readonly resources?: readonly string[];
  /** How long to wait for another process that is checking the same unit. */
  readonly lockTimeout: number;
  readonly timeout?: number;
  /** What this look is to prove; by default, what it shows to be gone after a write. */
  readonly verifier?: LookVerifier;
}

/** What became of a check. */
export type CheckOutcome =
  | ({ readonly status: 'checked' } & RecordedCheck)
  | { readonly status: 'locked'; readonly holder: string }
  | { readonly status: 'suspended'; readonly reason: string };

function deadline(signal: AbortSignal, milliseconds: number): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);
}

/** One pass over one unit under its lease: observe, compare, correlate, evaluate, track, record. It writes nothing to the watched system. */
export async function checkUnit(
  context: EngineContext,
  request: CheckRequest,
  signal: AbortSignal,
): Promise<CheckOutcome> {
  const { unit } = request;
  const before = await context.store.findUnit(unit.name);
  if (isSuspended(unit, before, context.clock.now()))
    return { status: 'suspended', reason: before?.suspension?.reason ?? unit.suspend?.reason ?? '' };
  const held = await holdLease(context, unitLease(unit.name), { waitMilliseconds: request.lockTimeout, signal });
  if ('takenBy' in held) {
    await context.store.write((transaction) =>
      transaction.increment({ metric: 'kedge_lock_contention_total', labels: { unit_type: unit.type }, by: 1 }),
    );
    return { status: 'locked', holder: held.takenBy.holder };
  }
  try {
    return { status: 'checked', ...(await checkUnder(context, request, held, signal)) };
  } finally {
    await held.release();
  }
}

/** The same under a lease that is already held. */
export async function checkUnder(
  context: EngineContext,
  request: CheckRequest,
  held: HeldLease,
  signal: AbortSignal,
): Promise<RecordedCheck> {
  const { set, unit } = inForce(context, request.unit);
  const startedAt = context.clock.now();
  const record = await context.store.findUnit(unit.name);
  const asked = {
    set,
    unit,
    record,
    acting: unit.writeCredentials !== undefined,
    ...(request.resources === undefined ? {} : { resources: request.resources }),
  };
  context.logger.debug('drift check started', { unit: unit.name });
  const result = await look(
    context,
    asked,
    deadline(AbortSignal.any([signal, held.signal]), request.timeout ?? unit.schedule.timeout),
  );
  const verifier = request.verifier ?? (await closuresOf(context, unit));
  const recorded = await recordCheck(context, { ...asked, lease: held.lease, startedAt, verifier }, result);
  logEnd(context, recorded.check);
  return recorded;
}

/** A write that was never proved is proved by the first look that shows its difference gone, whoever made that look. */
async function closuresOf(context: EngineContext, unit: Unit): Promise<LookVerifier | undefined> {
  const statuses = ['ACTING', 'IN_DOUBT', 'VERIFYING'] as const;
  const actions = await context.store.listActions({ unit: unit.name, statuses });
  if (actions.length === 0) return undefined;
  const unproved = await Promise.all(
    actions.map(async (action) => ({ action, finding: await context.store.findFinding(action.findingId) })),
  );
  return verifyActions({ context, unit }, unproved, 'closed-ones');
}

function logEnd(context: EngineContext, check: Check): void {
  const fields = {
    unit: check.unit,
    checkId: check.checkId,
    result: check.result,
    partial: check.partial,
    reasons: check.reasons,
    findings: check.findingIds.length,
    detail: check.detail,
  };
  if (check.result === 'UNKNOWN') context.logger.warn('drift check finished', fields);
  else context.logger.info('drift check finished', fields);
}
