import { localPrincipal } from '../../app/kedge.ts';
import { vote } from '../../engine/approve.ts';
import { textOption, type Invocation } from '../invocation.ts';
import { inert } from '../render/inert-text.ts';
import { printStructured } from '../structured.ts';
import { UsageError } from '../usage-error.ts';

/** Records one person's answer to one digest. */
export async function run(invocation: Invocation): Promise<number> {
  const [approvalId = ''] = invocation.arguments;
  const digest = textOption(invocation, 'digest');
  const reason = textOption(invocation, 'reason');
  if (digest === undefined)
    throw new UsageError(
      'USAGE',
      'cannot vote without the digest you looked at',
      `\`kedge approvals show ${approvalId}\` prints it; add --digest sha256:…`,
    );
  if (reason === undefined || reason.trim() === '')
    throw new UsageError('USAGE', 'cannot vote without a reason', 'add --reason "…": it goes into evidence');
  const kedge = await invocation.open();
  const decision = invocation.path.at(-1) === 'reject' ? 'reject' : 'approve';
  const outcome = await vote(kedge.context, {
    approvalId,
    by: localPrincipal(invocation.environment),
    decision,
    digest,
    reason,
  });
  await kedge.context.publisher.publish(AbortSignal.timeout(60_000));
  if (outcome.status === 'refused')
    throw new UsageError(
      outcome.code,
      `cannot ${decision} ${approvalId}: ${outcome.because}`,
      `\`kedge explain ${outcome.code}\` says what would be needed`,
    );
  if (printStructured(invocation, outcome.record)) return 0;
  const given = outcome.record.votes.filter((each) => each.decision === 'approve').length;
  const next = outcome.record.status === 'GRANTED' ? `\n  next: kedge reconcile ${outcome.record.findingId}` : '';
  invocation.console.result(
    `${outcome.record.status}: ${given} of ${outcome.record.approvers} by ${inert(outcome.record.votes.map((each) => each.by.name).join(', '))}, local claims${next}`,
  );
  return 0;
}
