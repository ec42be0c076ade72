import { z } from 'zod';
import type { Diagnostic, SourceLocation } from '../../model/diagnostic.ts';
import { digestJson } from '../../model/digest.ts';
import { parseDuration, type Milliseconds } from '../../model/duration.ts';
import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { UndeclaredPaths, Unit } from '../../model/unit.ts';
import { RISK_TIERS, type RiskTier } from '../../model/vocabulary.ts';
import { CredentialsField, DurationField, ExpiryField, NameField, TimerField } from './fields.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;

const FREQUENCIES: Readonly<Record<string, Milliseconds>> = { hourly: HOUR, daily: 24 * HOUR, weekly: 168 * HOUR };

/** What a risk tier means for time: interval, freshness, longest life of an ignore rule or exception. */
export const TIER_SCHEDULE: Readonly<
  Record<
    RiskTier,
    { readonly interval: Milliseconds; readonly maxAge: Milliseconds; readonly longestException: Milliseconds }
  >
> = {
  critical: { interval: 10 * MINUTE, maxAge: 15 * MINUTE, longestException: 30 * 24 * HOUR },
  high: { interval: 30 * MINUTE, maxAge: 45 * MINUTE, longestException: 90 * 24 * HOUR },
  standard: { interval: 4 * HOUR, maxAge: 6 * HOUR, longestException: 180 * 24 * HOUR },
  low: { interval: 24 * HOUR, maxAge: 36 * HOUR, longestException: 365 * 24 * HOUR },
};

const LEAST_INTERVAL = 1_000;

const Frequency = z.string().superRefine((text, context) => {
  const asked = parseDuration(text);
  if (text === 'continuous' || Object.hasOwn(FREQUENCIES, text) || (asked ?? 0) >= LEAST_INTERVAL) return;
  context.addIssue({
    code: 'custom',
    message: `"${text}" is no frequency; write continuous, hourly, daily, weekly or a duration of at least 1s such as 15m`,
  });
});

const Percentage = z
  .string()
  .regex(/^\d{1,3}%$/, 'write a share as 10%')
  .transform((text) => Math.min(100, Number(text.slice(0, -1))) / 100);

const Suspend = z.strictObject({ reason: z.string().min(1), until: ExpiryField });

const Source = z.strictObject({
  repo: z.string().optional(),
  path: z.string().optional(),
  ref: z.string().optional(),
  kubernetes: z.record(z.string(), z.json()).optional(),
});

/** The keys every unit has, whatever its type; the block named for the type is checked by its adapter. */
export const DriftManagedUnitSpec = z.strictObject({
  type: z.string(),
  owner: NameField,
  environment: z.string().min(1).optional(),
  riskTier: z.enum(RISK_TIERS).default('standard'),
  source: Source.optional(),
  state: z.record(z.string(), z.json()).optional(),
  credentials: CredentialsField.optional(),
  writeCredentials: CredentialsField.optional(),
  schedule: z
    .strictObject({
      frequency: Frequency.optional(),
      maxAge: DurationField.optional(),
      jitter: Percentage.default(0.1),
      timeout: TimerField.refine((milliseconds) => milliseconds < 86_400_000, 'a check ends within 24h').optional(),
      rateLimit: z.number().positive().optional(),
      pool: z.string().optional(),
    })
    .default({ jitter: 0.1 }),
  policies: z
    .strictObject({
      autoHeal: z.boolean().default(false),
      requireIncidentForManualChange: z.boolean().optional(),
      undeclaredPaths: z.enum(['report', 'security', 'ignore']).optional(),
      confirmations: z.int().positive().default(1),
      convergeWithin: DurationField.optional(),
      desiredMaxAge: DurationField.default(15 * MINUTE),
      maxObjectsPerReconcile: z.int().positive().optional(),
      massShare: Percentage.optional(),
    })
    .default({ autoHeal: false, confirmations: 1, desiredMaxAge: 15 * MINUTE }),
  evidence: z
    .strictObject({
      retention: z
        .string()
        .refine((text) => parseDuration(text) !== undefined, 'write a retention such as 400d or 7y')
        .default('400d'),
    })
    .default({ retention: '400d' }),
  domain: z.string().optional(),
  service: z.string().optional(),
  labels: z.record(z.string(), z.string()).default({}),
  criticality: z.string().optional(),
  complianceScope: z.array(z.string()).default([]),
  customerTier: z.string().optional(),
  dataClassification: z.string().default('unspecified'),
  dependsOn: z.array(z.string()).default([]),
  suspend: Suspend.optional(),
  stack: z.json().optional(),
  references: z.json().optional(),
  database: z.json().optional(),
  keycloak: z.json().optional(),
  kubernetes: z.json().optional(),
  secretDelivery: z.json().optional(),
  policyReport: z.json().optional(),
  exec: z.json().optional(),
});
export type DriftManagedUnitSpec = z.infer<typeof DriftManagedUnitSpec>;

/** What a unit type adds to a unit: its defaults and the parsed block. */
export interface UnitTypeDefaults {
  readonly type: string;
  readonly block: string;
  readonly sourceRequired: boolean;
  readonly undeclaredPaths: UndeclaredPaths;
  readonly convergeWithin: Milliseconds;
  readonly timeout: Milliseconds;
  readonly stateBackend: string;
}

function sourceOfTruth(spec: DriftManagedUnitSpec): string {
  const { repo, path, kubernetes } = spec.source ?? {};
  if (repo !== undefined) return `git://${repo}${path === undefined ? '' : `/${path}`}`;
  return kubernetes === undefined ? `file:${path ?? '.'}` : 'kubernetes';
}

function stateBackend(spec: DriftManagedUnitSpec, defaults: UnitTypeDefaults): string {
  const { backend, bucket, key } = spec.state ?? {};
  if (typeof backend !== 'string') return defaults.stateBackend;
  return [`${backend}:/`, bucket, key].filter((part) => typeof part === 'string').join('/');
}

function scheduleOf(spec: DriftManagedUnitSpec, defaults: UnitTypeDefaults): Unit['schedule'] {
  const { frequency } = spec.schedule;
  const tier = TIER_SCHEDULE[spec.riskTier];
  const asked =
    frequency === undefined || frequency === 'continuous'
      ? undefined
      : (FREQUENCIES[frequency] ?? parseDuration(frequency));
  const interval = asked ?? tier.interval;
  return {
    interval,
    asked: asked !== undefined,
    maxAge: spec.schedule.maxAge ?? (asked === undefined ? tier.maxAge : Math.round(interval * 1.5)),
    jitter: spec.schedule.jitter,
    timeout: spec.schedule.timeout ?? defaults.timeout,
    pool: spec.schedule.pool ?? spec.riskTier,
  };
}

function policiesOf(spec: DriftManagedUnitSpec, defaults: UnitTypeDefaults): Unit['policies'] {
  const { policies } = spec;
  return {
    autoHeal: policies.autoHeal,
    requireIncidentForManualChange:
      policies.requireIncidentForManualChange ?? (spec.riskTier === 'critical' || spec.riskTier === 'high'),
    undeclaredPaths: policies.undeclaredPaths ?? defaults.undeclaredPaths,
    confirmations: policies.confirmations,
    convergeWithin: policies.convergeWithin ?? defaults.convergeWithin,
    desiredMaxAge: policies.desiredMaxAge,
    maxObjectsPerReconcile: policies.maxObjectsPerReconcile,
    massShare: policies.massShare,
  };
}

/** A unit with every default filled in, from its parsed spec and the parsed block of its type. */
export function toUnit(
  document: { readonly name: string; readonly value: JsonObject; readonly declaredAt: SourceLocation | undefined },
  spec: DriftManagedUnitSpec,
  type: { readonly defaults: UnitTypeDefaults; readonly block: JsonValue },
): Unit {
  return {
    name: document.name,
    type: spec.type,
    owner: spec.owner,
    environment: spec.environment ?? 'prod',
    environmentAssumed: spec.environment === undefined,
    riskTier: spec.riskTier,
    domain: spec.domain,
    service: spec.service,
    labels: spec.labels,
    criticality: spec.criticality ?? spec.riskTier,
    complianceScope: spec.complianceScope,
    customerTier: spec.customerTier,
    dataClassification: spec.dataClassification,
    dependsOn: spec.dependsOn,
    sourceOfTruth: sourceOfTruth(spec),
    source: (spec.source ?? {}) as JsonObject,
    stateBackend: stateBackend(spec, type.defaults),
    credentials: spec.credentials,
    writeCredentials: spec.writeCredentials,
    suspend: spec.suspend,
    schedule: scheduleOf(spec, type.defaults),
    policies: policiesOf(spec, type.defaults),
    evidenceRetention: spec.evidence.retention,
    block: type.block,
    documentDigest: digestJson(document.value),
    declaredAt: document.declaredAt,
  };
}

/** Faults of a unit that only several of its keys together can have. */
export function unitRemarks(
  spec: DriftManagedUnitSpec,
  defaults: UnitTypeDefaults,
): readonly Pick<Diagnostic, 'code' | 'message' | 'pointer' | 'next' | 'level'>[] {
  const remarks: Pick<Diagnostic, 'code' | 'message' | 'pointer' | 'next' | 'level'>[] = [];
  if (defaults.sourceRequired && spec.source === undefined) {
    remarks.push({
      code: 'CONFIG_MISSING_KEY',
      level: 'error',
      pointer: '/spec',
      message: `a ${spec.type} unit needs a source`,
      next: 'write source: {repo: …, path: …}',
    });
  }
  const write = spec.writeCredentials;
  if (
    write !== undefined &&
    (spec.riskTier === 'high' || spec.riskTier === 'critical') &&
    JSON.stringify(write) === JSON.stringify(spec.credentials)
  ) {
    remarks.push({
      code: 'KL203',
      level: 'error',
      pointer: '/spec/writeCredentials',
      message: `one credential observes and acts on a ${spec.riskTier} unit`,
      next: 'give the acting identity its own credential; `kedge db grants` prints both roles',
    });
  }
  return remarks;
}
