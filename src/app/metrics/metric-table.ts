/** What a metric is, as the exposition and the reference say it. */
export interface MetricRow {
  readonly help: string;
  readonly labels: readonly string[];
}

/** Gauges computed from the store at each scrape: no restart, failed check or dead worker moves them. */
export const STORE_GAUGES = {
  kedge_unit_status: {
    help: '1 for the current status of a unit.',
    labels: ['unit', 'unit_type', 'environment', 'risk_tier', 'owner', 'status'],
  },
  kedge_unit_last_success_timestamp_seconds: {
    help: 'Finish of the last complete check.',
    labels: ['unit', 'unit_type', 'environment'],
  },
  kedge_unit_freshness_objective_seconds: {
    help: 'Oldest age at which an observation counts as fresh.',
    labels: ['unit', 'unit_type', 'environment'],
  },
  kedge_unit_held: { help: '1 while actions on the unit are stopped by a hold.', labels: ['unit'] },
  kedge_findings_open: {
    help: 'Open findings.',
    labels: ['environment', 'domain', 'owner', 'drift_class', 'risk', 'state'],
  },
  kedge_finding_oldest_timestamp_seconds: {
    help: 'When the oldest open finding was detected.',
    labels: ['environment', 'domain', 'owner', 'drift_class', 'risk', 'state'],
  },
  kedge_autoheal_breaker_open: { help: 'Findings whose breaker is open.', labels: ['unit'] },
  kedge_pending_convergence: {
    help: 'Differences on their way that are no findings yet.',
    labels: ['unit_type', 'environment'],
  },
  kedge_actions_in_doubt: { help: 'Actions of which nobody knows yet whether they happened.', labels: [] },
  kedge_approvals_pending: { help: 'Approvals that wait for a person.', labels: ['environment', 'risk'] },
  kedge_approval_oldest_timestamp_seconds: {
    help: 'When the approval that waits longest was asked for.',
    labels: ['environment', 'risk'],
  },
  kedge_rule_expires_timestamp_seconds: { help: 'When a rule that hides differences ends.', labels: ['kind', 'rule'] },
  kedge_evidence_entries: { help: 'Leaves of the evidence log.', labels: [] },
  kedge_evidence_unpublished_entries: { help: 'Recorded entries that are not published yet.', labels: [] },
  kedge_evidence_oldest_unpublished_seconds: { help: 'Age of the oldest unpublished entry.', labels: [] },
} as const satisfies Readonly<Record<string, MetricRow>>;
export type StoreGauge = keyof typeof STORE_GAUGES;

/** Counters kept in the store, so that no restart lowers them. */
export const STORED_COUNTERS = {
  kedge_checks_total: {
    help: 'Checks by unit type, result and first reason.',
    labels: ['unit_type', 'result', 'reason'],
  },
  kedge_lock_contention_total: {
    help: 'Checks that found their unit locked by another process.',
    labels: ['unit_type'],
  },
  kedge_actions_total: { help: 'Actions by outcome of the actuator.', labels: ['action', 'outcome'] },
  kedge_verifications_total: { help: 'Verifications by verdict.', labels: ['action', 'result'] },
  kedge_autoheal_total: {
    help: 'Automatic corrections by policy or switch and outcome.',
    labels: ['policy', 'outcome'],
  },
  kedge_notifications_total: { help: 'Messages by receiver and outcome.', labels: ['receiver', 'outcome'] },
} as const satisfies Readonly<Record<string, MetricRow>>;

/** Metrics that code moves as things happen in one process. */
export const PROCESS_METRICS = {
  kedge_build_info: { type: 'gauge', help: 'Version of this program.', labels: ['version'] },
  kedge_config_valid: {
    type: 'gauge',
    help: '1 while every document and the configuration read well, 0 while an older good set is in force.',
    labels: [],
  },
  kedge_leader: { type: 'gauge', help: '1 in the process that holds the scheduler lease.', labels: [] },
  kedge_queue_depth: { type: 'gauge', help: 'Jobs that wait for a worker.', labels: ['queue'] },
  kedge_queue_oldest_timestamp_seconds: {
    type: 'gauge',
    help: 'When the job that waits longest was enqueued; absent when none waits.',
    labels: ['queue'],
  },
  kedge_check_duration_seconds: {
    type: 'histogram',
    help: 'Duration of a check by step of the loop.',
    labels: ['unit_type', 'step'],
  },
  kedge_leases_lost_total: { type: 'counter', help: 'Leases of this process that another one took.', labels: [] },
  kedge_redaction_backstop_total: {
    type: 'counter',
    help: 'Secrets that only the last backstop kept from leaving, by place.',
    labels: ['place'],
  },
} as const satisfies Readonly<Record<string, MetricRow & { readonly type: string }>>;
