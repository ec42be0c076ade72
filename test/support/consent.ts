import type { Kedge } from '../../src/app/kedge.ts';
import { vote } from '../../src/engine/approve.ts';
import type { EngineContext } from '../../src/engine/context.ts';
import { requestCorrection, type Requested } from '../../src/engine/request.ts';

/** A person of one machine, as the operating system names them. */
export function person(name: string) {
  return { kind: 'LOCAL', id: `local:${name}@desk`, name } as const;
}

/** Carol asks for the correction of a finding. */
export async function request(context: EngineContext, findingId: string): Promise<Requested> {
  return await requestCorrection(
    context,
    { findingId, action: undefined, requester: person('carol'), reason: 'as declared' },
    new AbortController().signal,
  );
}

/** One person's answer to an approval as it stands; the status it has then, or the code of the refusal. */
export async function answer(
  kedge: Kedge,
  approvalId: string | undefined,
  name: string,
  decision: 'approve' | 'reject' = 'approve',
): Promise<string> {
  const approval = await kedge.store.findApproval(approvalId ?? '');
  if (approval === undefined) throw new Error('no approval');
  const by = person(name);
  const { digest } = approval;
  const outcome = await vote(kedge.context, {
    approvalId: approval.approvalId,
    by,
    decision,
    digest,
    reason: 'looked',
  });
  return outcome.status === 'refused' ? outcome.code : outcome.record.status;
}
