import type { ApprovalRecord, Principal } from '../core/model/approval-record.ts';
import type { FindingRecord } from '../core/model/finding-record.ts';
import { hasExpired } from '../core/policy/approval/binding.ts';
import { castVote, type VoteOutcome } from '../core/policy/approval/vote.ts';
import type { StoreTransaction } from '../ports/store.ts';
import type { EngineContext } from './context.ts';
import { makeEntry } from './entry.ts';
import { requestError } from './in-force.ts';
import { moveFinding } from './move-finding.ts';
import { toVoteContext } from './vote-context.ts';

/** One person's answer. */
export interface Vote {
  readonly approvalId: string;
  readonly by: Principal;
  readonly decision: 'approve' | 'reject';
  readonly digest: string;
  readonly reason: string;
}

async function endAction(
  context: EngineContext,
  transaction: StoreTransaction,
  approval: ApprovalRecord,
  outcome: string,
): Promise<void> {
  const granted = approval.status === 'GRANTED';
  if (!granted) await moveFinding(context, transaction, approval.findingId, 'approval-ended');
  const action = await transaction.lockAction(approval.actionId);
  if (action?.status !== 'AWAITING_APPROVAL' && (granted || action?.status !== 'READY')) return;
  await transaction.saveAction({
    ...action,
    status: granted ? 'READY' : 'CANCELLED',
    outcome: granted ? '' : outcome,
    finishedAt: granted ? undefined : context.clock.now(),
  });
}

/** An approval with its finding, locked in the one order: finding, action, approval. */
async function lockConsent(
  transaction: StoreTransaction,
  known: ApprovalRecord,
): Promise<{ readonly approval: ApprovalRecord | undefined; readonly finding: FindingRecord | undefined }> {
  const finding = await transaction.lockFinding(known.findingId);
  await transaction.lockAction(known.actionId);
  return { finding, approval: await transaction.lockApproval(known.approvalId) };
}

/** Records one vote on one digest, if it may count; the last one needed makes the action ready. */
export async function vote(context: EngineContext, given: Vote): Promise<VoteOutcome> {
  const { settings } = context.workingSet().policy;
  const known = await context.store.findApproval(given.approvalId);
  if (known === undefined)
    throw requestError(
      'APPROVAL_UNKNOWN',
      `cannot vote on ${given.approvalId}: no such approval`,
      '`kedge approvals list` shows them',
    );
  return await context.store.write(async (transaction) => {
    const { approval: record = known, finding } = await lockConsent(transaction, known);
    const voters = toVoteContext(context, settings, [finding?.finding.auditCorrelation.actor]);
    const { by, decision, reason, digest } = given;
    const outcome = castVote(record, { by, decision, reason, digest, at: voters.now }, voters);
    if (outcome.status === 'refused') return outcome;
    await transaction.saveApproval(outcome.record);
    await transaction.appendEntry(
      makeEntry(context, {
        type: given.decision === 'approve' ? 'APPROVAL_GIVEN' : 'APPROVAL_REJECTED',
        unit: record.unit,
        about: { kind: 'FINDING', id: record.findingId },
        actor: given.by,
        body: {
          approvalId: record.approvalId,
          actionId: record.actionId,
          digest: record.digest,
          planDigest: record.bound['plan'],
          decision: given.decision,
          reason: given.reason,
          by: given.by,
          requester: record.requester,
          approvers: record.approvers,
          status: outcome.record.status,
          local: given.by.kind === 'LOCAL',
        },
      }),
    );
    if (outcome.record.status !== 'PENDING')
      await endAction(context, transaction, outcome.record, `rejected by ${given.by.name}: ${given.reason}`);
    return outcome;
  });
}

/** Ends approvals whose time is over. */
export async function expireApprovals(context: EngineContext): Promise<number> {
  const now = context.clock.now();
  let expired = 0;
  for (const status of ['PENDING', 'GRANTED']) {
    for (const approval of await context.store.listApprovals({ status })) {
      if (!hasExpired(approval, now)) continue;
      await context.store.write(async (transaction) => {
        const { approval: locked } = await lockConsent(transaction, approval);
        if (locked === undefined || locked.status !== approval.status) return;
        const ended: ApprovalRecord = { ...locked, status: 'EXPIRED' };
        await transaction.saveApproval(ended);
        await transaction.appendEntry(
          makeEntry(context, {
            type: 'APPROVAL_VOIDED',
            unit: locked.unit,
            about: { kind: 'FINDING', id: locked.findingId },
            body: { approvalId: locked.approvalId, because: `it expired at ${locked.expiresAt}` },
          }),
        );
        await endAction(context, transaction, ended, `the approval expired at ${locked.expiresAt}`);
      });
      expired += 1;
    }
  }
  return expired;
}
