import type { z } from 'zod';
import { APPROVAL_POLICY } from './approval-policy.ts';
import { AUTO_HEAL_POLICY } from './auto-heal-policy.ts';
import { CLASSIFICATION_RULE } from './classification-rule.ts';
import { DRIFT_OWNERSHIP_RULE } from './drift-ownership-rule.ts';
import { DriftManagedUnitSpec } from './drift-managed-unit.ts';
import { EXCEPTION_WINDOW } from './exception-window.ts';
import { FREEZE_WINDOW } from './freeze-window.ts';
import { IGNORE_RULE } from './ignore-rule.ts';
import { KedgeConfigSpec } from './kedge-config.ts';
import type { PolicyKind } from './policy-document.ts';
import { RECONCILIATION_POLICY } from './reconciliation-policy.ts';

/** The groups in which Kedge's own kinds are read. */
export const KEDGE_GROUPS: ReadonlySet<string> = new Set(['kedge.dev/v1alpha1', 'platform.example.com/v1']);

/** The policy kinds in force. A new kind is a file and a row here. */
export const POLICY_KINDS = {
  DriftOwnershipRule: DRIFT_OWNERSHIP_RULE,
  IgnoreRule: IGNORE_RULE,
  AutoHealPolicy: AUTO_HEAL_POLICY,
  ApprovalPolicy: APPROVAL_POLICY,
  FreezeWindow: FREEZE_WINDOW,
  ClassificationRule: CLASSIFICATION_RULE,
  ReconciliationPolicy: RECONCILIATION_POLICY,
  ExceptionWindow: EXCEPTION_WINDOW,
} as const satisfies Readonly<Record<string, PolicyKind<unknown>>>;
export type PolicyKindName = keyof typeof POLICY_KINDS;

/** Kinds of Kedge that exist in its vocabulary and are not read by this version. Never ignored silently. */
export const RESERVED_KINDS: ReadonlySet<string> = new Set([
  'OwnerDirectory',
  'DriftBudget',
  'AlertRoute',
  'AlertReceiver',
  'AuditSource',
  'EvidencePolicy',
  'AccessBinding',
]);

/** Schema of every kind a person may write, by name, for `kedge schema` and the generated reference. */
export const KIND_SCHEMAS: Readonly<Record<string, { readonly summary: string; readonly spec: z.ZodType }>> = {
  KedgeConfig: { summary: 'The configuration of one installation (`kedge.yaml`).', spec: KedgeConfigSpec },
  DriftManagedUnit: { summary: 'What is watched, owned and scheduled as a whole.', spec: DriftManagedUnitSpec },
  ...Object.fromEntries(
    Object.values(POLICY_KINDS).map((kind) => [kind.kind, { summary: kind.summary, spec: kind.spec }]),
  ),
};
