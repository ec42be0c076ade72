/**
 * The closed vocabularies of the product, in the order in which they rank or are written.
 * Each set is an array, for schemas and documentation, and a type of the same name in the singular.
 */

/** Where a statement about state comes from. */
export const PLANES = ['desired', 'recorded', 'actual'] as const;
export type Plane = (typeof PLANES)[number];

/** How the planes of one path, or of one whole resource, disagree. */
export const RELATIONS = [
  'DESIRED_NOT_APPLIED',
  'ACTUAL_DIVERGED',
  'RECORDED_STALE',
  'THREE_WAY_CONFLICT',
  'DESIRED_ACTUAL',
  'RECORDED_ACTUAL',
  'RENDER_NOISE',
  'MISSING',
  'UNMANAGED',
  'ORPHANED',
  'FOREIGN',
] as const;
export type Relation = (typeof RELATIONS)[number];

/** What kind of drift a finding is; set by ordered rules, `UNCLASSIFIED` when none matched. */
export const DRIFT_CLASSES = [
  'UNAUTHORIZED_RUNTIME_DRIFT',
  'EMERGENCY_DRIFT',
  'CONTROLLER_OWNED_DRIFT',
  'PROVIDER_READ_NOISE',
  'DEPENDENCY_DRIFT',
  'STALE_DESIRED_STATE',
  'FAILED_RECONCILIATION_DRIFT',
  'POLICY_DRIFT',
  'STATE_DRIFT',
  'SECRET_DELIVERY_DRIFT',
  'UNCLASSIFIED',
] as const;
export type DriftClass = (typeof DRIFT_CLASSES)[number];

/** What sort of thing drifted. */
export const TAXONOMIES = [
  'CONFIGURATION',
  'STATE',
  'RUNTIME_CONTROLLER',
  'DEPENDENCY',
  'IDENTITY_ACCESS',
  'POLICY',
  'SECRET',
  'COST_CAPACITY',
] as const;
export type Taxonomy = (typeof TAXONOMIES)[number];

/** What a path is about; the first seven are sensitive. */
export const CATEGORIES = [
  'identity',
  'network',
  'privilege',
  'image',
  'command',
  'persistence',
  'secret',
  'schema',
  'data',
  'capacity',
  'cost',
  'metadata',
  'status',
  'reference',
  'other',
] as const;
export type Category = (typeof CATEGORIES)[number];

/** Categories whose change may give somebody access or hide something. */
export const SENSITIVE_CATEGORIES: ReadonlySet<Category> = new Set(CATEGORIES.slice(0, 7));

/** Whether a change gives access, takes it, or neither. */
export const EFFECTS = ['widens', 'narrows', 'neutral', 'unknown'] as const;
export type Effect = (typeof EFFECTS)[number];

/** Why the difference came to be. */
export const CAUSES = [
  'MANUAL_CHANGE',
  'CONTROLLER',
  'PROVIDER_UPGRADE',
  'VARIABLE_CHANGE',
  'UNAPPLIED_CODE',
  'EXTERNAL_DEPENDENCY',
  'EMERGENCY_CHANGE',
  'POLICY_CHANGE',
  'FAILED_APPLY',
  'UNKNOWN',
] as const;
export type Cause = (typeof CAUSES)[number];

/** Ascending: a later risk is a higher one. */
export const RISKS = ['INFO', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
export type Risk = (typeof RISKS)[number];

/** Ascending: how much harm a unit can do. */
export const RISK_TIERS = ['low', 'standard', 'high', 'critical'] as const;
export type RiskTier = (typeof RISK_TIERS)[number];

/** Who owns a path; a controller is named: `controller:<name>`. */
export type FieldOwner = 'git' | 'policy' | 'runtime' | 'ambiguous' | 'unowned' | `controller:${string}`;

/** Who or what wrote. */
export const ACTOR_TYPES = [
  'human',
  'breakglass',
  'root',
  'service',
  'pipeline',
  'controller',
  'provider',
  'self',
  'unknown',
] as const;
export type ActorType = (typeof ACTOR_TYPES)[number];

/** Where audit events come from. */
export const AUDIT_SOURCES = [
  'kubernetes-audit',
  'cloudtrail',
  'keycloak-admin-events',
  'postgresql-log',
  'postgresql-events',
  'mysql-audit',
  'git',
  'runs',
  'incidents',
  'file',
  'managed-fields',
] as const;
export type AuditSourceType = (typeof AUDIT_SOURCES)[number];

/** How sure the correlation is, from sure to not yet asked. */
export const CONFIDENCES = [
  'confirmed',
  'probable',
  'possible',
  'ambiguous',
  'none',
  'not-covered',
  'pending',
] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** What Kedge recommends or does. */
export const ACTIONS = [
  'RUNTIME_REVERT',
  'OPEN_RECONCILIATION_PR',
  'OPEN_MIGRATION_PR',
  'STATE_REFRESH',
  'IMPORT',
  'STATE_MOVE',
  'IGNORE',
  'INCIDENT',
  'INCIDENT_AND_REVERT',
  'DESTROY_RECREATE',
  'RESTART_CONSUMERS_AFTER_SECRET_SYNC',
  'NONE',
] as const;
export type Action = (typeof ACTIONS)[number];

/** Ascending: how many approvers an action needs; the requester never counts. */
export const APPROVALS = ['none', 'required', 'two-person'] as const;
export type Approval = (typeof APPROVALS)[number];

/** What a check found. */
export const CHECK_RESULTS = ['IN_SYNC', 'DRIFT_DETECTED', 'UNKNOWN'] as const;
export type CheckResult = (typeof CHECK_RESULTS)[number];

/** Why a check, or a part of one, does not know. */
export const CHECK_REASONS = [
  'LOCKED',
  'STATE_CORRUPT',
  'CREDENTIALS',
  'UNREACHABLE',
  'PERMISSION',
  'TIMEOUT',
  'PARTIAL',
  'CONFIG_INVALID',
  'RACED',
  'NOT_READY',
  'SOURCE_STALE',
  'INTERNAL',
] as const;
export type CheckReason = (typeof CHECK_REASONS)[number];

/** The first that holds is the unit's status. */
export const UNIT_STATUSES = ['SUSPENDED', 'NEVER_CHECKED', 'STALE', 'UNKNOWN', 'DRIFTED', 'IN_SYNC'] as const;
export type UnitStatus = (typeof UNIT_STATUSES)[number];

/** The life of a finding: open, set aside until it expires, closed. */
export const OPEN_STATES = [
  'DETECTED',
  'CLASSIFIED',
  'AWAITING_APPROVAL',
  'ACTING',
  'VERIFYING',
  'ACTION_FAILED',
] as const;
export const SET_ASIDE_STATES = ['ACCEPTED', 'SUPPRESSED'] as const;
export const CLOSED_STATES = ['RESOLVED', 'ARCHIVED'] as const;
export const FINDING_STATES = [...OPEN_STATES, ...SET_ASIDE_STATES, ...CLOSED_STATES] as const;
export type FindingState = (typeof FINDING_STATES)[number];

/** What a new observation says after acting. */
export const VERIFICATION_VERDICTS = ['converged', 'not-converged', 'unknown'] as const;
export type VerificationVerdict = (typeof VERIFICATION_VERDICTS)[number];

/** What an actuator says of its write; `in-doubt`: it may or may not have happened. */
export const ACT_OUTCOMES = ['done', 'failed', 'in-doubt'] as const;
export type ActOutcomeStatus = (typeof ACT_OUTCOMES)[number];

/** The higher of two risks. */
export function higherRisk(left: Risk, right: Risk): Risk {
  return RISKS.indexOf(left) >= RISKS.indexOf(right) ? left : right;
}

/** Whether a risk is at least another. */
export function riskAtLeast(risk: Risk, floor: Risk): boolean {
  return RISKS.indexOf(risk) >= RISKS.indexOf(floor);
}

/** Whether a finding state is open. */
export function isOpenState(state: FindingState): boolean {
  return (OPEN_STATES as readonly FindingState[]).includes(state);
}
