import type { AdapterDescriptor, UnitType } from '../ports/adapter.ts';
import type { Clock } from '../ports/clock.ts';
import type { CredentialSource } from '../ports/credential-source.ts';
import type { SourceDocument } from '../ports/document-source.ts';
import type { AuditSource } from '../ports/audit-source.ts';
import type { EvidenceReceipt } from '../ports/evidence-receipt.ts';
import type { Logger } from '../ports/logger.ts';
import type { Notifier } from '../ports/notifier.ts';
import type { Random } from '../ports/random.ts';
import type { SecretGuard } from '../ports/secret-guard.ts';
import type { Store } from '../ports/store.ts';
import type { ValueRedactor } from '../ports/value-redactor.ts';
import type { Instant } from '../core/model/instant.ts';
import type { PolicySet } from '../core/policy/policy-set.ts';
import type { Unit } from '../core/model/unit.ts';

/** The documents in force: the last good set, parsed. */
export interface WorkingSet {
  readonly units: readonly Unit[];
  readonly policy: PolicySet;
  /** Documents of watched systems, which their adapters parse. */
  readonly foreign: readonly SourceDocument[];
  readonly revision: string;
  /** When the set was last known to be the head of its source. */
  readonly readAt: Instant;
}

/** The only maker of receipts: nothing acts below a published intent. */
export interface Publisher {
  /** Publishes everything recorded so far. @throws OperationError `EVIDENCE_UNAVAILABLE`, `EVIDENCE_FORKED`, `EVIDENCE_CONFLICT`. */
  publish(signal: AbortSignal): Promise<void>;
  /** Publishes until this entry stands under a checkpoint. */
  publishEntry(entryId: string, signal: AbortSignal): Promise<EvidenceReceipt>;
  /** Whether a publication could succeed now, asked of the evidence store. */
  probe(signal: AbortSignal): Promise<'available' | 'unavailable'>;
}

/** What the loop is made of. Built once, by hand, in the composition root. */
export interface EngineContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: Store;
  readonly logger: Logger;
  readonly credentials: CredentialSource;
  readonly publisher: Publisher;
  readonly guard: SecretGuard;
  readonly notifiers: readonly Notifier[];
  readonly auditSources: readonly AuditSource[];
  readonly instance: { readonly id: string; readonly version: string };
  /** Names this process in leases: `pid 4711 on host`. */
  readonly holder: string;
  /** Address of the evidence store, for `evidenceUri`. */
  readonly evidenceUri: string;
  redactorOf(unit: Unit): ValueRedactor;
  adapterOf(unitType: string): { readonly adapter: AdapterDescriptor; readonly unitType: UnitType } | undefined;
  workingSet(): WorkingSet;
}
