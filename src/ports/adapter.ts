import type { z } from 'zod';
import type { Actuator } from './actuator.ts';
import type { CredentialSource } from './credential-source.ts';
import type { Clock } from './clock.ts';
import type { SourceDocument } from './document-source.ts';
import type { Observer } from './observer.ts';
import type { Catalogue } from '../core/model/catalogue.ts';
import type { Diagnostic } from '../core/model/diagnostic.ts';
import type { Milliseconds } from '../core/model/duration.ts';
import type { Finding } from '../core/model/finding.ts';
import type { Instant } from '../core/model/instant.ts';
import type { AdapterGate } from '../core/model/gate.ts';
import type { UndeclaredPaths, Unit } from '../core/model/unit.ts';

/** One unit type of an adapter and what is special about it. */
export interface UnitType {
  readonly type: string;
  /** The block of `spec` that holds everything special to the type. */
  readonly block: string;
  readonly schema: z.ZodType;
  readonly sourceRequired: boolean;
  readonly undeclaredPaths: UndeclaredPaths;
  readonly convergeWithin: Milliseconds;
  readonly timeout: Milliseconds;
  readonly stateBackend: string;
  /** Parts of the printed contract. */
  readonly observationMethod: string;
  readonly observationWeakness: string;
  readonly diffMethod: string;
  readonly actuatorDescription: string;
}

/** A kind of document that belongs to the watched system and is read as desired state. Unknown keys warn. */
export interface ForeignKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly schema: z.ZodType;
  /** Kinds that are accepted and not compared (backup kinds). */
  readonly compared: boolean;
}

/** What an adapter's observers and actuators are built from. The two credential references of a unit never meet in one object. */
export interface ReaderContext {
  readonly unit: Unit;
  readonly credentials: CredentialSource;
  readonly clock: Clock;
}
export interface WriterContext {
  readonly unit: Unit;
  readonly credentials: CredentialSource;
  readonly clock: Clock;
}

/** The contract's lines and the doctor's answers about one unit. */
export interface UnitInspection {
  /** What is deliberately not compared, and how to turn it on. */
  readonly notCompared: readonly { readonly what: string; readonly why: string; readonly how: string }[];
  readonly findings: readonly {
    readonly check: string;
    readonly status: 'pass' | 'fail' | 'unknown';
    readonly detail: string;
    readonly next?: string;
  }[];
  /** Per declared resource: mode, interval and where each came from. */
  readonly resources: readonly {
    readonly resource: string;
    readonly setting: string;
    readonly value: string;
    readonly origin: string;
  }[];
  /** The resources' status as the system's own operator prints it. */
  readonly statuses?: readonly {
    readonly kind: string;
    readonly name: string;
    readonly namespace: string | undefined;
    readonly status: unknown;
  }[];
}

/** What an inspection may look at beside the system itself. */
export interface InspectRequest {
  readonly documents: readonly SourceDocument[];
  readonly findings: readonly Finding[];
  /** Finish of the last complete check; statuses say nothing newer. */
  readonly lastCompleteAt: Instant | undefined;
}

/** One sample of a gauge under its public name. */
export interface GaugeSample {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Metrics under the names of the system's own operator, computed from stored findings alone, so that no failed look lowers them. */
export interface OperatorMetrics {
  readonly gauges: readonly { readonly metric: string; readonly help: string; readonly labels: readonly string[] }[];
  readonly counters: readonly { readonly metric: string; readonly help: string; readonly labels: readonly string[] }[];
  /** One sample for every declared resource that is judged, drifted or not. */
  sample(unit: Unit, documents: readonly SourceDocument[], findings: readonly Finding[]): readonly GaugeSample[];
  /** Every series of the counters that a unit in scope has from the first scrape on, at 0 until something moves it. */
  series(
    unit: Unit,
    documents: readonly SourceDocument[],
  ): readonly { readonly metric: string; readonly labels: Readonly<Record<string, string>> }[];
  /** The counter a verified or failed correction moves. */
  correction(
    finding: Finding,
    status: 'corrected' | 'failed',
  ): { readonly metric: string; readonly labels: Readonly<Record<string, string>> } | undefined;
}

/** Everything that is known of a watched system. It has no place for a class, an action or an approval. */
export interface AdapterDescriptor {
  readonly system: string;
  readonly unitTypes: readonly UnitType[];
  readonly documents: readonly ForeignKind[];
  readonly catalogue: Catalogue;
  /** Conditions that ownership rules may name, with what each means. */
  readonly conditions: Readonly<Record<string, string>>;
  /** Hints this adapter may set, with what each means. */
  readonly hints: Readonly<Record<string, string>>;
  /** Document kinds or resource types that no policy may heal. */
  readonly gatedKinds: readonly string[];
  readonly gates: readonly AdapterGate[];
  /** Bumped when a normaliser reads the same state differently. */
  readonly normalizerVersion: number;
  /** What is observed and what deliberately is not, for the documentation. */
  readonly coverage: readonly { readonly what: string; readonly observed: boolean; readonly note: string }[];
  /** Whether the unit's own document lets a finding be judged; false for what it excludes. Absent: everything is judged. */
  readonly judges?: (unit: Unit, finding: Finding) => boolean;
  observer(context: ReaderContext): Observer;
  /** Absent: the system has no actuator. */
  readonly actuator?: (context: WriterContext) => Actuator;
  readonly metrics?: OperatorMetrics;
  /** Offline faults of this system's documents for one unit. */
  lint(unit: Unit, documents: readonly SourceDocument[]): readonly Diagnostic[];
  /** Least interval any resource of the unit asks for; undefined = the unit's schedule counts. */
  interval(unit: Unit, documents: readonly SourceDocument[]): Milliseconds | undefined;
  /** Reads only: identity, rights, what is not compared. */
  inspect(context: ReaderContext, given: InspectRequest, signal: AbortSignal): Promise<UnitInspection>;
}
