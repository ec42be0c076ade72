import type { ActionRecord } from '../../core/model/action-record.ts';
import type { JsonObject } from '../../core/model/json.ts';
import type { EntryDraft } from '../../ports/entry-draft.ts';
import type { EngineContext } from '../context.ts';
import { makeEntry } from '../entry.ts';

/** What an action came to, for whoever reads the log: every published intent is followed by one. */
export function finishedEntry(
  context: EngineContext,
  action: ActionRecord,
  said: {
    readonly outcome: 'done' | 'failed' | 'in-doubt';
    readonly code?: string;
    readonly message: string;
    readonly details?: JsonObject;
  },
): EntryDraft {
  return makeEntry(context, {
    type: 'ACTION_FINISHED',
    unit: action.unit,
    about: { kind: 'FINDING', id: action.findingId },
    body: {
      actionId: action.actionId,
      action: action.action,
      outcome: said.outcome,
      ...(said.code === undefined ? {} : { code: said.code }),
      message: said.message,
      settlement: action.settlement,
      ...(said.details === undefined ? {} : { details: said.details }),
      planDigest: action.plan?.digest,
    },
  });
}
