import { DOCUMENT_FAULTS, EVIDENCE_FAULTS, REFUSALS } from './code-words.ts';
import { ADAPTERS } from '../app/adapters.ts';
import { configurationKeys } from '../app/configuration.ts';
import { PROCESS_METRICS, STORE_GAUGES, STORED_COUNTERS, type MetricRow } from '../app/metrics/metric-table.ts';
import { CLASS_PACK } from '../core/classify/class-pack.ts';
import { GATE_CODES, type GateCode } from '../core/model/gate.ts';
import type { Action, CheckReason, DriftClass, FindingState, Relation, UnitStatus } from '../core/model/vocabulary.ts';
import { DECISION_TABLE } from '../core/policy/decisions/decision-table.ts';

/** What a word of the product means. */
export interface Term {
  readonly kind: string;
  readonly text: string;
}

const GATES: Readonly<Record<GateCode, string>> = {
  AUTOHEAL_OFF: 'the unit does not allow healing: policies.autoHeal is false and no switch of the resource asks for it',
  NO_WRITE_CREDENTIALS: 'Kedge has no identity to write with: set writeCredentials of the unit',
  NO_POLICY: 'no AutoHealPolicy speaks of this resource, and no switch does',
  PATH_DENIED: 'a policy denies a path of the finding; deny always wins',
  PATH_NOT_ALLOWED: 'the policy does not list the path under allowedPaths',
  KIND_GATED:
    'the kind is on the never-list: identity, privilege, network, schema, data and secrets heal only by the switch of their own document',
  CLASS_NOT_HEALABLE: 'only unauthorized runtime drift whose decision is a revert heals',
  CONFIDENCE: 'it is not known surely enough who wrote',
  OWNER_AMBIGUOUS: 'it is not known who owns the path',
  FOREIGN: 'the resource is not ours',
  DESIRED_NOT_FRESH: 'the declaration was not fetched lately enough to act by',
  CONTROLLER_SUSPENDED: 'the controller that would apply it is suspended',
  CONTROLLER_BUSY: 'the controller is working on it',
  PR_OPEN: 'a pull request on it is open',
  OBSERVATION_STALE: 'the look is not of this moment, or saw only part of the unit',
  DESTRUCTIVE: 'putting it back loses data or access; an annotation of the document may allow it',
  IMMUTABLE: 'it cannot be changed after creation',
  EVIDENCE_UNAVAILABLE: 'the evidence store cannot take the intent now; nothing is written before it can',
  HOLD: 'the unit is on hold until a person releases it',
  FREEZE: 'a freeze window stops actions',
  EXCEPTION: 'an exception window is open',
  MIN_AGE: 'it was not seen long enough',
  BUDGET: 'a budget holds healing',
  APPROVAL: 'a person must consent',
  LOCKED: 'somebody else holds a lock: another process, a migration or a table lock',
  UNHEALTHY: 'a probe says it is unhealthy',
  MASS_DRIFT: 'so much drifts at once that a person looks first',
  HEAL_LIMIT: 'the check has healed as many resources as it may',
  PLAN_EXCEEDS: 'the write would touch more than was allowed or approved',
  BREAKER_OPEN: 'two writers put it back in turn, or two corrections did not converge',
  RACED: 'the world moved between the decision and the write',
  INADMISSIBLE: 'the action would not restore the right control relationship',
};

const CLASSES: Readonly<Record<DriftClass, string>> = {
  UNAUTHORIZED_RUNTIME_DRIFT: 'changed outside the approved flow',
  EMERGENCY_DRIFT: 'changed by hand during an incident',
  CONTROLLER_OWNED_DRIFT: 'changed by the controller that owns it',
  PROVIDER_READ_NOISE: 'the same state read in another form',
  DEPENDENCY_DRIFT: 'something outside changed',
  STALE_DESIRED_STATE: 'the declaration no longer describes accepted reality',
  FAILED_RECONCILIATION_DRIFT: 'a loop tried and did not converge',
  POLICY_DRIFT: 'older than the policy it breaks',
  STATE_DRIFT: 'the record does not represent what is there',
  SECRET_DELIVERY_DRIFT: 'a secret is not where it was declared',
  UNCLASSIFIED: 'no rule matched; a person must look',
};

const REASONS: Readonly<Record<CheckReason, string>> = {
  LOCKED: 'another process holds the unit',
  STATE_CORRUPT: 'the recorded state cannot be believed',
  CREDENTIALS: 'the credentials are missing or refused',
  UNREACHABLE: 'the watched system does not answer',
  PERMISSION: 'a right is missing for a part',
  TIMEOUT: 'the deadline passed',
  PARTIAL: 'only part was seen',
  CONFIG_INVALID: 'a document or setting cannot be used',
  RACED: 'the system moved under the look',
  NOT_READY: 'the system says itself that it is not ready',
  SOURCE_STALE: 'a source is too old to judge by',
  INTERNAL: 'Kedge itself failed',
};

const ACTION_WORDS: Readonly<Record<Action, string>> = {
  RUNTIME_REVERT: 'put the runtime back as declared',
  OPEN_RECONCILIATION_PR: 'propose to declare what is there',
  OPEN_MIGRATION_PR: 'propose a migration',
  STATE_REFRESH: 'record what is accepted',
  IMPORT: 'bring it under management',
  STATE_MOVE: 'move its record',
  IGNORE: 'own it outside Git by a governed rule',
  INCIDENT: 'open an incident',
  INCIDENT_AND_REVERT: 'open an incident, then put it back',
  DESTROY_RECREATE: 'remove and make it anew',
  RESTART_CONSUMERS_AFTER_SECRET_SYNC: 'deliver the secret, then restart who uses it',
  NONE: 'nothing is to be done now',
};

const RELATIONS_WORDS: Readonly<Record<Relation, string>> = {
  DESIRED_NOT_APPLIED: 'the declaration is ahead of record and runtime',
  ACTUAL_DIVERGED: 'the runtime left declaration and record',
  RECORDED_STALE: 'declaration and runtime agree, the record does not',
  THREE_WAY_CONFLICT: 'all three differ',
  DESIRED_ACTUAL: 'declaration and runtime differ; nothing is recorded yet',
  RECORDED_ACTUAL: 'nobody declares it, and the runtime left the record',
  RENDER_NOISE: 'only generated output differs',
  MISSING: 'declared and not there',
  UNMANAGED: 'there and declared by nobody',
  ORPHANED: 'ours, and its declaration is gone',
  FOREIGN: 'of another instance',
};

const STATES: Readonly<Record<FindingState | UnitStatus, string>> = {
  DETECTED: 'seen, not yet finally classified',
  CLASSIFIED: 'classified and waiting for what the decision says',
  AWAITING_APPROVAL: 'a person must consent',
  ACTING: 'being corrected',
  VERIFYING: 'written; a new look must say whether it worked',
  ACTION_FAILED: 'the correction failed or did not converge',
  ACCEPTED: 'set aside by a person until a date',
  SUPPRESSED: 'hidden by a rule or its document',
  RESOLVED: 'a complete look no longer shows it',
  ARCHIVED: 'its unit or document is gone',
  SUSPENDED: 'the unit is not checked',
  NEVER_CHECKED: 'the unit was never checked',
  STALE: 'the last good look is too old',
  UNKNOWN: 'the last check does not know',
  DRIFTED: 'a finding counts',
  IN_SYNC: 'everything was compared and nothing counts',
};

/** Codes of failures that are neither gates nor reasons. */
const FAILURES: Readonly<Record<string, string>> = {
  SEPARATION_OF_DUTIES: 'an approver is neither requester nor who made the change nor author of the plan',
  STALE_DIGEST: 'the world moved: the digest is not the one that waits',
  NOTHING_SELECTED: 'no unit matches; that is an error, never a pass',
  STORE_BUSY: 'another process changed the same records of the store at the same time; nothing was kept',
  STORE_UNAVAILABLE: 'the store does not answer',
  STORE_NOT_LOCAL: 'the folder is on a network file system',
  STORE_NO_BINARY: 'there is no PostgreSQL build for this platform: set DATABASE_URL',
  STORE_SCHEMA_NEW: 'the store was migrated by a newer Kedge',
  STORE_SCHEMA_OLD: 'the store waits for `kedge store migrate`',
  STORE_NOT_DURABLE: 'the server could lose commits',
  STORE_TOO_OLD: 'the store needs PostgreSQL 14 to 18',
  LEASE_LOST: 'another process took the unit; this result is discarded',
  EVIDENCE_FORKED: 'the evidence store does not continue this log; nothing is signed',
  EVIDENCE_CONFLICT: 'other bytes stand where evidence would be put',
  EVIDENCE_ROOT_TAKEN: 'the folder is the evidence of another store',
  KEY_UNUSABLE: 'a key file is missing, readable by others or fails its self-test',
  CONFIG_UNKNOWN_KEY: 'a key is not known; see `kedge schema`',
  CONFIG_INVALID_VALUE: 'a value is not allowed',
  CONFIG_MISSING_KEY: 'a required key is missing',
  CONFIG_UNKNOWN_VARIABLE: 'a KEDGE_ variable is no key',
  SECRET_LITERAL: 'a secret stands in a document; name a variable or file instead',
  DOCUMENT_DOUBLE: 'two documents of one kind and name: both are refused',
  KIND_UNKNOWN: 'no adapter reads this kind',
  KIND_NOT_SUPPORTED: 'this version does not read this kind',
  UNIT_TYPE_UNKNOWN: 'no adapter observes this type of unit',
  NO_INSTALLATION: 'the command stands in a folder that holds nothing of Kedge; nothing was made there',
  SYSTEM_REFUSED:
    'the operating system refused a file: a full disk, a quota, a permission; what was recorded before stands',
  OUTPUT_LOST: 'the result could not be written to stdout, as on a full disk',
  REPORT_UNWRITABLE: 'a report could not be written; nothing was looked at',
  LISTEN_FAILED: 'the port is taken',
  OVERPRIVILEGED: 'the observing identity could write',
};

function entries(kind: string, words: Readonly<Record<string, string>>): readonly (readonly [string, Term])[] {
  return Object.entries(words).map(([term, text]) => [term, { kind, text }] as const);
}

/** Every word `kedge explain` knows. */
export const TERMS: Readonly<Record<string, Term>> = Object.fromEntries([
  ...configurationKeysTerms(),
  ...[STORE_GAUGES, STORED_COUNTERS, PROCESS_METRICS].flatMap((table: Readonly<Record<string, MetricRow>>) =>
    entries('metric', Object.fromEntries(Object.entries(table).map(([name, { help }]) => [name, help]))),
  ),
  ...ADAPTERS.flatMap((adapter) =>
    [...(adapter.metrics?.gauges ?? []), ...(adapter.metrics?.counters ?? [])].map(
      (each) => [each.metric, { kind: 'metric', text: each.help }] as const,
    ),
  ),
  ...ADAPTERS.flatMap((adapter) => entries(`hint of ${adapter.system}`, adapter.hints)),
  ...DECISION_TABLE.map(
    (row) =>
      [
        row.name,
        {
          kind: 'decision row',
          text: DECISION_TABLE.filter((each) => each.name === row.name)
            .map((each) => `${each.when}: ${each.action}, ${each.approval}`)
            .join('; '),
        },
      ] as const,
  ),
  ...CLASS_PACK.map(
    (rule) => [rule.name, { kind: 'class rule', text: `${rule.when.words} → ${rule.driftClass}` }] as const,
  ),
  ...entries('state', STATES),
  ...entries('relation', RELATIONS_WORDS),
  ...entries('action', ACTION_WORDS),
  ...entries('reason', REASONS),
  ...entries('drift class', CLASSES),
  ...entries('code', FAILURES),
  ...entries('code', REFUSALS),
  ...entries('fault of a document', DOCUMENT_FAULTS),
  ...entries('fault of evidence', EVIDENCE_FAULTS),
  ...ADAPTERS.flatMap((adapter) =>
    adapter.gates.map((gate) => [gate.code, { kind: `gate of ${adapter.system}`, text: gate.meaning }] as const),
  ),
  ...GATE_CODES.map((code) => [code, { kind: 'gate', text: GATES[code] }] as const),
]);

function configurationKeysTerms(): readonly (readonly [string, Term])[] {
  return [...configurationKeys()].map(
    ([key, fallback]) =>
      [
        key,
        { kind: 'configuration key', text: `default ${fallback === undefined ? 'none' : JSON.stringify(fallback)}` },
      ] as const,
  );
}
