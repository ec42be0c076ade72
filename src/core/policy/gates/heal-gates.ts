import { isOpen } from '../steps/exception.ts';
import { frozen } from '../steps/freeze.ts';
import type { GateCode, GateResult } from '../../model/gate.ts';
import { GATE_CODES } from '../../model/gate.ts';
import { epochMilliseconds } from '../../model/instant.ts';
import { CONFIDENCES, type Category } from '../../model/vocabulary.ts';
import { isMissing, recordedKnewIt } from '../decisions/decision-subject.ts';
import type { AutoHealPolicy } from '../documents/auto-heal-policy.ts';
import { confidenceOf } from '../group-context.ts';
import { healBounds, type GateSubject } from './gate-subject.ts';
import { approvalPoliciesFor } from '../approval/approval-need.ts';
import { deniedBy, notAllowed, speaksFor } from './heal-authority.ts';

/** Why a gate fails, or undefined when it is known to pass. */
type Failure = string | undefined;
type Gate = (subject: GateSubject) => Failure;

const HOUR = 3_600_000;

const isSwitch = ({ authority }: GateSubject): boolean => authority.kind === 'switch';
const policyOf = ({ authority }: GateSubject): AutoHealPolicy | undefined =>
  authority.kind === 'policy' ? authority.policy : undefined;
const paths = (subject: GateSubject, test: (each: GateSubject['visible'][number]) => boolean): string =>
  subject.visible
    .filter(test)
    .map(({ difference }) => difference.path)
    .join(', ');

function failWhen(text: string, prefix: string): Failure {
  return text === '' ? undefined : `${prefix}: ${text}`;
}

/** The never-list of categories; a watched system adds its own kinds by `gated` in its catalogue. */
const GATED_CATEGORIES: ReadonlySet<Category> = new Set([
  'identity',
  'privilege',
  'network',
  'secret',
  'schema',
  'data',
]);

const SENSITIVE_WRITES: ReadonlySet<Category> = new Set(['identity', 'privilege', 'secret']);

function kindGated(subject: GateSubject): Failure {
  const gated = paths(subject, ({ difference }) => {
    const onList = difference.gated || GATED_CATEGORIES.has(difference.category);
    return onList && !(isSwitch(subject) && (difference.declared || difference.relation === 'ORPHANED'));
  });
  return failWhen(
    gated,
    isSwitch(subject) ? 'the switch is for what the document declares, not for' : 'on the never-list',
  );
}

function weakestConfidence(subject: GateSubject): number {
  return Math.max(
    ...subject.visible.map(({ difference }) => CONFIDENCES.indexOf(confidenceOf(subject.context, difference))),
  );
}

function confidence(subject: GateSubject): Failure {
  const weakest = weakestConfidence(subject);
  const word = CONFIDENCES[weakest] ?? 'unknown';
  if (isSwitch(subject)) {
    const login = subject.visible.some(({ difference }) => difference.offer.care?.includes('returns-login') === true);
    return login && weakest > CONFIDENCES.indexOf('probable')
      ? `a power is given back only when the writer is at least probable; it is ${word}`
      : undefined;
  }
  if (subject.provisional) return 'the class is provisional: a fact it needs has not arrived';
  const policy = policyOf(subject);
  const { riskTier } = subject.context.input.unit;
  const least =
    policy?.spec.minConfidence ?? (riskTier === 'high' || riskTier === 'critical' ? 'probable' : 'possible');
  return weakest > CONFIDENCES.indexOf(least) ? `the writer must be at least ${least}; it is ${word}` : undefined;
}

function ownerAmbiguous(subject: GateSubject): Failure {
  return failWhen(
    paths(subject, ({ fieldOwner }) => fieldOwner !== 'git' && fieldOwner !== 'policy'),
    'not known to be owned by git or policy',
  );
}

function observationStale(subject: GateSubject): Failure {
  const { circumstances } = subject.context.input;
  if (circumstances.observedAt === undefined || !circumstances.fresh) return 'the observation is not from this look';
  if (circumstances.coverage.complete) return undefined;
  const [first] = circumstances.coverage.unchecked;
  return `the look saw only part of the unit${first === undefined ? '' : ` (${first.what}: ${first.reason})`}`;
}

function desiredNotFresh(subject: GateSubject): Failure {
  const { circumstances, unit, now } = subject.context.input;
  if (circumstances.desiredAt === undefined) return 'nobody knows how old the declaration is';
  const age = epochMilliseconds(now) - epochMilliseconds(circumstances.desiredAt);
  return age > unit.policies.desiredMaxAge
    ? `the declaration was last known to be the head ${Math.round(age / 60_000)}m ago`
    : undefined;
}

function destructive(subject: GateSubject): Failure {
  if (isSwitch(subject) && subject.context.resource?.operatorSwitch?.allowsDestructive === true) return undefined;
  return failWhen(
    paths(subject, ({ difference }) => difference.destructive),
    'putting it back loses data or access',
  );
}

function minAge(subject: GateSubject): Failure {
  const { minAge: least } = healBounds(subject.authority);
  const { now } = subject.context.input;
  const since = subject.context.history?.firstSeenAt ?? now;
  const age = epochMilliseconds(now) - epochMilliseconds(since);
  return age < least ? `seen for ${Math.round(age / 1_000)}s, heals after ${Math.round(least / 1_000)}s` : undefined;
}

const CARE_WORDS = {
  'returns-power': 'it gives a strong power back',
  upgrades: 'it upgrades an extension',
  cascades: 'others lose what hangs on it',
  unproven: 'the difference was not seen first-hand',
} as const;

function careFailure(subject: GateSubject): Failure {
  for (const { difference } of subject.visible) {
    for (const care of difference.offer.care ?? []) {
      if (Object.hasOwn(CARE_WORDS, care)) return `${difference.path}: ${CARE_WORDS[care as keyof typeof CARE_WORDS]}`;
    }
  }
  return undefined;
}

function createFailure(subject: GateSubject): Failure {
  if (!isMissing(subject.decision)) return undefined;
  if (recordedKnewIt(subject.decision)) return 'what is gone was there: a person decides whether to make it anew';
  const allowed = subject.context.input.policy.autoHealPolicies.some(
    (policy) =>
      policy.spec.effect === undefined &&
      policy.spec.allowCreate &&
      speaksFor(policy, subject.context, subject.visible) &&
      notAllowed(policy, subject.visible).length === 0,
  );
  return allowed ? undefined : 'creating needs a policy with allowCreate';
}

function approval(subject: GateSubject): Failure {
  const care = careFailure(subject);
  if (care !== undefined) return care;
  const created = createFailure(subject);
  if (created !== undefined) return created;
  const critical = subject.visible.find(
    ({ floor, difference }) => floor === 'CRITICAL' && SENSITIVE_WRITES.has(difference.category),
  );
  if (critical !== undefined) return `${critical.difference.path} is CRITICAL by its floor: it waits for a person`;
  const undeclared = subject.visible.find(
    ({ difference }) => !difference.declared && difference.relation !== 'ORPHANED',
  );
  if (undeclared !== undefined) return `${undeclared.difference.path} has no desired plane: a person decides`;
  if (subject.visible.some(({ difference }) => difference.relation === 'ORPHANED') && !isSwitch(subject))
    return 'removing an orphan waits for a person';
  const restarts = subject.visible.some(
    ({ difference }) => difference.offer.care?.includes('restarts-consumers') === true,
  );
  if (restarts && !healBounds(subject.authority).allowRestart) return 'it restarts consumers';
  const [policy] = approvalPoliciesFor(subject.context, subject.visible);
  if (policy !== undefined) return `${policy.name} asks for consent`;
  return subject.decided.approval === 'none'
    ? undefined
    : `${subject.decided.rule} asks for ${subject.decided.approval}`;
}

function healthy(subject: GateSubject): Failure {
  const { health } = subject.context.input.circumstances;
  return health === 'unhealthy' && healBounds(subject.authority).requireHealthy
    ? 'a probe says the workload is unhealthy'
    : undefined;
}

function breaker(subject: GateSubject): Failure {
  const life = subject.context.history?.life;
  if (life?.breaker.status === 'open') return `two writers put it back in turn: ${life.breaker.writers.join(', ')}`;
  if (subject.notConverged >= 2) return 'two corrections in 24 hours did not converge';
  const { maxHealsPerHour } = healBounds(subject.authority);
  const { now } = subject.context.input;
  const recent = (life?.attempts ?? []).filter(
    (each) => each.by !== 'request' && epochMilliseconds(now) - epochMilliseconds(each.at) < HOUR,
  ).length;
  return maxHealsPerHour !== undefined && recent >= maxHealsPerHour ? `${recent} heals in the last hour` : undefined;
}

function scope(subject: GateSubject): Failure {
  const nearest = subject.authority.kind === 'none' ? subject.authority.nearest : undefined;
  if (subject.authority.kind !== 'none') return undefined;
  return nearest === undefined
    ? 'no policy and no switch speaks of it'
    : `the nearest policy is ${nearest.rule}; ${nearest.failed} does not hold`;
}

/** Every gate of the registry. A gate that only the write itself can test passes here and is tested there. */
const GATES: Readonly<Record<GateCode, Gate>> = {
  AUTOHEAL_OFF: (subject) =>
    isSwitch(subject) || subject.context.input.unit.policies.autoHeal
      ? undefined
      : 'policies.autoHeal of the unit is off',
  NO_WRITE_CREDENTIALS: ({ context }) =>
    context.input.circumstances.canWrite ? undefined : 'the unit has no writeCredentials, or its type no actuator',
  NO_POLICY: scope,
  PATH_DENIED: (subject) => deniedBy(subject.context, subject.visible),
  PATH_NOT_ALLOWED: (subject) => {
    const policy = policyOf(subject);
    return policy === undefined
      ? undefined
      : failWhen(notAllowed(policy, subject.visible).join(', '), `${policy.name} does not allow`);
  },
  KIND_GATED: kindGated,
  CLASS_NOT_HEALABLE: (subject) => {
    if (subject.decided.action !== 'RUNTIME_REVERT')
      return `the decision is ${subject.decided.action}, and only RUNTIME_REVERT heals`;
    const { driftClass } = subject.decision.leading;
    return isSwitch(subject) || driftClass === 'UNAUTHORIZED_RUNTIME_DRIFT'
      ? undefined
      : `${driftClass} never heals under a policy`;
  },
  CONFIDENCE: confidence,
  OWNER_AMBIGUOUS: ownerAmbiguous,
  FOREIGN: (subject) =>
    failWhen(
      paths(subject, ({ difference }) => difference.relation === 'FOREIGN' || difference.relation === 'UNMANAGED'),
      'not ours',
    ),
  DESIRED_NOT_FRESH: desiredNotFresh,
  CONTROLLER_SUSPENDED: () => undefined,
  CONTROLLER_BUSY: () => undefined,
  PR_OPEN: () => undefined,
  OBSERVATION_STALE: observationStale,
  DESTRUCTIVE: destructive,
  IMMUTABLE: (subject) =>
    failWhen(
      paths(subject, ({ difference }) => difference.immutable),
      'cannot be changed after creation',
    ),
  EVIDENCE_UNAVAILABLE: ({ context }) =>
    context.input.circumstances.evidence === 'available' ? undefined : 'the evidence store cannot take the intent now',
  HOLD: ({ context }) =>
    context.input.circumstances.hold === undefined
      ? undefined
      : `the unit is on hold: ${context.input.circumstances.hold.reason}`,
  FREEZE: ({ freeze, action }) => frozen(freeze, action),
  EXCEPTION: ({ exceptions, context }) => {
    const window = exceptions.find((each) => isOpen(each, context.input.now));
    return window === undefined ? undefined : `${window.name} excuses it`;
  },
  MIN_AGE: minAge,
  BUDGET: () => undefined,
  APPROVAL: approval,
  LOCKED: ({ context }) =>
    context.input.circumstances.lock === 'free'
      ? undefined
      : `the lock of the system is ${context.input.circumstances.lock}`,
  UNHEALTHY: healthy,
  MASS_DRIFT: ({ radius }) => radius.mass,
  HEAL_LIMIT: () => undefined,
  PLAN_EXCEEDS: () => undefined,
  BREAKER_OPEN: breaker,
  RACED: () => undefined,
  INADMISSIBLE: ({ decided }) => {
    const [first] = decided.inadmissible;
    return first === undefined || decided.action === 'RUNTIME_REVERT'
      ? undefined
      : `${first.rule} would ${first.action}: ${first.because}`;
  },
};

/** Gates whose kinds of document do not exist in this version: they say so instead of "passed". */
const WITHOUT_DOCUMENTS: Readonly<Partial<Record<GateCode, string>>> = {
  FREEZE: 'no freeze holds',
  EXCEPTION: 'no exception excuses it',
  BUDGET: 'no budget document in force',
  CONTROLLER_SUSPENDED: 'no controller stands in between',
  CONTROLLER_BUSY: 'no controller stands in between',
  PR_OPEN: 'no pull request is open',
  RACED: 'tested right before the write',
  PLAN_EXCEEDS: 'tested right before the write',
  HEAL_LIMIT: 'within the limit',
};

/** Every gate, in registry order, with why it passes or fails; then the adapter's own. */
export function healGates(subject: GateSubject): readonly GateResult[] {
  const own = GATE_CODES.map((code): GateResult => {
    const failure = GATES[code](subject);
    return failure === undefined
      ? { code, status: 'pass', because: WITHOUT_DOCUMENTS[code] ?? 'known to pass' }
      : { code, status: 'fail', because: failure };
  });
  return [...own, ...subject.context.input.circumstances.adapterGates];
}

/** Whether a message goes out before the write: a sensitive path whose floor is HIGH or more, or a policy that asks for it. */
export function alertsFirst(subject: GateSubject): boolean {
  const sensitive = subject.visible.some(
    ({ floor, difference }) => (floor === 'HIGH' || floor === 'CRITICAL') && SENSITIVE_WRITES.has(difference.category),
  );
  return sensitive || healBounds(subject.authority).notifyBefore;
}
