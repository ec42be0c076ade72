import { z } from 'zod';
import {
  ACTIONS,
  APPROVALS,
  CATEGORIES,
  CAUSES,
  CONFIDENCES,
  DRIFT_CLASSES,
  EFFECTS,
  FINDING_STATES,
  RELATIONS,
  RISKS,
  RISK_TIERS,
  TAXONOMIES,
} from './vocabulary.ts';

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const instant = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/);

/**
 * How a plane stands on a path where it has no value to show: the key is then left out of the difference
 * and its word stands in `planes`.
 */
const planeWords = z.enum(['present', 'absent', 'not-applicable', 'unknown']);

/** One path of the finding, with the values of the planes. A plane without a value has no key; `planes` says why. */
export const FindingDifference = z.strictObject({
  path: z.string(),
  desired: z.json().optional(),
  recorded: z.json().optional(),
  actual: z.json().optional(),
  planes: z.strictObject({ desired: planeWords, recorded: planeWords, actual: planeWords }).optional(),
  relation: z.enum(RELATIONS),
  fieldOwner: z.string(),
  effect: z.enum(EFFECTS),
  destructive: z.boolean(),
  immutable: z.boolean(),
  sensitive: z.boolean(),
  field: z.string().optional(),
  hiddenBy: z.strictObject({ kind: z.string(), name: z.string() }).optional(),
});
export type FindingDifference = z.infer<typeof FindingDifference>;

/** Who is thought to have written, by which source, how surely. */
export const AuditCorrelation = z.strictObject({
  actor: z.string().optional(),
  actorType: z.string().optional(),
  source: z.string().optional(),
  eventTime: instant.optional(),
  confidence: z.enum(CONFIDENCES),
  detail: z.string().optional(),
});
export type AuditCorrelation = z.infer<typeof AuditCorrelation>;

/**
 * The public contract: classified, owned difference(s) of one resource, with a life.
 * The first block holds the keys of the platform document (its §11.2), never renamed; the rest is additive.
 * No value of a sensitive path appears in it. Version 1 only grows.
 */
export const Finding = z.strictObject({
  findingId: z.string().regex(/^drift-\d{8}-\d{6,}$/),
  detectedAt: instant,
  domain: z.string(),
  resourceRef: z.string(),
  environment: z.string(),
  owner: z.string(),
  sourceOfTruth: z.string(),
  stateBackend: z.string(),
  driftClass: z.enum(DRIFT_CLASSES),
  risk: z.enum(RISKS),
  changedFields: z.array(z.string()),
  auditCorrelation: AuditCorrelation,
  recommendedAction: z.enum(ACTIONS),
  autoHealAllowed: z.boolean(),
  evidenceUri: z.string(),

  schemaVersion: z.literal('1.0'),
  unit: z.string(),
  unitType: z.string(),
  riskTier: z.enum(RISK_TIERS),
  environmentAssumed: z.boolean().optional(),
  category: z.enum(CATEGORIES),
  pathRoot: z.string(),
  relation: z.enum(RELATIONS),
  taxonomy: z.enum(TAXONOMIES),
  cause: z.enum(CAUSES),
  state: z.enum(FINDING_STATES),
  identity: digest,
  content: digest,
  firstSeenAt: instant,
  lastSeenAt: instant,
  resolvedAt: instant.optional(),
  occurrences: z.int().positive(),
  onset: z.strictObject({
    notBefore: instant.optional(),
    notAfter: instant,
    estimate: instant.optional(),
    basis: z.enum(['AUDIT', 'LAST_CLEAN_CHECK', 'UNBOUNDED']),
  }),
  differences: z.array(FindingDifference),
  classification: z.strictObject({ rule: z.string(), trace: z.array(z.json()), shadow: z.json().optional() }),
  decision: z.strictObject({
    action: z.enum(ACTIONS),
    approval: z.enum(APPROVALS),
    rule: z.string(),
    incident: z.boolean(),
    reasons: z.array(z.strictObject({ code: z.string(), because: z.string() })),
  }),
  details: z.record(z.string(), z.json()),
  links: z.record(z.string(), z.string()),
});
export type Finding = Readonly<z.infer<typeof Finding>>;
