import type { ActionRecord, ActionStatus } from '../core/model/action-record.ts';
import type { ApprovalRecord } from '../core/model/approval-record.ts';
import type { Check, UnitRecord } from '../core/model/check.ts';
import type { Digest } from '../core/model/digest.ts';
import type { FindingRecord } from '../core/model/finding-record.ts';
import type { Instant } from '../core/model/instant.ts';
import type { JsonObject } from '../core/model/json.ts';
import type { Snapshot } from '../core/model/snapshot.ts';
import type { FindingState, Risk } from '../core/model/vocabulary.ts';
import type { EntryDraft } from './entry-draft.ts';
import type { EntryStore } from './entry-store.ts';
import type { LeaseStore } from './lease-store.ts';

/** Which findings a list shows. All given filters must hold; values of one are alternatives. */
export interface FindingFilter {
  readonly units?: readonly string[];
  readonly states?: readonly FindingState[];
  readonly risks?: readonly Risk[];
  readonly driftClasses?: readonly string[];
  readonly resources?: readonly string[];
  readonly owners?: readonly string[];
  readonly limit?: number;
}

/** Actions of one finding or one unit; `statuses` narrows. */
export interface ActionFilter {
  readonly findingId?: string;
  readonly unit?: string;
  readonly statuses?: readonly ActionStatus[];
}

/** A message to be sent at least once, in order per receiver. */
export interface OutboxMessage {
  readonly receiver: string;
  readonly kind: string;
  readonly findingId: string | undefined;
  readonly body: JsonObject;
}

/** One counter of a metric that must survive restarts. */
export interface CounterIncrement {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly by: number;
}

/**
 * One transaction with synchronous commit. Who locks several rows takes them in the order unit, findings, actions, approvals. State change, evidence entry, artifacts and outbox rows stand together or not at all.
 * Nothing may be told to anybody before `write` has resolved.
 */
export interface StoreTransaction {
  /** The next finding id of a UTC day (`2026-07-03` → `drift-20260703-000184`). */
  nextFindingId(day: string): Promise<string>;
  saveFinding(record: FindingRecord): Promise<void>;
  saveCheck(check: Check): Promise<void>;
  saveUnit(record: UnitRecord): Promise<void>;
  saveSnapshots(unit: string, snapshots: readonly Snapshot[]): Promise<void>;
  deleteSnapshots(unit: string, resources: readonly string[]): Promise<void>;
  saveAction(record: ActionRecord): Promise<void>;
  saveApproval(record: ApprovalRecord): Promise<void>;
  /** Locks the row until the end of the transaction. */
  lockAction(actionId: string): Promise<ActionRecord | undefined>;
  lockApproval(approvalId: string): Promise<ApprovalRecord | undefined>;
  lockUnit(unit: string): Promise<UnitRecord | undefined>;
  lockFinding(findingId: string): Promise<FindingRecord | undefined>;
  /** Locks, by id, every finding of a unit that is not closed, and those closed at or after an instant. */
  lockFindings(unit: string, closedSince: Instant): Promise<readonly FindingRecord[]>;
  /** As the transaction sees them, newest first; not locked. */
  listActions(of: ActionFilter): Promise<readonly ActionRecord[]>;
  /** Gives the entry its `previous` under the lock of what it is about, and keeps it for publication. Returns the digest of the statement. */
  appendEntry(draft: EntryDraft): Promise<Digest>;
  enqueueMessage(message: OutboxMessage): Promise<void>;
  increment(increment: CounterIncrement): Promise<void>;
  /**
   * Fails the transaction with `LEASE_LOST` unless the token is still the current one of the lease.
   */
  requireLease(name: string, token: bigint): Promise<void>;
}

/**
 * Kedge's memory, on PostgreSQL. Every method may fail with OperationError `STORE_UNAVAILABLE`; a failed read is never an empty answer.
 */
export interface Store {
  /** Stable identity of this store, a UUID. */
  readonly storeId: string;
  /** Runs one transaction; it is committed durably when the promise resolves, and has left nothing when it rejects. */
  write<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T>;

  findUnit(unit: string): Promise<UnitRecord | undefined>;
  listUnits(): Promise<readonly UnitRecord[]>;
  findCheck(checkId: string): Promise<Check | undefined>;
  /** Newest first. */
  listChecks(unit: string, limit: number): Promise<readonly Check[]>;
  findFinding(findingId: string): Promise<FindingRecord | undefined>;
  listFindings(filter: FindingFilter): Promise<readonly FindingRecord[]>;
  /** Every finding of a unit that is not closed, and those closed at or after an instant (the flap window). */
  loadFindings(unit: string, closedSince: Instant): Promise<readonly FindingRecord[]>;
  loadSnapshots(unit: string): Promise<ReadonlyMap<string, Snapshot>>;
  findAction(actionId: string): Promise<ActionRecord | undefined>;
  /** Of one finding or one unit, newest first; `statuses` narrows. */
  listActions(of: ActionFilter): Promise<readonly ActionRecord[]>;
  findApproval(approvalId: string): Promise<ApprovalRecord | undefined>;
  listApprovals(of: {
    readonly findingId?: string;
    readonly unit?: string;
    readonly status?: string;
  }): Promise<readonly ApprovalRecord[]>;
  /** Value of every persisted counter. */
  listCounters(): Promise<
    readonly { readonly metric: string; readonly labels: Readonly<Record<string, string>>; readonly value: number }[]
  >;
  /** Messages waiting for a receiver, oldest first. */
  listMessages(
    receiver: string,
    limit: number,
  ): Promise<readonly (OutboxMessage & { readonly id: string; readonly attempts: number })[]>;
  markMessageSent(id: string): Promise<void>;

  readonly entries: EntryStore;
  readonly leases: LeaseStore;

  close(): Promise<void>;
}
