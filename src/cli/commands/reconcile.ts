import type { ActionRecord } from '../../core/model/action-record.ts';
import { localPrincipal, type Kedge } from '../../app/kedge.ts';
import { expireApprovals } from '../../engine/approve.ts';
import { recoverActions } from '../../engine/recover.ts';
import { reconcileAction } from '../../engine/reconcile.ts';
import { previewAction } from '../../engine/preview.ts';
import { requestCorrection } from '../../engine/request.ts';
import { flagOption, textOption, type Invocation } from '../invocation.ts';
import { inert } from '../render/inert-text.ts';
import { printStructured } from '../structured.ts';
import { UsageError } from '../usage-error.ts';
import { actionOption, previewObject, previewText } from './plan.ts';

const POLL = 2_000;

/** What is run, or gone on with, at once. */
const BEGUN: ReadonlySet<ActionRecord['status']> = new Set(['READY', 'INTENDED', 'ACTING', 'IN_DOUBT', 'VERIFYING']);

const CODES: Readonly<Partial<Record<ActionRecord['status'], number>>> = {
  CONVERGED: 0,
  NOT_CONVERGED: 2,
  IN_DOUBT: 3,
  VERIFYING: 3,
  AWAITING_APPROVAL: 0,
  READY: 0,
};

/** The exit code of one action: converged 0, refused or failed 1, not converged 2, in doubt or unknown 3. */
export function actionExitCode(action: ActionRecord): number {
  return CODES[action.status] ?? 1;
}

function actionText(action: ActionRecord): string {
  const gates = action.gates.map((gate) => `  ${gate.code}  ${inert(gate.because)}`);
  const next =
    action.status === 'AWAITING_APPROVAL'
      ? [`  next: kedge approvals show ${action.approvalId ?? ''}`]
      : gates.length > 0
        ? [`  next: \`kedge explain ${action.gates[0]?.code ?? ''}\``]
        : [];
  const steps =
    action.status === 'CONVERGED' ? (action.plan?.steps ?? []).map((step) => `  done: ${inert(step.statement)}`) : [];
  return [
    `${action.findingId}: ${action.action} ${action.status}${action.outcome === '' || gates.length > 0 ? '' : ` (${inert(action.outcome)})`}`,
    ...steps,
    ...gates,
    ...next,
  ].join('\n');
}

async function waitForConsent(kedge: Kedge, action: ActionRecord, signal: AbortSignal): Promise<ActionRecord> {
  let current = action;
  while (current.status === 'AWAITING_APPROVAL') {
    await kedge.context.clock.sleep(POLL, signal);
    await expireApprovals(kedge.context);
    current = (await kedge.store.findAction(action.actionId)) ?? current;
  }
  return current;
}

/** An action of this finding that was approved and waits to be run. */
async function readyAction(kedge: Kedge, findingId: string): Promise<ActionRecord | undefined> {
  return (
    await kedge.store.listActions({ findingId, statuses: ['READY', 'INTENDED', 'IN_DOUBT', 'VERIFYING', 'ACTING'] })
  )[0];
}

async function reconcileOne(kedge: Kedge, findingId: string, invocation: Invocation): Promise<ActionRecord> {
  const ready = await readyAction(kedge, findingId);
  if (ready !== undefined) return (await reconcileAction(kedge.context, ready.actionId, invocation.signal)).action;
  const reason = textOption(invocation, 'reason');
  if (reason === undefined || reason.trim() === '')
    throw new UsageError(
      'USAGE',
      'cannot request an action without a reason',
      'add --reason "…": it goes into evidence',
    );
  const requested = await requestCorrection(
    kedge.context,
    { findingId, action: actionOption(invocation), requester: localPrincipal(invocation.environment), reason },
    invocation.signal,
  );
  let { action } = requested;
  if (action.status === 'AWAITING_APPROVAL' && !kedge.configuration.spec.access.localApprovals) {
    invocation.console.say(
      'local users cannot approve here: set access.localApprovals, or nothing will ever run this action',
    );
    return {
      ...action,
      gates: [
        {
          code: 'APPROVAL',
          because: `it needs ${requested.approval?.approval ?? ''} approval, and access.localApprovals is false`,
        },
      ],
    };
  }
  if (action.status === 'AWAITING_APPROVAL' && flagOption(invocation, 'wait')) {
    const { expiresAt = '' } = requested.approval ?? {};
    invocation.console.say(`${findingId}: waits for ${requested.approval?.approval ?? ''} approval until ${expiresAt}`);
    action = await waitForConsent(kedge, action, invocation.signal);
  }
  return BEGUN.has(action.status)
    ? (await reconcileAction(kedge.context, action.actionId, invocation.signal)).action
    : action;
}

async function dryRun(kedge: Kedge, invocation: Invocation): Promise<number> {
  const previews = [];
  for (const findingId of invocation.arguments)
    previews.push([
      findingId,
      await previewAction(kedge.context, findingId, actionOption(invocation), invocation.signal),
    ] as const);
  if (
    !printStructured(
      invocation,
      previews.map(([id, preview]) => previewObject(id, preview)),
    )
  )
    invocation.console.result(previews.map(([id, preview]) => previewText(id, preview)).join('\n\n'));
  return previews.some(([, preview]) => preview.status === 'refused') ? 1 : 2;
}

/** Requests an action, or runs one that stands approved, to its verification. */
export async function run(invocation: Invocation): Promise<number> {
  const kedge = await invocation.open();
  if (flagOption(invocation, 'dryRun')) return await dryRun(kedge, invocation);
  await recoverActions(kedge.context, invocation.signal);
  const actions: ActionRecord[] = [];
  for (const findingId of invocation.arguments) actions.push(await reconcileOne(kedge, findingId, invocation));
  await kedge.context.publisher.publish(AbortSignal.timeout(60_000)).catch((cause: unknown) => {
    invocation.console.fault(`error EVIDENCE_UNAVAILABLE  cannot publish: ${String(cause)}`);
  });
  if (!printStructured(invocation, actions)) invocation.console.result(actions.map(actionText).join('\n'));
  const codes = actions.map((action) =>
    action.gates.some((gate) => gate.code === 'APPROVAL') ? 1 : actionExitCode(action),
  );
  return [1, 2, 3].find((code) => codes.includes(code)) ?? 0;
}
