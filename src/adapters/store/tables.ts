import type { ColumnType, Generated } from 'kysely';

/** JSON as text: whatever a watched system calls itself round-trips, U+0000 included, which the server's own JSON refuses. */
type JsonText = string;
type Instant = ColumnType<string, string | undefined, string>;

/** The tables of the store, column for column. What a list filters by has a column; the whole record stands in `body`. */
export interface Tables {
  meta: { name: string; value: string };
  units: { unit: string; body: JsonText };
  checks: {
    check_id: string;
    unit: string;
    finished_at: string;
    result: string;
    body: JsonText;
    /** Whether the check stands in an entry. */
    gathered: Generated<boolean>;
  };
  findings: {
    finding_id: string;
    unit: string;
    identity: string;
    state: string;
    risk: string;
    drift_class: string;
    resource: string;
    owner: string;
    last_seen_at: string;
    resolved_at: string | null;
    body: JsonText;
    life: JsonText;
  };
  finding_days: { day: string; last: number };
  snapshots: { unit: string; resource: string; body: JsonText };
  actions: {
    action_id: string;
    finding_id: string;
    unit: string;
    status: string;
    requested_at: string;
    body: JsonText;
  };
  approvals: {
    approval_id: string;
    action_id: string;
    finding_id: string;
    unit: string;
    status: string;
    requested_at: string;
    body: JsonText;
  };
  about_heads: { kind: string; id: string; digest: string | null };
  entries: {
    id: string;
    seq: Generated<string>;
    type: string;
    at: string;
    unit: string | null;
    about_kind: string;
    about_id: string;
    statement: Buffer;
    digest: string;
    idx: string | null;
    published: Generated<boolean>;
    leaf_hash: Buffer | null;
  };
  entry_artifacts: { entry_id: string; position: number; digest: string };
  artifact_chunks: { digest: string; chunk: number; bytes: Buffer };
  log_state: { log: number; size: string; checkpoint: string | null; frontier: string | null };
  outbox: {
    id: Generated<string>;
    receiver: string;
    kind: string;
    finding_id: string | null;
    body: JsonText;
    attempts: Generated<number>;
    sent_at: Instant | null;
  };
  counters: { metric: string; labels: string; value: number };
  leases: { name: string; holder: string; token: string; expires_at: Instant };
  evaluation_inputs: { check_id: string; at: Instant; body: JsonText };
}
