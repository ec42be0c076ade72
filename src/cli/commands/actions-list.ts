import { textOption, type Invocation } from '../invocation.ts';
import { inert } from '../render/inert-text.ts';
import { columns, printStructured } from '../structured.ts';

/** Lists actions, newest first. */
export async function run(invocation: Invocation): Promise<number> {
  const kedge = await invocation.open({ keepGoing: true });
  const findingId = textOption(invocation, 'finding');
  const actions = await kedge.store.listActions(findingId === undefined ? {} : { findingId });
  if (printStructured(invocation, actions)) return 0;
  const rows = actions.map((action) => [
    action.requestedAt,
    action.actionId,
    action.findingId,
    action.action,
    action.status,
    inert(action.byName ?? action.requester.name),
    inert(action.outcome),
  ]);
  invocation.console.result(
    rows.length === 0
      ? 'no actions'
      : columns([['requested', 'action', 'finding', 'what', 'status', 'by', 'outcome'], ...rows]),
  );
  return 0;
}
