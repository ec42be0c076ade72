import type { ActionRecord } from '../../core/model/action-record.ts';
import type { ApprovalRecord } from '../../core/model/approval-record.ts';
import type { FindingRecord } from '../../core/model/finding-record.ts';
import { failedGate, type GateResult } from '../../core/model/gate.ts';
import type { JsonValue } from '../../core/model/json.ts';
import { OperationError } from '../../core/model/operation-error.ts';
import type { EntryDraft } from '../../ports/entry-draft.ts';
import type { EvidenceReceipt } from '../../ports/evidence-receipt.ts';
import { makeEntry } from '../entry.ts';
import { moveFinding } from '../move-finding.ts';
import type { ActionRun } from './action-run.ts';
import type { Ready } from './prepare.ts';

const PUBLISH_DEADLINE = 60_000;

/** From where an action is begun: as it was decided, or again after its intent was recorded. */
const MAY_START: Readonly<
  Record<string, { readonly findings: readonly string[]; readonly consents: readonly string[] } | undefined>
> = {
  READY: { findings: ['CLASSIFIED', 'AWAITING_APPROVAL'], consents: ['GRANTED'] },
  INTENDED: { findings: ['CLASSIFIED', 'AWAITING_APPROVAL', 'ACTING'], consents: ['GRANTED', 'USED'] },
};

/** Why an intent may not be recorded although every gate passed a moment ago; undefined when it may. */
function refusalOf(
  ready: Ready,
  now: {
    readonly action: ActionRecord | undefined;
    readonly finding: FindingRecord | undefined;
    readonly consent: ApprovalRecord | undefined;
  },
): readonly GateResult[] | undefined {
  const action = now.action?.status ?? 'gone';
  const finding = now.finding?.finding.state ?? 'gone';
  const consent = now.consent?.status ?? 'gone';
  const allowed = MAY_START[action];
  if (allowed === undefined) return failedGate('RACED', `the action is ${action}`);
  if (!allowed.findings.includes(finding)) return failedGate('RACED', `the finding is ${finding}`);
  const stands = ready.approval === undefined || allowed.consents.includes(consent);
  return stands ? undefined : failedGate('APPROVAL', `the approval is ${consent}`);
}

function intentEntry(run: ActionRun, ready: Ready): EntryDraft {
  const { plan, approval, evaluation, need, set } = ready;
  return makeEntry(run.context, {
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
      { role: 'POLICY_SET', name: 'policies.json', value: set.policy.text },
    ],
    policies: [{ kind: 'PolicySet', name: 'in-force', digest: evaluation.policyDigest }],
  });
}

/** An intent that is recorded, and the entry that says so. */
export interface Intent {
  readonly action: ActionRecord;
  readonly entryId: string;
}

/**
 * Records why and what before anything is written: the intent, the state before, the consent, used up. An intent for the same plan
 * that already stands, its publication cut short, is the same intent.
 */
export async function recordIntent(run: ActionRun, ready: Ready): Promise<Intent | readonly GateResult[]> {
  const { context, action } = run;
  const { plan, approval, evaluation } = ready;
  const { policyDigest } = evaluation;
  if (action.intent?.policyDigest === policyDigest && action.plan?.digest === plan.digest)
    return { action, entryId: action.intent.entryId };
  const entry = intentEntry(run, ready);
  const { retryAt: _, ...kept } = action;
  const intended: ActionRecord = { ...kept, status: 'INTENDED', plan, intent: { entryId: entry.id, policyDigest } };
  return await context.store.write(async (transaction) => {
    await transaction.requireLease(run.held.lease.name, run.held.lease.token);
    const finding = await transaction.lockFinding(action.findingId);
    const locked = await transaction.lockAction(action.actionId);
    const consent = approval === undefined ? undefined : await transaction.lockApproval(approval.approvalId);
    const refusal = refusalOf(ready, { action: locked, finding, consent });
    if (refusal !== undefined) return refusal;
    if (finding?.finding.state !== 'ACTING')
      await moveFinding(context, transaction, action.findingId, 'action-started');
    await transaction.saveAction(intended);
    if (consent !== undefined) await transaction.saveApproval({ ...consent, status: 'USED' });
    await transaction.appendEntry(entry);
    if (evaluation.alertFirst || action.action === 'INCIDENT_AND_REVERT')
      await transaction.enqueueMessage({
        receiver: 'log',
        kind: 'action',
        findingId: action.findingId,
        body: {
          event: 'ABOUT_TO_WRITE',
          unit: run.unit.name,
          action: plan.action,
          resources: plan.blastRadius.resources,
          risk: evaluation.risk,
        },
      });
    return { action: intended, entryId: entry.id };
  });
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
      return failedGate('EVIDENCE_UNAVAILABLE', cause instanceof Error ? cause.message : String(cause));
    throw cause;
  }
}
