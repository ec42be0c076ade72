import { counted } from '../../core/model/counted.ts';
import type { Plan } from '../../core/model/plan.ts';
import { ACTIONS, type Action } from '../../core/model/vocabulary.ts';
import { nearest } from '../../core/model/nearest.ts';
import { previewAction, type Preview } from '../../engine/preview.ts';
import { textOption, type Invocation } from '../invocation.ts';
import { inert } from '../render/inert-text.ts';
import { printStructured } from '../structured.ts';
import { UsageError } from '../usage-error.ts';

/** The action a person named, or undefined. */
export function actionOption(invocation: Invocation): Action | undefined {
  const word = textOption(invocation, 'action');
  if (word === undefined) return undefined;
  if ((ACTIONS as readonly string[]).includes(word)) return word as Action;
  const near = nearest(word, ACTIONS);
  throw new UsageError(
    'USAGE',
    `there is no action "${word}"${near === undefined ? '' : `   did you mean "${near}"?`}`,
    `write one of ${ACTIONS.join(', ')}`,
  );
}

function stepLines(plan: Plan): readonly string[] {
  return plan.steps.flatMap((step, index) => [
    `  ${index + 1}. ${inert(step.statement)}`,
    ...step.loses.map((loss) => `     loses: ${inert(loss)}`),
  ]);
}

/** A preview as people read it. */
export function previewText(findingId: string, preview: Preview): string {
  if (preview.status === 'refused') {
    return [
      `${findingId}: refused`,
      ...preview.gates.map((gate) => `  ${gate.code}  ${inert(gate.because)}`),
      `  next: \`kedge explain ${preview.gates[0]?.code ?? findingId}\``,
    ].join('\n');
  }
  const { plan, need, bound } = preview;
  const consent =
    need.approval === 'none'
      ? 'no approval needed'
      : `${need.approval}: ${counted(need.approvers, 'approver')} beside the requester${need.policies.length === 0 ? '' : `, by ${need.policies.join(', ')}`}`;
  return [
    `${findingId}: ${plan.action} on ${inert(plan.unit)}, ${counted(plan.blastRadius.writes, 'write')} on ${inert(plan.blastRadius.resources.join(', '))}`,
    ...stepLines(plan),
    `  consent: ${consent}`,
    `  digest: ${bound.digest}`,
    `  next: kedge reconcile ${findingId} --reason "…"`,
  ].join('\n');
}

/** A preview as programs read it. */
export function previewObject(findingId: string, preview: Preview): Readonly<Record<string, unknown>> {
  if (preview.status === 'refused') return { findingId, status: 'refused', gates: preview.gates };
  return {
    findingId,
    status: 'allowed',
    plan: preview.plan,
    need: preview.need,
    digest: preview.bound.digest,
    bound: preview.bound.bound,
  };
}

/** Shows what an action would write. Nothing is written. */
export async function run(invocation: Invocation): Promise<number> {
  const action = actionOption(invocation);
  const kedge = await invocation.open();
  const previews: [string, Preview][] = [];
  for (const findingId of invocation.arguments)
    previews.push([findingId, await previewAction(kedge.context, findingId, action, invocation.signal)]);
  if (
    !printStructured(
      invocation,
      previews.map(([id, preview]) => previewObject(id, preview)),
    )
  )
    invocation.console.result(previews.map(([id, preview]) => previewText(id, preview)).join('\n\n'));
  return previews.some(([, preview]) => preview.status === 'refused') ? 1 : 0;
}
