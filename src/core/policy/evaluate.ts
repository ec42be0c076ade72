import { groupDifferences, type DifferenceGroup } from '../compare/identity.ts';
import { digestJson, type Digest } from '../model/digest.ts';
import type { Evaluation, RouteVerdict } from '../model/evaluation.ts';
import type { GateResult } from '../model/gate.ts';
import type { JsonValue } from '../model/json.ts';
import { CONFIDENCES, type Confidence } from '../model/vocabulary.ts';
import { approvalNeed } from './approval/approval-need.ts';
import { decide, type Decided } from './decisions/decide.ts';
import type { DecisionSubject } from './decisions/decision-subject.ts';
import type { EvaluationInput } from './evaluation-input.ts';
import { correlationOf, waitingFacts, type GroupContext } from './group-context.ts';
import { healAuthority } from './gates/heal-authority.ts';
import { alertsFirst, healGates } from './gates/heal-gates.ts';
import type { GateSubject, Radius } from './gates/gate-subject.ts';
import { measureRadius } from './gates/radius.ts';
import { concerns } from './steps/concerns.ts';
import { factFor } from './steps/exception.ts';
import { freezesOf } from './steps/freeze.ts';
import { judge, leadingOf, notConvergedRecently, type Judgement } from './steps/judge.ts';
import { buildTrace } from './trace.ts';

/** A finding through steps 2 to 7, before the ceilings of the whole unit are known. */
interface Draft {
  readonly context: GroupContext;
  readonly judgements: readonly Judgement[];
  readonly leading: Judgement;
  readonly visible: readonly Judgement[];
  readonly decision: DecisionSubject;
  readonly decided: Decided;
  readonly provisional: Evaluation['provisional'];
}

function contextOf(input: EvaluationInput, group: DifferenceGroup): GroupContext {
  return {
    input,
    group,
    resource: input.resources.get(group.key.resource),
    history: input.history.get(group.identity),
  };
}

/** The finding of a group as decision rows see it, for the loop and for a person's request alike. */
export function decisionSubject(
  context: GroupContext,
  judgements: readonly Judgement[],
  leading: Judgement,
): DecisionSubject {
  const visible = judgements.filter((each) => each.judged.hiddenBy === undefined);
  return {
    unit: context.input.unit,
    leading: leading.judged,
    visible: (visible.length === 0 ? [leading] : visible).map((each) => each.judged),
    operatorSwitch: context.resource?.operatorSwitch,
    fact: (name) => {
      if (name === 'audit.human')
        return ['human', 'root'].includes(correlationOf(context, leading.judged.difference).actorType ?? '')
          ? 'true'
          : 'false';
      if (name === 'history.recurring') return (context.history?.occurrences ?? 1) > 1 ? 'true' : 'false';
      return factFor(context, leading.exception, name);
    },
    ownRows: ownRows(context, visible.length === 0 ? [leading] : visible),
  };
}

function ownRows(context: GroupContext, visible: readonly Judgement[]): DecisionSubject['ownRows'] {
  const judged = visible.map((each) => each.judged);
  return context.input.policy.reconciliationPolicies.flatMap(({ name, spec }) =>
    spec.decisions.map((row) => ({
      name: `${name}/${row.name}`,
      action: row.action,
      approval: row.approval,
      ...concerns(row, context, judged, 'permissive'),
    })),
  );
}

/** Whether an own row before the one that decided could still turn out to be the one. */
function couldBeOther(decision: DecisionSubject, decided: Decided): boolean {
  const at = decision.ownRows.findIndex((row) => row.name === decided.rule);
  const before = at < 0 ? decision.ownRows : decision.ownRows.slice(0, at);
  return before.some((row) => row.answer === 'unknown');
}

function provisionalOf(
  context: GroupContext,
  leading: Judgement,
  row: { readonly decision: DecisionSubject; readonly decided: Decided },
): Evaluation['provisional'] {
  const waiting = waitingFacts(context);
  const pending = correlationOf(context, leading.judged.difference).confidence === 'pending';
  const isAwaited = pending || waiting.length > 0;
  const matters =
    isAwaited && (leading.classification.waitingFor.length > 0 || couldBeOther(row.decision, row.decided));
  if (!matters || context.resource?.operatorSwitch?.heals === true) return { status: 'final' };
  const [last] = [...waiting].sort((left, right) => (left.deadline < right.deadline ? 1 : -1));
  return {
    status: 'provisional',
    missing: pending ? ['audit.actor'] : waiting.map((each) => each.name),
    ...(last === undefined ? {} : { finalAt: last.deadline }),
  };
}

function onHold(context: GroupContext, decided: Decided): Decided {
  if (context.input.circumstances.hold === undefined || decided.action === 'INCIDENT' || decided.action === 'NONE')
    return decided;
  return {
    ...decided,
    action: decided.incident ? 'INCIDENT' : 'NONE',
    approval: 'none',
    inadmissible: decided.inadmissible,
  };
}

function draft(context: GroupContext): Draft {
  const judgements = context.group.differences.map((difference) => judge(context, difference));
  const leading = leadingOf(judgements);
  const decision = decisionSubject(context, judgements, leading);
  const visible = judgements.filter((each) => each.judged.hiddenBy === undefined);
  const decided = onHold(context, decide(decision));
  const provisional = provisionalOf(context, leading, { decision, decided });
  return { context, judgements, leading, visible, decision, decided, provisional };
}

function counts(drafts: ReadonlyMap<GroupContext, Draft>): (context: GroupContext) => boolean {
  return (context) => {
    const made = drafts.get(context);
    if (made === undefined || made.visible.length === 0) return false;
    return made.leading.judged.risk !== 'INFO' || made.leading.judged.driftClass === 'UNCLASSIFIED';
  };
}

/** The windows that excuse what is visible of a finding. */
export function exceptionsOf(judgements: readonly Judgement[]): GateSubject['exceptions'] {
  return judgements.flatMap(({ judged, exception }) =>
    judged.hiddenBy === undefined && exception.window !== undefined ? [exception.window] : [],
  );
}

function gateSubject(made: Draft, radius: Radius): GateSubject {
  const visible = (made.visible.length === 0 ? [made.leading] : made.visible).map((each) => each.judged);
  return {
    context: made.context,
    decision: made.decision,
    decided: made.decided,
    visible,
    authority: healAuthority(made.context, visible),
    provisional: made.provisional.status === 'provisional',
    notConverged: notConvergedRecently(made.context),
    radius,
    action: 'RUNTIME_REVERT',
    exceptions: exceptionsOf(made.judgements),
    freeze: freezesOf(made.context, visible),
  };
}

function weakest(made: Draft): Confidence {
  const levels = made.judgements.map((each) =>
    CONFIDENCES.indexOf(correlationOf(made.context, each.judged.difference).confidence),
  );
  return CONFIDENCES[Math.max(...levels)] ?? 'not-covered';
}

/** Without an alert route in force everything goes to the log, and is said to. */
function routeOf(decided: Decided): RouteVerdict {
  return { rule: 'unowned', notify: ['log'], createIncident: decided.incident, createIssue: false };
}

function failed(gates: readonly GateResult[]): readonly GateResult[] {
  return gates.filter((gate) => gate.status === 'fail');
}

function finish(made: Draft, subject: GateSubject, gates: readonly GateResult[]): Evaluation {
  const { context, leading, decided, judgements } = made;
  const suppressed = made.visible.length === 0;
  const healable = !suppressed && decided.action === 'RUNTIME_REVERT' && failed(gates).length === 0;
  const healedBy =
    subject.authority.kind === 'switch'
      ? subject.authority.operatorSwitch.origin
      : subject.authority.kind === 'policy'
        ? subject.authority.policy.name
        : undefined;
  const need = approvalNeed(context, subject.visible, decided.approval);
  const trace = buildTrace({
    context,
    judgements,
    leading,
    decided,
    provisional: made.provisional,
    gates,
    subject,
    need,
    route: routeOf(decided),
  });
  const hiddenShadow = suppressed ? { driftClass: leading.judged.driftClass, risk: leading.judged.risk } : undefined;
  const body = {
    identity: context.group.identity,
    content: context.group.content,
    resource: context.group.key.resource,
    resourceType: leading.judged.difference.resourceType,
    category: context.group.key.category,
    pathRoot: context.group.key.pathRoot,
    domain: context.input.unit.domain ?? leading.judged.difference.domain,
    judged: judgements.map((each) => each.judged),
    relation: leading.judged.difference.relation,
    taxonomy: leading.judged.taxonomy,
    driftClass: leading.judged.driftClass,
    cause: leading.judged.cause,
    risk: leading.judged.risk,
    confidence: weakest(made),
    suppressed,
    provisional: made.provisional,
    classification: {
      rule: leading.classification.rule,
      trace,
      ...(hiddenShadow === undefined ? {} : { shadow: hiddenShadow }),
    },
    decision: {
      action: decided.action,
      approval: need.approval,
      rule: decided.rule,
      incident: decided.incident,
      reasons: failed(gates),
    },
    autoHealAllowed: healable,
    gates,
    ...(healedBy === undefined ? {} : { healedBy }),
    alertFirst: alertsFirst(subject),
    need,
    route: routeOf(decided),
    policyDigest: context.input.policy.digest,
  } satisfies Omit<Evaluation, 'decisionDigest'>;
  return { ...body, decisionDigest: decisionDigest(context, body) };
}

const digests = new WeakMap<object, Digest>();

/** Digest of something that many findings of one look share, made once. */
function sharedDigest(value: object): Digest {
  const known = digests.get(value);
  if (known !== undefined) return known;
  const digest = digestJson(value as unknown as JsonValue);
  digests.set(value, digest);
  return digest;
}

/** Digest of what went in, the policy in force and what came out; equal on every machine. */
function decisionDigest(context: GroupContext, body: Omit<Evaluation, 'decisionDigest'>): Evaluation['decisionDigest'] {
  const input = [
    sharedDigest(context.input.unit),
    context.resource?.operatorSwitch ?? 'no switch',
    context.group.differences,
    context.group.differences.map((difference) => correlationOf(context, difference)),
    context.history ?? 'new',
    [...context.input.facts].sort(),
    sharedDigest(context.input.circumstances),
    context.input.now,
  ];
  return digestJson([input, body.policyDigest, { ...body, judged: undefined }] as unknown as JsonValue);
}

/** The first resources in order heal, the rest wait: a check puts back at most so many. */
function limitHeals(
  subjects: readonly { readonly made: Draft; readonly subject: GateSubject; readonly gates: readonly GateResult[] }[],
  ceiling: number,
): readonly Evaluation[] {
  const healing = new Set<string>();
  return subjects.map(({ made, subject, gates }) => {
    const { resource } = made.context.group.key;
    const would = made.visible.length > 0 && made.decided.action === 'RUNTIME_REVERT' && failed(gates).length === 0;
    if (!would) return finish(made, subject, gates);
    if (!healing.has(resource) && healing.size >= ceiling) {
      const limited = gates.map((gate): GateResult =>
        gate.code === 'HEAL_LIMIT'
          ? {
              code: 'HEAL_LIMIT',
              status: 'fail',
              because: `${ceiling} resources heal in one check; this one waits for the next`,
            }
          : gate,
      );
      return finish(made, subject, limited);
    }
    healing.add(resource);
    return finish(made, subject, gates);
  });
}

/**
 * Everything between a difference and an action, for every difference of one look at one unit: one evaluation for each finding.
 * Pure, and the only implementation: the same input gives the same bytes on the command line, in a server, in a test and in replay.
 */
export function evaluate(input: EvaluationInput): readonly Evaluation[] {
  const contexts = groupDifferences(input.unit.name, input.differences).map((group) => contextOf(input, group));
  const drafts = new Map(contexts.map((context) => [context, draft(context)]));
  const radius = measureRadius(contexts, counts(drafts));
  const subjects = [...drafts.values()].map((made) => {
    const subject = gateSubject(made, radius);
    return { made, subject, gates: healGates(subject) };
  });
  return limitHeals(subjects, radius.ceiling);
}
