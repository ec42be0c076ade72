import type { ApprovalRecord } from '../../core/model/approval-record.ts';
import { flagOption, type Invocation } from '../invocation.ts';
import { inert } from '../render/inert-text.ts';
import { columns, printStructured } from '../structured.ts';
import { UsageError } from '../usage-error.ts';

async function show(invocation: Invocation, approvalId: string): Promise<number> {
  const kedge = await invocation.open({ keepGoing: true });
  const approval = await kedge.store.findApproval(approvalId);
  if (approval === undefined)
    throw new UsageError('APPROVAL_UNKNOWN', `there is no approval ${approvalId}`, '`kedge approvals list` shows them');
  const action = await kedge.store.findAction(approval.actionId);
  if (printStructured(invocation, { ...approval, plan: action?.plan })) return 0;
  const steps = (action?.plan?.steps ?? []).map(
    (step, index) =>
      `  ${index + 1}. ${inert(step.statement)}${step.loses.length === 0 ? '' : `  loses: ${inert(step.loses.join(', '))}`}`,
  );
  const given = approval.votes.filter((each) => each.decision === 'approve').length;
  invocation.console.result(
    [
      `${approval.action} for ${approval.findingId} on ${inert(approval.unit)}: ${approval.status}`,
      ...steps,
      `  requested by ${inert(approval.requester.name)} (${inert(approval.requester.id)}): ${inert(action?.reason ?? '')}`,
      `  consent: ${given} of ${approval.approvers}; expires ${approval.expiresAt}`,
      ...approval.votes.map(
        (each) => `  ${each.decision} by ${inert(each.by.name)} at ${each.at}: ${inert(each.reason)}`,
      ),
      ...(approval.voidedBecause === undefined ? [] : [`  void: ${inert(approval.voidedBecause)}`]),
      `  digest: ${approval.digest}`,
      `  next: kedge approvals approve ${approval.approvalId} --digest ${approval.digest} --reason "…"`,
    ].join('\n'),
  );
  return 0;
}

function row(approval: ApprovalRecord): readonly string[] {
  return [
    approval.approvalId,
    approval.findingId,
    approval.action,
    approval.status,
    `${approval.votes.filter((each) => each.decision === 'approve').length}/${approval.approvers}`,
    inert(approval.requester.name),
    approval.expiresAt,
  ];
}

/** Lists approvals, or shows one. */
export async function run(invocation: Invocation): Promise<number> {
  const [approvalId] = invocation.arguments;
  if (approvalId !== undefined) return await show(invocation, approvalId);
  const kedge = await invocation.open({ keepGoing: true });
  const approvals = await kedge.store.listApprovals(flagOption(invocation, 'all') ? {} : { status: 'PENDING' });
  if (printStructured(invocation, approvals)) return 0;
  invocation.console.result(
    approvals.length === 0
      ? 'no approvals wait'
      : columns([
          ['approval', 'finding', 'action', 'status', 'consent', 'requester', 'expires'],
          ...approvals.map(row),
        ]),
  );
  return 0;
}
