import type { JsonValue } from '../../model/json.ts';
import type { Statement } from '../statement.ts';
import type { AnswerBody } from './answer.ts';
import { bodyField, bodyObject, bodyText, typeOf, type EntryView } from './entry-view.ts';

function ofType(view: EntryView, type: ReturnType<typeof typeOf>): readonly Statement[] {
  return view.own.filter((entry) => typeOf(entry) === type);
}

function approvalValue(entry: Statement): JsonValue {
  const by = bodyObject(entry, 'by');
  return {
    approver: by['id'] ?? entry.predicate.actor.id,
    name: by['name'] ?? entry.predicate.actor.name,
    login: entry.predicate.actor.kind,
    at: entry.predicate.at,
    planDigest: bodyText(entry, 'planDigest') ?? 'not recorded',
    reason: bodyText(entry, 'reason') ?? '',
  };
}

function withoutApproval(view: EntryView): AnswerBody {
  const intent = ofType(view, 'ACTION_INTENDED').at(-1);
  if (intent === undefined) return { status: 'NOT_APPLICABLE', text: 'nobody was asked', value: 'NONE' };
  const by = bodyText(intent, 'byName') ?? bodyText(intent, 'by') ?? 'a rule';
  const rule = bodyObject(intent, 'decision')['rule'] ?? 'not recorded';
  return { status: 'NOT_APPLICABLE', text: `not required: ${by}`, value: { word: 'NOT_REQUIRED', by, rule } };
}

/** 8. Who approved remediation? */
export function answerApproval(view: EntryView): AnswerBody {
  const given = ofType(view, 'APPROVAL_GIVEN');
  const rejected = ofType(view, 'APPROVAL_REJECTED');
  const requested = ofType(view, 'APPROVAL_REQUESTED');
  if (requested.length === 0) return withoutApproval(view);
  const value = { approved: given.map(approvalValue), rejected: rejected.map(approvalValue) };
  const names = given.map((entry) => entry.predicate.actor.name).join(', ');
  const needed = Number(bodyField(requested.at(-1), 'approvers') ?? 1);
  if (rejected.length > 0)
    return { status: 'ANSWERED', text: `rejected by ${rejected[0]?.predicate.actor.name ?? ''}`, value };
  if (given.length < needed)
    return { status: 'PENDING', text: `${given.length} of ${needed}${names === '' ? '' : `: ${names}`}`, value };
  return { status: 'ANSWERED', text: names, value };
}

/** 9. What action was taken? */
export function answerAction(view: EntryView): AnswerBody {
  const intent = ofType(view, 'ACTION_INTENDED').at(-1);
  if (intent === undefined) return { status: 'NOT_APPLICABLE', text: 'none', value: 'NONE' };
  const actionId = bodyText(intent, 'actionId') ?? '';
  const action = bodyText(intent, 'action') ?? '';
  const finish = ofType(view, 'ACTION_FINISHED').findLast((entry) => bodyText(entry, 'actionId') === actionId);
  const value = {
    actionId,
    action,
    planDigest: bodyText(intent, 'planDigest') ?? '',
    intendedAt: intent.predicate.at,
    outcome: bodyText(finish, 'outcome') ?? 'in-doubt',
    finishedAt: finish?.predicate.at ?? 'not finished',
    details: bodyField(finish, 'details') ?? {},
  };
  if (finish === undefined || value.outcome === 'in-doubt')
    return { status: 'UNKNOWN', text: `${action}: in doubt`, value, reason: 'nothing on record says what it came to' };
  return { status: 'ANSWERED', text: `${action}: ${value.outcome}`, value };
}

/** 10. What verified closure? */
export function answerClosure(view: EntryView): AnswerBody {
  const { closing } = view;
  const verification = ofType(view, 'VERIFICATION_FINISHED').at(-1);
  const verdict = bodyText(verification, 'verdict');
  const checkId = bodyText(verification, 'checkId') ?? '';
  if (verification !== undefined && verdict === 'converged')
    return {
      status: 'ANSWERED',
      text: `a new observation: check ${checkId}, converged`,
      value: { verdict, checkId, at: verification.predicate.at, planes: bodyField(verification, 'planes') ?? [] },
    };
  if (closing !== undefined && typeOf(closing) === 'FINDING_RESOLVED') {
    const clean = bodyText(closing, 'checkId') ?? '';
    return {
      status: 'ANSWERED',
      text: `a complete check that no longer saw it: ${clean}`,
      value: { verdict: 'clean-check', checkId: clean, at: closing.predicate.at },
    };
  }
  if (closing !== undefined)
    return { status: 'NOT_APPLICABLE', text: 'archived: nobody declares it any more', value: 'NOT_VERIFIED' };
  const reason = verdict === undefined ? 'no observation has verified it yet' : `the last verification said ${verdict}`;
  return { status: 'PENDING', text: 'not verified', value: 'NOT_VERIFIED', reason };
}
