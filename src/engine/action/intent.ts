import type { ActionRecord } from '../../core/model/action-record.ts';
import type { GateResult } from '../../core/model/gate.ts';
import type { JsonValue } from '../../core/model/json.ts';
import { OperationError } from '../../core/model/operation-error.ts';
import type { EvidenceReceipt } from '../../ports/evidence-receipt.ts';
import { makeEntry } from '../entry.ts';
import { requestError } from '../request.ts';
import { fail, moveFinding, type ActionRun } from './action-run.ts';
import type { Ready } from './prepare.ts';

const PUBLISH_DEADLINE = 60_000;

/** Records why and what before anything is written: the intent, the state before, the consent, used up. */
export async function recordIntent(
  run: ActionRun,
  ready: Ready,
): Promise<{ readonly action: ActionRecord; readonly entryId: string }> {
  const { context } = run;
  const { plan, approval, evaluation, need } = ready;
  const intended: ActionRecord = { ...run.action, status: 'INTENDED', plan };
  const entry = makeEntry(context, {
    type: 'ACTION_INTENDED',
    unit: run.unit.name,
    about: { kind: 'FINDING', id: run.action.findingId },
    body: {
      actionId: run.action.actionId,
      action: plan.action,
      by: run.action.by,
      byName: run.action.byName,
      requester: run.action.requester,
      planDigest: plan.digest,
      fingerprint: plan.fingerprint,
      policyDigest: evaluation.policyDigest,
      decision: evaluation.decision,
      needed: need === undefined ? undefined : { approval: need.approval, approvers: need.approvers },
      approvalId: approval?.approvalId,
      approvalDigest: approval?.digest,
      approvers: approval?.votes.filter((each) => each.decision === 'approve').map((each) => each.by) ?? [],
      idempotencyKey: run.action.actionId,
      blastRadius: plan.blastRadius,
    },
    artifacts: [
      { role: 'PLAN', name: 'plan.json', value: JSON.parse(JSON.stringify(plan)) as JsonValue },
      { role: 'PRE_IMAGE', name: 'pre-image.json', value: plan.preImage },
    ],
    policies: [{ kind: 'PolicySet', name: 'in-force', digest: evaluation.policyDigest }],
  });
  await context.store.write(async (transaction) => {
    await transaction.requireLease(run.held.lease.name, run.held.lease.token);
    const { hold } = (await transaction.lockUnit(run.unit.name)) ?? {};
    if (hold !== undefined)
      throw requestError(
        'HELD',
        `cannot write to ${run.unit.name}: it is held (${hold.reason})`,
        '`kedge units release` ends a hold',
      );
    const locked = await transaction.lockAction(run.action.actionId);
    if (locked === undefined || (locked.status !== 'READY' && locked.status !== 'INTENDED'))
      throw requestError(
        'ACTION_TAKEN',
        `cannot run action ${run.action.actionId}: it is ${locked?.status ?? 'gone'}`,
        'look at it with `kedge actions show`',
      );
    if (approval !== undefined && locked.status === 'READY') {
      const consent = await transaction.lockApproval(approval.approvalId);
      if (consent?.status !== 'GRANTED')
        throw requestError(
          'APPROVAL',
          `cannot use approval ${approval.approvalId}: it is ${consent?.status ?? 'gone'}`,
          'request the action again',
        );
      await transaction.saveApproval({ ...consent, status: 'USED' });
    }
    await transaction.saveAction(intended);
    await moveFinding(transaction, run.action.findingId, 'action-started');
    await transaction.appendEntry(entry);
    if (evaluation.alertFirst || run.action.action === 'INCIDENT_AND_REVERT') {
      await transaction.enqueueMessage({
        receiver: 'log',
        kind: 'action',
        findingId: run.action.findingId,
        body: {
          event: 'ABOUT_TO_WRITE',
          unit: run.unit.name,
          action: plan.action,
          resources: plan.blastRadius.resources,
          risk: evaluation.risk,
        },
      });
    }
  });
  return { action: intended, entryId: entry.id };
}

/** Publishes the intent; only the receipt of it lets anything be written. */
export async function publishIntent(run: ActionRun, entryId: string): Promise<EvidenceReceipt | readonly GateResult[]> {
  try {
    return await run.context.publisher.publishEntry(
      entryId,
      AbortSignal.any([run.signal, AbortSignal.timeout(PUBLISH_DEADLINE)]),
    );
  } catch (cause) {
    if (cause instanceof OperationError || run.signal.aborted)
      return fail('EVIDENCE_UNAVAILABLE', cause instanceof Error ? cause.message : String(cause));
    throw cause;
  }
}
