import { CLASS_PACK_VERSION } from '../../classify/class-pack.ts';
import { digestJson } from '../../model/digest.ts';
import type { JsonValue } from '../../model/json.ts';
import type { PolicySet, PolicySettings } from '../policy-set.ts';
import { SHIPPED_OWNERSHIP } from '../shipped-ownership.ts';
import type { PolicyKindName } from './kinds.ts';
import type { PolicyDocument } from './policy-document.ts';

function byPriority(left: PolicyDocument<{ priority: number }>, right: PolicyDocument<{ priority: number }>): number {
  if (left.spec.priority !== right.spec.priority) return right.spec.priority - left.spec.priority;
  if (left.name === right.name) return 0;
  return left.name < right.name ? -1 : 1;
}

function byKindAndName(left: PolicyDocument<unknown>, right: PolicyDocument<unknown>): number {
  const [one, other] = [`${left.kind} ${left.name}`, `${right.kind} ${right.name}`];
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** Documents in force, each kind in the order in which it is asked, with the digest of everything that decides. */
export function toPolicySet(policies: readonly PolicyDocument<unknown>[], settings: PolicySettings): PolicySet {
  const of = (kind: PolicyKindName): readonly never[] =>
    policies.filter((each) => each.kind === kind).sort(byPriority as never) as never;
  const text: JsonValue = {
    classPack: CLASS_PACK_VERSION,
    settings: JSON.parse(JSON.stringify(settings)) as JsonValue,
    documents: [...policies].sort(byKindAndName).map((each) => each.text),
  };
  return {
    digest: digestJson(text),
    text,
    ownershipRules: [...SHIPPED_OWNERSHIP, ...of('DriftOwnershipRule')],
    ignoreRules: of('IgnoreRule'),
    autoHealPolicies: of('AutoHealPolicy'),
    approvalPolicies: of('ApprovalPolicy'),
    freezeWindows: of('FreezeWindow'),
    exceptionWindows: of('ExceptionWindow'),
    classificationRules: of('ClassificationRule'),
    reconciliationPolicies: of('ReconciliationPolicy'),
    settings,
  };
}
