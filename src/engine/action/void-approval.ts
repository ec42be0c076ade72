import type { StoreTransaction } from '../../ports/store.ts';
import type { EngineContext } from '../context.ts';
import { makeEntry } from '../entry.ts';

/** Ends a consent that still counts, with its entry; one that is used, spent or refused stays as it is. */
export async function voidApproval(
  context: EngineContext,
  transaction: StoreTransaction,
  approvalId: string,
  because: string,
): Promise<void> {
  const approval = await transaction.lockApproval(approvalId);
  if (approval?.status !== 'PENDING' && approval?.status !== 'GRANTED') return;
  await transaction.saveApproval({ ...approval, status: 'VOID', voidedBecause: because });
  await transaction.appendEntry(
    makeEntry(context, {
      type: 'APPROVAL_VOIDED',
      unit: approval.unit,
      about: { kind: 'FINDING', id: approval.findingId },
      body: { approvalId, because },
    }),
  );
}

/** Ends an action that nobody has begun, and the consent it waits for or has. */
export async function cancelAction(
  context: EngineContext,
  transaction: StoreTransaction,
  actionId: string,
  because: string,
): Promise<void> {
  const action = await transaction.lockAction(actionId);
  if (action?.status !== 'AWAITING_APPROVAL' && action?.status !== 'READY') return;
  await transaction.saveAction({
    ...action,
    status: 'CANCELLED',
    outcome: because,
    finishedAt: context.clock.now(),
  });
  if (action.approvalId !== undefined) await voidApproval(context, transaction, action.approvalId, because);
}

/** Ends every request on a finding that nobody has begun: what it asked for is no longer what is there. */
export async function endRequests(
  context: EngineContext,
  transaction: StoreTransaction,
  findingId: string,
  because: string,
): Promise<void> {
  for (const action of await transaction.listActions({ findingId, statuses: ['AWAITING_APPROVAL', 'READY'] }))
    await cancelAction(context, transaction, action.actionId, because);
}
