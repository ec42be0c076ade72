import type { ApprovalRecord, Principal } from '../core/model/approval-record.ts';
import type { FindingRecord } from '../core/model/finding-record.ts';
import { hasExpired } from '../core/policy/approval/binding.ts';
import { castVote, type VoteOutcome } from '../core/policy/approval/vote.ts';
import { transition } from '../core/track/transitions.ts';
import type { StoreTransaction } from '../ports/store.ts';
import type { EngineContext } from './context.ts';
import { makeEntry } from './entry.ts';
import { requestError } from './request.ts';

/** One person's answer. */
export interface Vote {
  readonly approvalId: string;
  readonly by: Principal;
  readonly decision: 'approve' | 'reject';
  readonly digest: string;
  readonly reason: string;
}

function driftActors(record: FindingRecord | undefined): readonly string[] {
  const actor = record?.finding.auditCorrelation.actor;
  return actor === undefined ? [] : [actor];
}

async function backToClassified(transaction: StoreTransaction, findingId: string): Promise<void> {
  const record = await transaction.lockFinding(findingId);
  const moved = record === undefined ? undefined : transition(record.finding.state, 'approval-ended');
  if (record !== undefined && moved?.status === 'moved')
    await transaction.saveFinding({ ...record, finding: { ...record.finding, state: moved.state } });
}

async function endAction(
  context: EngineContext,
  transaction: StoreTransaction,
  approval: ApprovalRecord,
  outcome: string,
): Promise<void> {
  const action = await transaction.lockAction(approval.actionId);
  if (action !== undefined && action.status === 'AWAITING_APPROVAL') {
    await transaction.saveAction({
      ...action,
      status: approval.status === 'GRANTED' ? 'READY' : 'CANCELLED',
      outcome: approval.status === 'GRANTED' ? '' : outcome,
      finishedAt: approval.status === 'GRANTED' ? undefined : context.clock.now(),
    });
  }
  if (approval.status !== 'GRANTED') await backToClassified(transaction, approval.findingId);
}

/** Records one vote on one digest, if it may count; the last one needed makes the action ready. */
export async function vote(context: EngineContext, given: Vote): Promise<VoteOutcome> {
  const { settings } = context.workingSet().policy;
  return await context.store.write(async (transaction) => {
    const record = await transaction.lockApproval(given.approvalId);
    if (record === undefined)
      throw requestError(
        'APPROVAL_UNKNOWN',
        `cannot vote on ${given.approvalId}: no such approval`,
        '`kedge approvals list` shows them',
      );
    const finding = await context.store.findFinding(record.findingId);
    const now = context.clock.now();
    const outcome = castVote(
      record,
      { by: given.by, decision: given.decision, reason: given.reason, at: now, digest: given.digest },
      {
        now,
        aliases: settings.aliases,
        localApprovals: settings.localApprovals,
        driftActors: driftActors(finding),
        authors: [],
        groupsOf: () => [],
      },
    );
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
        const locked = await transaction.lockApproval(approval.approvalId);
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
