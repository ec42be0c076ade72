import { z } from 'zod';
import {
  ACTIONS,
  ACTOR_TYPES,
  APPROVALS,
  CATEGORIES,
  CAUSES,
  CONFIDENCES,
  DRIFT_CLASSES,
  EFFECTS,
  RELATIONS,
  RISK_TIERS,
  RISKS,
  TAXONOMIES,
} from '../../model/vocabulary.ts';
import { PathField, StartField } from './fields.ts';

const GivenUnit = z.strictObject({
  name: z.string().optional(),
  type: z.string().optional(),
  owner: z.string().optional(),
  environment: z.string().optional(),
  riskTier: z.enum(RISK_TIERS).optional(),
  domain: z.string().optional(),
  service: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  dataClassification: z.string().optional(),
  complianceScope: z.array(z.string()).optional(),
  autoHeal: z.boolean().optional(),
});

const GivenDifference = z.strictObject({
  resource: z.string().optional(),
  resourceType: z.string().optional(),
  kind: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  path: PathField.optional(),
  category: z.enum(CATEGORIES).optional(),
  relation: z.enum(RELATIONS).optional(),
  effect: z.enum(EFFECTS).optional(),
  destructive: z.boolean().optional(),
  immutable: z.boolean().optional(),
  declared: z.boolean().optional(),
  hints: z.array(z.string()).optional(),
  desired: z.json().optional(),
  recorded: z.json().optional(),
  actual: z.json().optional(),
});

const GivenAudit = z.strictObject({
  actor: z.string().optional(),
  actorType: z.enum(ACTOR_TYPES).optional(),
  confidence: z.enum(CONFIDENCES),
  eventTime: StartField.optional(),
});

/** A finding in the making, in the words of `match`. What is left out is an ordinary value changed by hand in prod. */
const Given = z.strictObject({
  unit: z.union([z.string(), GivenUnit]).optional(),
  difference: GivenDifference.optional(),
  audit: GivenAudit.optional(),
  facts: z.record(z.string(), z.json()).optional(),
  /** Whether the operators' switch of the resource is on. */
  switch: z.boolean().optional(),
  /** When it was first seen; left out: now. */
  firstSeenAt: StartField.optional(),
  now: StartField.optional(),
});
export type Given = z.infer<typeof Given>;

/** What the documents in force must say of it. Only the keys that stand here are compared. */
const Expected = z.strictObject({
  owner: z.string().optional(),
  driftClass: z.enum(DRIFT_CLASSES).optional(),
  cause: z.enum(CAUSES).optional(),
  taxonomy: z.enum(TAXONOMIES).optional(),
  risk: z.enum(RISKS).optional(),
  rule: z.string().optional(),
  suppressed: z.boolean().optional(),
  provisional: z.boolean().optional(),
  action: z.enum(ACTIONS).optional(),
  approval: z.enum(APPROVALS).optional(),
  decisionRule: z.string().optional(),
  incident: z.boolean().optional(),
  heals: z.boolean().optional(),
  /** Codes of the gates that fail: each of these must be among them. */
  reasons: z.array(z.string()).optional(),
});
export type Expected = z.infer<typeof Expected>;

/** One proof that stands beside a document and is run by `kedge lint`, against everything in force. */
const TestCase = z.strictObject({ name: z.string().optional(), given: Given.default({}), expect: Expected });
export type TestCase = z.infer<typeof TestCase>;

/** The `tests` of a document. */
export const TestCases = z.array(TestCase).default([]);
