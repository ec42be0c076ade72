import { digestJson, type Digest } from '../../src/core/model/digest.ts';
import type { Difference } from '../../src/core/model/difference.ts';
import type { Finding } from '../../src/core/model/finding.ts';
import type { FindingRecord } from '../../src/core/model/finding-record.ts';
import type { ResourceObservation } from '../../src/core/model/observation.ts';
import type { JsonValue } from '../../src/core/model/json.ts';
import type { Unit } from '../../src/core/model/unit.ts';
import type { EvaluationInput } from '../../src/core/policy/evaluation-input.ts';
import { toPolicySet } from '../../src/core/policy/documents/to-policy-set.ts';
import type { PolicySettings } from '../../src/core/policy/policy-set.ts';

export const NOW = '2026-07-03T10:22:31Z';

export const SETTINGS: PolicySettings = {
  flapWindow: 86_400_000,
  verifyWithin: 1_800_000,
  quarantine: 259_200_000,
  pendingAtMost: 1_800_000,
  aliases: {},
  localApprovals: false,
};

export function aDigest(text: string): Digest {
  return digestJson(text);
}

export function aUnit(more: Partial<Unit> = {}): Unit {
  return {
    name: 'payments-db',
    type: 'database-instance',
    owner: 'data-platform',
    environment: 'prod',
    environmentAssumed: false,
    riskTier: 'standard',
    domain: undefined,
    service: undefined,
    labels: {},
    criticality: 'standard',
    complianceScope: [],
    customerTier: undefined,
    dataClassification: 'unspecified',
    dependsOn: [],
    sourceOfTruth: 'git://example.com/databases',
    source: {},
    stateBackend: 'kedge-snapshot',
    credentials: {},
    writeCredentials: {},
    suspend: undefined,
    schedule: { interval: 300_000, asked: true, maxAge: 450_000, jitter: 0, timeout: 600_000, pool: 'standard' },
    policies: {
      autoHeal: false,
      requireIncidentForManualChange: false,
      undeclaredPaths: 'security',
      confirmations: 1,
      convergeWithin: 900_000,
      desiredMaxAge: 900_000,
      maxObjectsPerReconcile: undefined,
      massShare: undefined,
    },
    evidenceRetention: '400d',
    block: {},
    documentDigest: aDigest('unit'),
    declaredAt: undefined,
    ...more,
  };
}

function state(value: JsonValue | undefined): Difference['desired'] {
  return value === undefined ? { status: 'absent' } : { status: 'present', value };
}

/** A declared value that somebody changed by hand; `desired`, `recorded`, `actual` are values. */
export function aDifference(
  more: Partial<Omit<Difference, 'desired' | 'recorded' | 'actual'>> & {
    desired?: JsonValue;
    recorded?: JsonValue;
    actual?: JsonValue;
  } = {},
): Difference {
  const { desired = 1, recorded = 1, actual = 2, ...rest } = more;
  return {
    resource: 'user/app',
    resourceType: 'user',
    kind: 'DatabaseUser',
    path: '/connectionLimit',
    relation: 'ACTUAL_DIVERGED',
    desired: state(desired),
    recorded: state(recorded),
    actual: state(actual),
    declared: true,
    domain: 'database',
    category: 'capacity',
    pathRoot: rest.path ?? '/connectionLimit',
    effect: 'neutral',
    destructive: false,
    immutable: false,
    sensitive: false,
    gated: true,
    hints: [],
    offer: { write: 'alter' },
    ...rest,
  };
}

export function aResource(more: Partial<ResourceObservation> = {}): ResourceObservation {
  return {
    resource: 'user/app',
    type: 'user',
    name: 'app',
    kind: 'DatabaseUser',
    judgement: { status: 'judged' },
    planes: {
      desired: { status: 'present', value: {} },
      recorded: { status: 'present', value: {} },
      actual: { status: 'present', value: {} },
    },
    ...more,
  };
}

/** A switch of the operators that heals at once. */
export const CORRECT = {
  heals: true,
  allowsDestructive: false,
  minimumAge: 0,
  origin: 'user/app driftPolicy.mode: correct',
} as const;

export function anInput(more: Partial<EvaluationInput> = {}): EvaluationInput {
  return {
    unit: aUnit(),
    differences: [aDifference()],
    resources: new Map([['user/app', aResource()]]),
    facts: new Map(),
    correlations: new Map(),
    history: new Map(),
    circumstances: {
      canWrite: true,
      hold: undefined,
      evidence: 'available',
      desiredAt: NOW,
      observedAt: NOW,
      coverage: { complete: true, unchecked: [] },
      fresh: true,
      lock: 'free',
      health: 'not-watched',
      resourcesInUnit: 60,
      firstCompleteCheck: false,
      adapterGates: [],
    },
    adapterGates: [],
    policy: toPolicySet([], SETTINGS),
    now: NOW,
    ...more,
  };
}

export function aFinding(more: Partial<Finding> = {}): Finding {
  return {
    findingId: 'drift-20260703-000184',
    detectedAt: NOW,
    domain: 'database',
    resourceRef: 'user/app',
    environment: 'prod',
    owner: 'data-platform',
    sourceOfTruth: 'git://example.com/databases',
    stateBackend: 'kedge-snapshot',
    driftClass: 'UNCLASSIFIED',
    risk: 'LOW',
    changedFields: ['/connectionLimit'],
    auditCorrelation: { confidence: 'not-covered' },
    recommendedAction: 'NONE',
    autoHealAllowed: false,
    evidenceUri: 'file:///evidence/drift/2026/07/03/drift-20260703-000184',
    schemaVersion: '1.0',
    unit: 'payments-db',
    unitType: 'database-instance',
    riskTier: 'standard',
    category: 'capacity',
    pathRoot: '/connectionLimit',
    relation: 'ACTUAL_DIVERGED',
    taxonomy: 'COST_CAPACITY',
    cause: 'UNKNOWN',
    state: 'CLASSIFIED',
    identity: aDigest('identity'),
    content: aDigest('content'),
    firstSeenAt: NOW,
    lastSeenAt: NOW,
    occurrences: 1,
    onset: { notAfter: NOW, basis: 'UNBOUNDED' },
    differences: [],
    classification: { rule: 'none', trace: [] },
    decision: { action: 'NONE', approval: 'none', rule: 'R03', incident: false, reasons: [] },
    details: {},
    links: {},
    ...more,
  };
}

export function aRecord(more: Partial<Finding> = {}, life: Partial<FindingRecord['life']> = {}): FindingRecord {
  return {
    finding: aFinding(more),
    life: { contents: [], attempts: [], breaker: { status: 'closed' }, confirmations: 1, ...life },
  };
}
