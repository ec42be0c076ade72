import type { Digest } from './digest.ts';
import type { SourceLocation } from './diagnostic.ts';
import type { Milliseconds } from './duration.ts';
import type { Instant } from './instant.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { RiskTier } from './vocabulary.ts';

/** Which undeclared paths are compared with the recorded plane. */
export type UndeclaredPaths = 'report' | 'security' | 'ignore';

/** When a unit is due, and how old a good observation may be. */
export interface UnitSchedule {
  readonly interval: Milliseconds;
  /** Whether the document names the interval, so that no default of a watched system takes its place. */
  readonly asked: boolean;
  /** Freshness objective: older is `STALE`. */
  readonly maxAge: Milliseconds;
  /** Share of the interval, 0 to 1, spread by a hash of the name. */
  readonly jitter: number;
  /** Deadline of one check. */
  readonly timeout: Milliseconds;
  readonly pool: string;
}

/** The unit's own settings of policy. */
export interface UnitPolicies {
  readonly autoHeal: boolean;
  readonly requireIncidentForManualChange: boolean;
  readonly undeclaredPaths: UndeclaredPaths;
  readonly confirmations: number;
  readonly convergeWithin: Milliseconds;
  readonly desiredMaxAge: Milliseconds;
  readonly maxObjectsPerReconcile: number | undefined;
  readonly massShare: number | undefined;
}

/** A reference to a credential: which source, never a value. */
export type CredentialReference = JsonObject;

/**
 * What is watched, owned and scheduled as a whole: one parsed `DriftManagedUnit` with every default filled in.
 * Holds references to credentials, never their values.
 */
export interface Unit {
  readonly name: string;
  readonly type: string;
  readonly owner: string;
  readonly environment: string;
  readonly environmentAssumed: boolean;
  readonly riskTier: RiskTier;
  readonly domain: string | undefined;
  readonly service: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly criticality: string;
  readonly complianceScope: readonly string[];
  readonly customerTier: string | undefined;
  readonly dataClassification: string;
  readonly dependsOn: readonly string[];
  /** `git://host/org/repo/path`, `file://…`: the finding's `sourceOfTruth`. */
  readonly sourceOfTruth: string;
  readonly source: JsonObject;
  /** The finding's `stateBackend`; `kedge-snapshot` where Kedge itself remembers. */
  readonly stateBackend: string;
  readonly credentials: CredentialReference | undefined;
  /** Absent: Kedge cannot act here. */
  readonly writeCredentials: CredentialReference | undefined;
  readonly suspend: { readonly reason: string; readonly until?: Instant } | undefined;
  readonly schedule: UnitSchedule;
  readonly policies: UnitPolicies;
  readonly evidenceRetention: string;
  /** The block named for the unit type, parsed by its adapter's schema. */
  readonly block: JsonValue;
  readonly documentDigest: Digest;
  readonly declaredAt: SourceLocation | undefined;
}
