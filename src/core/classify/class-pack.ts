import { SENSITIVE_CATEGORIES, type Cause, type DriftClass, type Risk } from '../model/vocabulary.ts';
import {
  actorType,
  all,
  any,
  confidence,
  fact,
  hint,
  no,
  pathRoot,
  property,
  relation,
  type ClassCondition,
} from './class-subject.ts';

/** Moves whenever a row changes, and with it every policy digest. */
export const CLASS_PACK_VERSION = '1';

/** One row: under which condition, and what it says. Rows never set an action. */
export interface ClassRule {
  readonly name: string;
  readonly priority: number;
  readonly when: ClassCondition;
  /** Undefined: it says nothing of the class. */
  readonly driftClass?: DriftClass | undefined;
  readonly cause?: Cause | undefined;
  readonly atLeast?: Risk | undefined;
  readonly atMost?: Risk | undefined;
}

const UNAUTHORIZED = { driftClass: 'UNAUTHORIZED_RUNTIME_DRIFT', cause: 'MANUAL_CHANGE' } as const;
const FAILED = { driftClass: 'FAILED_RECONCILIATION_DRIFT' } as const;
const STATE = { driftClass: 'STATE_DRIFT' } as const;
const POLICY = { driftClass: 'POLICY_DRIFT', cause: 'POLICY_CHANGE' } as const;
const DEPENDENCY = { driftClass: 'DEPENDENCY_DRIFT', cause: 'EXTERNAL_DEPENDENCY' } as const;
const NOISE = { driftClass: 'PROVIDER_READ_NOISE' } as const;

const isSensitive = property('a sensitive category', ({ difference }) => SENSITIVE_CATEGORIES.has(difference.category));
const neverRecorded = property('never recorded', ({ difference }) => difference.recorded.status !== 'present');
const pendingHints = hint('DEPENDENCY_CHANGED', 'OUTPUT_ONLY', 'FORGET_PENDING', 'ACCEPTED_INTO_STATE');
const writerKnown = confidence('confirmed', 'probable');

/** The shipped pack, highest priority first. A row whose facts nobody can deliver here simply never matches. */
export const CLASS_PACK: readonly ClassRule[] = [
  { name: 'manager-spoofing', priority: 900, when: hint('MANAGER_SPOOFING'), ...UNAUTHORIZED, atLeast: 'CRITICAL' },
  { name: 'takeover', priority: 900, when: hint('TAKEOVER'), ...UNAUTHORIZED, atLeast: 'CRITICAL' },
  {
    name: 'selector-label-changed',
    priority: 900,
    when: hint('SELECTOR_LABEL_CHANGED'),
    ...UNAUTHORIZED,
    atLeast: 'HIGH',
  },
  { name: 'mark-changed', priority: 900, when: pathRoot('/$marker'), ...UNAUTHORIZED, atLeast: 'HIGH' },
  { name: 'managed-fields-wiped', priority: 900, when: hint('MANAGED_FIELDS_WIPED'), ...UNAUTHORIZED, atLeast: 'HIGH' },
  { name: 'undeclared-webhook', priority: 900, when: hint('UNDECLARED_WEBHOOK'), ...UNAUTHORIZED, atLeast: 'HIGH' },
  { name: 'audit-gap', priority: 900, when: hint('AUDIT_GAP', 'EVENTS_CLEARED'), ...UNAUTHORIZED, atLeast: 'HIGH' },
  {
    name: 'state-regressed',
    priority: 900,
    when: hint('LINEAGE_CHANGED', 'STATE_ROLLED_BACK', 'STATE_EDITED'),
    ...STATE,
    atLeast: 'HIGH',
  },
  { name: 'migration-edited', priority: 900, when: hint('MIGRATION_EDITED'), ...STATE, atLeast: 'HIGH' },
  { name: 'recreated', priority: 900, when: pathRoot('/$identity'), ...STATE, atLeast: 'HIGH' },

  {
    name: 'failed-twice',
    priority: 800,
    when: property('two corrections in 24 hours did not converge', ({ notConverged }) => notConverged >= 2),
    ...FAILED,
    cause: 'FAILED_APPLY',
  },
  {
    name: 'controller-error',
    priority: 800,
    when: hint('CONTROLLER_ERROR', 'LAST_APPLY_FAILED'),
    ...FAILED,
    cause: 'FAILED_APPLY',
  },
  {
    name: 'half-applied',
    priority: 800,
    when: hint('TAINTED', 'DEPOSED', 'LOCK_STALE', 'MIGRATION_FAILED'),
    ...FAILED,
    cause: 'FAILED_APPLY',
  },
  {
    name: 'fight',
    priority: 800,
    when: property('two writers put it back in turn', ({ breakerOpen }) => breakerOpen),
    ...FAILED,
    cause: 'CONTROLLER',
  },
  { name: 'controller-cannot', priority: 800, when: hint('CONTROLLER_WROTE'), ...FAILED, cause: 'CONTROLLER' },
  {
    name: 'never-applied',
    priority: 800,
    when: hint('NEVER_APPLIED'),
    ...FAILED,
    cause: 'UNAPPLIED_CODE',
    atMost: 'LOW',
  },
  {
    name: 'convergence-overdue-by-variable',
    priority: 800,
    ...FAILED,
    cause: 'VARIABLE_CHANGE',
    when: all(hint('VARIABLE_CHANGED'), relation('DESIRED_NOT_APPLIED', 'MISSING'), no(pendingHints)),
  },
  {
    name: 'convergence-overdue',
    priority: 800,
    ...FAILED,
    cause: 'UNAPPLIED_CODE',
    when: any(
      hint('NOT_CREATED', 'REMOVAL_PENDING'),
      all(relation('MISSING'), neverRecorded),
      all(relation('DESIRED_NOT_APPLIED'), no(pendingHints)),
    ),
  },

  {
    name: 'exception-emergency',
    priority: 700,
    when: fact('context.exception.emergency'),
    driftClass: 'EMERGENCY_DRIFT',
    cause: 'EMERGENCY_CHANGE',
  },
  {
    name: 'break-glass-with-incident',
    priority: 700,
    when: all(actorType('breakglass'), writerKnown, fact('context.incident.linked')),
    driftClass: 'EMERGENCY_DRIFT',
    cause: 'EMERGENCY_CHANGE',
  },
  {
    name: 'break-glass-without-incident',
    priority: 700,
    when: all(actorType('breakglass'), writerKnown, no(fact('context.incident.linked'))),
    ...UNAUTHORIZED,
    atLeast: 'HIGH',
  },

  {
    name: 'upgrade-quarantine',
    priority: 600,
    when: all(fact('context.upgrade.quarantine'), no(isSensitive)),
    ...NOISE,
    cause: 'PROVIDER_UPGRADE',
    atMost: 'LOW',
  },
  {
    name: 'ownership-conflict',
    priority: 600,
    driftClass: 'CONTROLLER_OWNED_DRIFT',
    cause: 'CONTROLLER',
    atLeast: 'LOW',
    when: property('a controller owns a path that Git declares too', ({ ownershipConflict }) => ownershipConflict),
  },
  {
    name: 'controller-owned',
    priority: 600,
    driftClass: 'CONTROLLER_OWNED_DRIFT',
    cause: 'CONTROLLER',
    atMost: 'INFO',
    when: property('its controller owns the path', ({ controllerOwned }) => controllerOwned),
  },
  {
    name: 'provider-equivalent',
    priority: 600,
    when: all(hint('EQUIVALENT_FORM', 'SERVER_FORM', 'COMPUTED'), no(isSensitive)),
    ...NOISE,
    cause: 'EXTERNAL_DEPENDENCY',
    atMost: 'INFO',
  },
  {
    name: 'flapping-value',
    priority: 600,
    when: all(hint('FLAPPING_VALUE'), no(isSensitive)),
    ...NOISE,
    cause: 'EXTERNAL_DEPENDENCY',
    atMost: 'LOW',
  },
  {
    name: 'render-noise',
    priority: 600,
    when: any(relation('RENDER_NOISE'), hint('RENDER_NOISE')),
    ...NOISE,
    cause: 'EXTERNAL_DEPENDENCY',
    atMost: 'LOW',
  },

  { name: 'secret-tampered', priority: 500, when: hint('SECRET_TAMPERED'), ...UNAUTHORIZED },
  { name: 'policy-bypass', priority: 500, when: hint('POLICY_BYPASS'), ...UNAUTHORIZED },
  {
    name: 'secret-delivery',
    priority: 500,
    driftClass: 'SECRET_DELIVERY_DRIFT',
    cause: 'EXTERNAL_DEPENDENCY',
    when: hint(
      'EXTERNAL_NEWER',
      'REFRESH_OVERDUE',
      'CONSUMER_STALE',
      'SYNC_FAILED',
      'STORE_NOT_READY',
      'PERMISSION_LOST',
      'DECRYPT_FAILED',
      'CERT_EXPIRING',
      'CERT_NOT_READY',
      'KEY_MISSING',
      'SECRET_MISSING',
      'SECRET_NEWER',
      'SECRET_NOT_DELIVERED',
      'SECRET_LINEAGE',
    ),
  },
  { name: 'policy-older-object', priority: 500, when: hint('POLICY_OLDER_OBJECT'), ...POLICY },
  { name: 'rotation-overdue', priority: 500, when: hint('ROTATION_OVERDUE'), ...POLICY },
  {
    name: 'required-setting',
    priority: 500,
    when: hint('EVENTS_OFF', 'EVENTS_DECLARED_OFF', 'NAMESPACE_NOT_GRANTED'),
    ...POLICY,
  },
  { name: 'check-failed', priority: 500, when: hint('CHECK_FAILED'), ...POLICY },
  { name: 'unverified-artifact', priority: 500, when: hint('UNVERIFIED_ARTIFACT'), ...POLICY, atLeast: 'HIGH' },
  {
    name: 'capacity-over-budget',
    priority: 500,
    when: hint('CAPACITY_OVER_BUDGET'),
    driftClass: 'POLICY_DRIFT',
    cause: 'CONTROLLER',
  },
  { name: 'mutable-reference', priority: 500, when: hint('MUTABLE_REFERENCE'), ...DEPENDENCY, atMost: 'MEDIUM' },
  { name: 'running-differs', priority: 500, when: hint('RUNNING_DIFFERS'), ...DEPENDENCY },
  { name: 'reference-moved', priority: 500, when: hint('REFERENCE_MOVED'), ...DEPENDENCY, atLeast: 'HIGH' },
  { name: 'reference-gone', priority: 500, when: hint('REFERENCE_GONE'), ...DEPENDENCY, atLeast: 'HIGH' },
  { name: 'output-consumed', priority: 500, when: hint('OUTPUT_CONSUMED'), ...DEPENDENCY },
  { name: 'external-dependency', priority: 500, when: hint('DEPENDENCY_CHANGED'), ...DEPENDENCY },
  { name: 'auto-upgrade', priority: 500, when: all(actorType('provider'), writerKnown), ...DEPENDENCY },
  { name: 'leftover', priority: 500, when: hint('LEFTOVER'), ...FAILED, cause: 'FAILED_APPLY' },

  {
    name: 'human-change-without-pr',
    priority: 460,
    ...UNAUTHORIZED,
    when: all(
      actorType('human', 'root'),
      writerKnown,
      no(fact('context.change.matched')),
      no(fact('context.incident.linked')),
    ),
  },
  {
    name: 'human-change-possible',
    priority: 400,
    ...UNAUTHORIZED,
    when: all(
      actorType('human', 'root'),
      confidence('possible'),
      property('a path Git owns', ({ fieldOwner }) => fieldOwner === 'git'),
    ),
  },
  {
    name: 'unregistered-principal',
    priority: 400,
    when: all(actorType('service', 'unknown'), confidence('confirmed')),
    driftClass: 'UNAUTHORIZED_RUNTIME_DRIFT',
  },
  { name: 'other-unit-wrote', priority: 400, when: fact('context.change.otherUnit'), ...DEPENDENCY },
  {
    name: 'own-pipeline-other-revision',
    priority: 400,
    when: all(actorType('pipeline'), writerKnown),
    driftClass: 'STALE_DESIRED_STATE',
    cause: 'UNAPPLIED_CODE',
  },

  { name: 'accepted-runtime', priority: 300, when: fact('context.acceptedForGood'), driftClass: 'STALE_DESIRED_STATE' },
  { name: 'migration-unknown', priority: 300, when: hint('MIGRATION_UNKNOWN'), driftClass: 'STALE_DESIRED_STATE' },
  { name: 'renamed-without-moved', priority: 300, when: hint('RENAMED_WITHOUT_MOVED'), ...STATE },
  { name: 'import-mismatch', priority: 300, when: hint('IMPORT_MISMATCH'), ...STATE },
  { name: 'lost-from-state', priority: 300, when: hint('LOST_FROM_STATE'), ...STATE, atLeast: 'HIGH' },
  {
    name: 'state-pending',
    priority: 300,
    when: hint('MOVE_PENDING', 'FORGET_PENDING', 'IMPORT_PENDING', 'IMPORT_BEHAVIOUR_CHANGED', 'OUTPUT_ONLY'),
    ...STATE,
  },
  { name: 'new-table-not-covered', priority: 300, when: hint('NEW_TABLE_NOT_COVERED'), ...STATE },
  { name: 'recorded-stale', priority: 300, when: relation('RECORDED_STALE'), ...STATE },
  { name: 'unmanaged', priority: 300, when: relation('UNMANAGED'), ...STATE },
  { name: 'missing', priority: 300, when: relation('MISSING'), ...STATE },
  { name: 'orphaned', priority: 300, when: relation('ORPHANED'), ...STATE },
  { name: 'foreign', priority: 300, when: relation('FOREIGN'), ...STATE },
];
