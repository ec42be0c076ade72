import type { Digest } from '../model/digest.ts';
import type { JsonValue } from '../model/json.ts';
import type { Milliseconds } from '../model/duration.ts';
import type { ApprovalPolicy } from './documents/approval-policy.ts';
import type { AutoHealPolicy } from './documents/auto-heal-policy.ts';
import type { ClassificationRule } from './documents/classification-rule.ts';
import type { DriftOwnershipRule } from './documents/drift-ownership-rule.ts';
import type { ExceptionWindow } from './documents/exception-window.ts';
import type { FreezeWindow } from './documents/freeze-window.ts';
import type { ReconciliationPolicy } from './documents/reconciliation-policy.ts';
import type { IgnoreRule } from './documents/ignore-rule.ts';

/** Settings of `KedgeConfig` that the evaluator reads. */
export interface PolicySettings {
  readonly flapWindow: Milliseconds;
  readonly verifyWithin: Milliseconds;
  readonly quarantine: Milliseconds;
  readonly pendingAtMost: Milliseconds;
  /** A person's names elsewhere: name → aliases. */
  readonly aliases: Readonly<Record<string, readonly string[]>>;
  readonly localApprovals: boolean;
}

/**
 * Everything in force that decides, parsed and sorted: by `priority` descending, then by name in code point order.
 * The shipped documents are among them. The digest covers all of them and the version of the shipped pack.
 */
export interface PolicySet {
  readonly digest: Digest;
  /** Everything the digest is taken over, with the text of each document: what evidence keeps of the policy in force. */
  readonly text: JsonValue;
  readonly ownershipRules: readonly DriftOwnershipRule[];
  readonly ignoreRules: readonly IgnoreRule[];
  readonly autoHealPolicies: readonly AutoHealPolicy[];
  readonly approvalPolicies: readonly ApprovalPolicy[];
  readonly freezeWindows: readonly FreezeWindow[];
  readonly exceptionWindows: readonly ExceptionWindow[];
  readonly classificationRules: readonly ClassificationRule[];
  readonly reconciliationPolicies: readonly ReconciliationPolicy[];
  readonly settings: PolicySettings;
}
