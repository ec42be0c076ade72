import { counted } from '../model/counted.ts';
import type { ApprovalNeed, Evaluation, RouteVerdict, TraceEntry } from '../model/evaluation.ts';
import type { GateResult } from '../model/gate.ts';
import type { Decided } from './decisions/decide.ts';
import { correlationOf, type GroupContext } from './group-context.ts';
import type { GateSubject } from './gates/gate-subject.ts';
import type { Judgement } from './steps/judge.ts';
import { reconcileBy } from './steps/exception.ts';
import { passThrough } from './steps/pass-through.ts';

/** What every step concluded, for the person who asks why. */
export interface TraceInput {
  readonly context: GroupContext;
  readonly judgements: readonly Judgement[];
  readonly leading: Judgement;
  readonly decided: Decided;
  readonly provisional: Evaluation['provisional'];
  readonly gates: readonly GateResult[];
  readonly subject: GateSubject;
  readonly need: ApprovalNeed;
  readonly route: RouteVerdict;
}

function holdStep({ context }: TraceInput): TraceEntry {
  const { hold } = context.input.circumstances;
  return {
    step: 'hold',
    outcome:
      hold === undefined
        ? 'the unit is not on hold'
        : `on hold: ${hold.reason}; every action but an incident becomes NONE`,
  };
}

function ownershipStep({ leading }: TraceInput): TraceEntry {
  const { ownership, judged } = leading;
  return {
    step: 'ownership',
    ...(ownership.rule === undefined ? {} : { rule: ownership.rule }),
    outcome: `${judged.difference.path} belongs to ${ownership.owner}: ${ownership.because}`,
  };
}

function ignoreStep({ judgements }: TraceInput): TraceEntry {
  const hidden = judgements.filter((each) => each.judged.hiddenBy !== undefined);
  const nearest = judgements.find((each) => each.ignore.nearest !== undefined)?.ignore.nearest;
  const names = [
    ...new Set(hidden.map((each) => `${each.judged.hiddenBy?.kind ?? ''} ${each.judged.hiddenBy?.name ?? ''}`)),
  ];
  return {
    step: 'ignore',
    outcome:
      hidden.length === 0
        ? 'nothing hides it'
        : `${hidden.length} of ${judgements.length} differences are hidden by ${names.join(', ')}`,
    ...(nearest === undefined ? {} : { nearest }),
  };
}

function exceptionStep({ judgements }: TraceInput): TraceEntry {
  const excused = judgements.flatMap(({ exception }) => (exception.window === undefined ? [] : [exception.window]));
  const [window] = excused;
  const nearest = judgements.find((each) => each.exception.nearest !== undefined)?.exception.nearest;
  if (window === undefined)
    return { step: 'exception', outcome: 'no exception excuses it', ...(nearest === undefined ? {} : { nearest }) };
  const { kind, incident, change } = window.spec;
  const record = [incident, change].filter((each) => each !== undefined).join(', ');
  return {
    step: 'exception',
    rule: window.name,
    outcome: `${excused.length} of ${judgements.length} differences are excused by ${window.name} (${kind}${record === '' ? '' : `, ${record}`}); to be settled by ${reconcileBy(window)}`,
  };
}

function classifyStep({ context, leading, provisional }: TraceInput): TraceEntry {
  const { classification, judged } = leading;
  const correlation = correlationOf(context, judged.difference);
  const why = classification.rule === 'none' ? 'no rule matched' : `${classification.rule} (${classification.words})`;
  const later =
    provisional.status === 'provisional' ? `; provisional until ${provisional.missing.join(', ')} is known` : '';
  return {
    step: 'classify',
    rule: classification.rule,
    outcome: `${judged.driftClass} by ${why}; cause ${judged.cause}${judged.causeInferred ? ' (inferred)' : ''}${later}`,
    ...(classification.nearest === undefined ? {} : { nearest: classification.nearest }),
    facts: [
      {
        name: 'audit.actor',
        value:
          correlation.actor === undefined
            ? `nobody named: ${correlation.confidence}`
            : `${correlation.actor}, ${correlation.confidence}`,
        ...(correlation.source === undefined ? {} : { source: correlation.source }),
        ...(correlation.eventTime === undefined ? {} : { at: correlation.eventTime }),
      },
    ],
  };
}

function riskStep({ leading }: TraceInput): TraceEntry {
  return {
    step: 'risk',
    outcome: leading.judged.risk,
    facts: leading.risk.terms.map(({ term, value }) => ({ name: term, value })),
  };
}

/** The row that nearly decided: one that would not restore the right relationship, else an own one that does not match. */
function nearestRow({ decided, subject }: TraceInput): TraceEntry['nearest'] {
  const [first] = decided.inadmissible;
  if (first !== undefined) return { rule: `${first.rule} (${first.action})`, failed: `INADMISSIBLE: ${first.because}` };
  const own = subject.decision.ownRows.find((row) => row.answer !== 'true');
  return own === undefined ? undefined : { rule: own.name, failed: own.failed };
}

function decideStep(input: TraceInput): TraceEntry {
  const { decided } = input;
  const nearest = nearestRow(input);
  return {
    step: 'decide',
    rule: decided.rule,
    outcome: `${decided.action}: ${decided.when}${decided.incident ? '; an incident is asked for' : ''}`,
    ...(nearest === undefined ? {} : { nearest }),
  };
}

function freezeStep({ subject }: TraceInput): TraceEntry {
  const { active, nearest } = subject.freeze;
  const names = active.map(({ name, until }) => `${name} (until ${until ?? 'nobody knows when'})`);
  return {
    step: 'freeze',
    ...(active[0] === undefined ? {} : { rule: active[0].name }),
    outcome: names.length === 0 ? 'no freeze holds' : `frozen by ${names.join(', ')}`,
    ...(active.length > 0 || nearest === undefined ? {} : { nearest }),
    facts: active.map(({ name, reason }) => ({ name, value: reason })),
  };
}

function healStep({ gates, subject }: TraceInput): TraceEntry {
  const failures = gates.filter((gate) => gate.status === 'fail');
  const by =
    subject.authority.kind === 'switch'
      ? subject.authority.operatorSwitch.origin
      : subject.authority.kind === 'policy'
        ? subject.authority.policy.name
        : undefined;
  const [leading] = failures;
  return {
    step: 'auto-heal',
    ...(by === undefined ? {} : { rule: by }),
    outcome:
      leading === undefined ? 'every gate passes' : `does not heal by itself: ${leading.code} (${leading.because})`,
    facts: failures.map(({ code, because }) => ({ name: code, value: because })),
  };
}

function approvalStep({ need }: TraceInput): TraceEntry {
  if (need.approval === 'none')
    return { step: 'approval', outcome: 'the decision itself needs no approval; a requested write does' };
  const by = need.policies.length === 0 ? '' : ` (${need.policies.join(', ')})`;
  return {
    step: 'approval',
    outcome: `${need.approval}: ${counted(need.approvers, 'approver')} beside the requester${by}`,
  };
}

function routeStep({ route }: TraceInput): TraceEntry {
  return { step: 'route', rule: route.rule, outcome: `no route document in force; told to ${route.notify.join(', ')}` };
}

/** One line a step, in the order in which they ran. */
export function buildTrace(input: TraceInput): readonly TraceEntry[] {
  return [
    holdStep(input),
    ownershipStep(input),
    ignoreStep(input),
    exceptionStep(input),
    classifyStep(input),
    riskStep(input),
    decideStep(input),
    freezeStep(input),
    passThrough('budget'),
    healStep(input),
    approvalStep(input),
    routeStep(input),
  ];
}
