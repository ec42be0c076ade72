import type { Action, Approval } from '../../model/vocabulary.ts';
import { riskAtLeast } from '../../model/vocabulary.ts';
import { isRevertible } from './admissible.ts';
import {
  hasHint,
  isMissing,
  isValueDrift,
  recordedKnewIt,
  underSwitch,
  type DecisionSubject,
} from './decision-subject.ts';

/** One row: the first that matches decides. A row with several cases is several rows of one number. */
export interface DecisionRow {
  readonly name: string;
  readonly when: string;
  readonly holds: (subject: DecisionSubject) => boolean;
  readonly action: Action;
  readonly approval: Approval;
  /** Whether an incident is asked for although the action does not say so. */
  readonly incident?: (subject: DecisionSubject) => boolean;
}

const isClass =
  (...classes: readonly string[]) =>
  (subject: DecisionSubject): boolean =>
    classes.includes(subject.leading.driftClass);
const isUnauthorized = isClass('UNAUTHORIZED_RUNTIME_DRIFT');
const isState = isClass('STATE_DRIFT');
const inCategory =
  (...categories: readonly string[]) =>
  (subject: DecisionSubject): boolean =>
    categories.includes(subject.leading.difference.category);
const critical = (subject: DecisionSubject): boolean => subject.leading.risk === 'CRITICAL';
const hinted =
  (...hints: readonly string[]) =>
  (subject: DecisionSubject): boolean =>
    hasHint(subject, ...hints);
const both =
  (...tests: readonly ((subject: DecisionSubject) => boolean)[]) =>
  (subject: DecisionSubject): boolean =>
    tests.every((test) => test(subject));
const either =
  (...tests: readonly ((subject: DecisionSubject) => boolean)[]) =>
  (subject: DecisionSubject): boolean =>
    tests.some((test) => test(subject));
const ruled =
  (...rules: readonly string[]) =>
  (subject: DecisionSubject): boolean =>
    rules.includes(subject.leading.classRule);
const related =
  (relation: string) =>
  (subject: DecisionSubject): boolean =>
    subject.leading.difference.relation === relation;
const highTier = ({ unit }: DecisionSubject): boolean => unit.riskTier === 'high' || unit.riskTier === 'critical';
const isMissingKnown = both(isMissing, recordedKnewIt);
const holding =
  (held: string) =>
  (subject: DecisionSubject): boolean =>
    (subject.leading.difference.held ?? 'nothing') === held;
const immutableOrDestructive = ({ visible }: DecisionSubject): boolean =>
  visible.some(({ difference }) => difference.destructive || difference.immutable);
const humanActor = ({ fact }: DecisionSubject): boolean => fact('audit.human') === 'true';
const switched = (subject: DecisionSubject): boolean =>
  underSwitch(subject) &&
  (isValueDrift(subject) ||
    (related('ORPHANED')(subject) && !hasHint(subject, 'MARKER_ONLY', 'TAMPERED')) ||
    (isMissing(subject) && !recordedKnewIt(subject)));

const SCHEMA_UNIT = both(
  ({ unit }) => unit.type.endsWith('-schema'),
  either(
    isUnauthorized,
    isClass('UNCLASSIFIED'),
    both(isState, (subject) => subject.leading.classRule !== 'migration-edited'),
  ),
);

/** R01 to R16 in the order in which they are tried. */
export const DECISION_TABLE: readonly DecisionRow[] = [
  { name: 'R01', when: 'another instance owns it', holds: related('FOREIGN'), action: 'NONE', approval: 'none' },
  {
    name: 'R06a',
    when: 'a schema unit',
    holds: SCHEMA_UNIT,
    action: 'OPEN_MIGRATION_PR',
    approval: 'none',
    incident: critical,
  },
  {
    name: 'R02a',
    when: 'under a switch of its operators',
    holds: switched,
    action: 'RUNTIME_REVERT',
    approval: 'none',
  },
  {
    name: 'R02b',
    when: 'a required setting, declared right',
    holds: both(ruled('required-setting'), hinted('EVENTS_OFF')),
    action: 'RUNTIME_REVERT',
    approval: 'none',
  },
  {
    name: 'R02b',
    when: 'a required setting that its document forbids',
    holds: ruled('required-setting'),
    action: 'OPEN_RECONCILIATION_PR',
    approval: 'none',
  },
  {
    name: 'R03',
    when: 'unclassified, risk HIGH or more',
    holds: both(isClass('UNCLASSIFIED'), (subject) => riskAtLeast(subject.leading.risk, 'HIGH')),
    action: 'INCIDENT',
    approval: 'none',
  },
  { name: 'R03', when: 'unclassified', holds: isClass('UNCLASSIFIED'), action: 'NONE', approval: 'none' },
  {
    name: 'R04',
    when: 'an emergency past its date',
    holds: both(isClass('EMERGENCY_DRIFT'), (subject) => subject.fact('context.exception.overdue') === 'true'),
    action: 'INCIDENT',
    approval: 'none',
  },
  {
    name: 'R04',
    when: 'an emergency to be reverted',
    holds: both(isClass('EMERGENCY_DRIFT'), (subject) => subject.fact('context.exception.revert') === 'true'),
    action: 'RUNTIME_REVERT',
    approval: 'required',
  },
  {
    name: 'R04',
    when: 'an emergency',
    holds: isClass('EMERGENCY_DRIFT'),
    action: 'OPEN_RECONCILIATION_PR',
    approval: 'none',
  },
  {
    name: 'R08a',
    when: 'lost from the state or wrongly imported',
    holds: hinted('LOST_FROM_STATE', 'IMPORT_MISMATCH'),
    action: 'IMPORT',
    approval: 'required',
  },
  {
    name: 'R16',
    when: 'gone, and it held data',
    holds: both(either(isUnauthorized, isState), isMissingKnown, holding('data')),
    action: 'INCIDENT',
    approval: 'none',
  },
  {
    name: 'R16',
    when: 'gone, and it held an identity',
    holds: both(either(isUnauthorized, isState), isMissingKnown, holding('identity')),
    action: 'RUNTIME_REVERT',
    approval: 'required',
  },
  {
    name: 'R05',
    when: 'unauthorized on identity, privilege, network or secret',
    holds: both(isUnauthorized, inCategory('identity', 'network', 'privilege', 'secret')),
    action: 'INCIDENT_AND_REVERT',
    approval: 'two-person',
  },
  {
    name: 'R06b',
    when: 'unauthorized on schema or data',
    holds: both(isUnauthorized, inCategory('schema', 'data')),
    action: 'OPEN_MIGRATION_PR',
    approval: 'none',
    incident: critical,
  },
  {
    name: 'R07',
    when: 'unauthorized by a person where the unit asks for an incident',
    action: 'INCIDENT_AND_REVERT',
    approval: 'required',
    holds: both(
      isUnauthorized,
      humanActor,
      ({ unit }) => unit.policies.requireIncidentForManualChange,
      ({ fact }) => fact('context.incident.linked') !== 'true',
    ),
  },
  {
    name: 'R08b',
    when: 'there, declared by nobody, and critical or with a forged mark',
    action: 'INCIDENT',
    approval: 'none',
    holds: both(
      either(isUnauthorized, isState),
      related('UNMANAGED'),
      either(critical, hinted('FORGED_MARKER_SUSPECTED')),
    ),
  },
  {
    name: 'R08b',
    when: 'there, declared by nobody',
    holds: both(either(isUnauthorized, isState), related('UNMANAGED')),
    action: 'IMPORT',
    approval: 'required',
  },
  {
    name: 'R09',
    when: 'destructive or immutable in a unit that may be re-created',
    action: 'DESTROY_RECREATE',
    approval: 'two-person',
    holds: both(
      isUnauthorized,
      immutableOrDestructive,
      ({ unit }) => unit.labels['recreatable'] === 'true' && unit.environment !== 'prod',
    ),
  },
  {
    name: 'R09',
    when: 'destructive or immutable',
    holds: both(isUnauthorized, immutableOrDestructive),
    action: 'INCIDENT',
    approval: 'none',
  },
  {
    name: 'R10',
    when: 'unauthorized and revertible',
    holds: both(isUnauthorized, isRevertible),
    action: 'RUNTIME_REVERT',
    approval: 'none',
  },
  {
    name: 'R10',
    when: 'unauthorized, only to be declared',
    holds: isUnauthorized,
    action: 'OPEN_RECONCILIATION_PR',
    approval: 'none',
  },
  {
    name: 'R11',
    when: 'a controller owns what Git declares too',
    holds: ruled('ownership-conflict'),
    action: 'OPEN_RECONCILIATION_PR',
    approval: 'none',
  },
  {
    name: 'R11',
    when: 'a controller owns it',
    holds: isClass('CONTROLLER_OWNED_DRIFT'),
    action: 'IGNORE',
    approval: 'none',
  },
  {
    name: 'R11',
    when: 'noise that recurs',
    holds: both(isClass('PROVIDER_READ_NOISE'), ({ fact }) => fact('history.recurring') === 'true'),
    action: 'IGNORE',
    approval: 'required',
  },
  { name: 'R11', when: 'noise, once', holds: isClass('PROVIDER_READ_NOISE'), action: 'NONE', approval: 'required' },
  {
    name: 'R12a',
    when: 'an output that others read',
    holds: ruled('output-consumed'),
    action: 'NONE',
    approval: 'none',
  },
  {
    name: 'R12a',
    when: 'a dependency moved, risk HIGH or more',
    holds: both(isClass('DEPENDENCY_DRIFT'), (subject) => riskAtLeast(subject.leading.risk, 'HIGH')),
    action: 'INCIDENT',
    approval: 'none',
  },
  {
    name: 'R12a',
    when: 'a dependency moved',
    holds: isClass('DEPENDENCY_DRIFT'),
    action: 'OPEN_RECONCILIATION_PR',
    approval: 'none',
  },
  {
    name: 'R12b',
    when: 'an artifact nobody verified, or a failed check on a high tier',
    holds: either(ruled('unverified-artifact'), both(ruled('check-failed'), highTier)),
    action: 'INCIDENT',
    approval: 'none',
  },
  { name: 'R12b', when: 'a failed check', holds: ruled('check-failed'), action: 'NONE', approval: 'none' },
  {
    name: 'R12c',
    when: 'Git no longer describes accepted reality',
    holds: isClass('STALE_DESIRED_STATE'),
    action: 'OPEN_RECONCILIATION_PR',
    approval: 'none',
  },
  {
    name: 'R12c',
    when: 'older than the policy it breaks',
    holds: isClass('POLICY_DRIFT'),
    action: 'OPEN_MIGRATION_PR',
    approval: 'none',
  },
  {
    name: 'R13',
    when: 'a loop that cannot converge',
    action: 'INCIDENT',
    approval: 'none',
    holds: both(
      isClass('FAILED_RECONCILIATION_DRIFT'),
      either(
        ruled('half-applied', 'controller-cannot'),
        both(highTier, ({ leading }) => leading.cause !== 'UNAPPLIED_CODE' && leading.cause !== 'VARIABLE_CHANGE'),
      ),
    ),
  },
  {
    name: 'R13',
    when: 'a loop that has not converged',
    holds: isClass('FAILED_RECONCILIATION_DRIFT'),
    action: 'NONE',
    approval: 'none',
  },
  {
    name: 'R14a',
    when: 'the record regressed, or an orphan whose mark is all there is',
    action: 'INCIDENT',
    approval: 'none',
    holds: both(
      isState,
      either(
        ruled('state-regressed', 'migration-edited'),
        both(related('ORPHANED'), hinted('MARKER_ONLY', 'TAMPERED')),
      ),
    ),
  },
  {
    name: 'R14b',
    when: 'renamed without a move',
    holds: ruled('renamed-without-moved'),
    action: 'STATE_MOVE',
    approval: 'two-person',
  },
  {
    name: 'R14b',
    when: 're-created, or the runtime is as declared and only the record is not',
    action: 'STATE_REFRESH',
    approval: 'required',
    holds: both(
      isState,
      either(
        ruled('recreated'),
        both(related('RECORDED_STALE'), (subject) => subject.leading.classRule !== 'state-pending'),
      ),
    ),
  },
  { name: 'R14c', when: 'a state change on its way', holds: ruled('state-pending'), action: 'NONE', approval: 'none' },
  {
    name: 'R14c',
    when: 'the record is right and the runtime is not',
    holds: isState,
    action: 'RUNTIME_REVERT',
    approval: 'required',
  },
  {
    name: 'R15a',
    when: 'a newer secret waits for its consumers',
    holds: hinted('EXTERNAL_NEWER', 'REFRESH_OVERDUE', 'CONSUMER_STALE'),
    action: 'RESTART_CONSUMERS_AFTER_SECRET_SYNC',
    approval: 'required',
  },
  {
    name: 'R15b',
    when: 'the delivery itself is broken',
    holds: hinted(
      'SYNC_FAILED',
      'STORE_NOT_READY',
      'PERMISSION_LOST',
      'DECRYPT_FAILED',
      'CERT_EXPIRING',
      'CERT_NOT_READY',
    ),
    action: 'INCIDENT',
    approval: 'none',
  },
  {
    name: 'R15c',
    when: 'a key is missing in the source',
    holds: hinted('KEY_MISSING'),
    action: 'OPEN_RECONCILIATION_PR',
    approval: 'none',
  },
  {
    name: 'R15c',
    when: 'a secret was not delivered',
    holds: hinted('SECRET_MISSING', 'SECRET_NEWER', 'SECRET_NOT_DELIVERED', 'SECRET_LINEAGE'),
    action: 'RUNTIME_REVERT',
    approval: 'required',
  },
];
