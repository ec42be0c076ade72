import { z } from 'zod';
import { TestCases } from './test-case.ts';
import { DurationField } from './fields.ts';
import { Match } from './match.ts';
import type { PolicyDocument, PolicyKind } from './policy-document.ts';
import { whenRemarks } from './when.ts';

/** Who must consent to which actions. Several that match are joined: the most approvers, every `from`, the shortest life. */
export const ApprovalPolicySpec = z.strictObject({
  priority: z.int().default(100),
  match: Match.default({}),
  when: z.string().optional(),
  require: z.strictObject({
    of: z.array(z.strictObject({ from: z.array(z.string()).min(1), min: z.int().positive().default(1) })).min(1),
  }),
  bind: z.strictObject({ expiresAfter: DurationField.default(4 * 3_600_000) }).default({ expiresAfter: 4 * 3_600_000 }),
  rejection: z.strictObject({ cooldown: DurationField.default(24 * 3_600_000) }).default({ cooldown: 24 * 3_600_000 }),
  escalate: z.array(z.strictObject({ after: DurationField, to: z.array(z.string()) })).default([]),
  separationOfDuties: z
    .strictObject({
      requester: z.literal(true).default(true),
      driftActor: z.literal(true).default(true),
      lastCommitter: z.boolean().default(false),
    })
    .default({ requester: true, driftActor: true, lastCommitter: false }),
  tests: TestCases,
});
export type ApprovalPolicySpec = z.infer<typeof ApprovalPolicySpec>;
export type ApprovalPolicy = PolicyDocument<ApprovalPolicySpec>;

/** The kind, for the table of kinds. */
export const APPROVAL_POLICY: PolicyKind<ApprovalPolicySpec> = {
  kind: 'ApprovalPolicy',
  summary: 'Who must consent to which actions.',
  spec: ApprovalPolicySpec,
  examine: (spec) => whenRemarks(spec.when, '/spec/when'),
};
