import { z } from 'zod';
import { TestCases } from './test-case.ts';
import { JsonScalar, ResourceSelector } from './selector.ts';
import { PathField } from './fields.ts';
import { Match } from './match.ts';
import type { DocumentRemark, PolicyDocument, PolicyKind } from './policy-document.ts';
import { whenRemarks } from './when.ts';

const bound = z.union([JsonScalar, z.strictObject({ fromResource: z.string(), path: PathField })]);

const ControllerPath = z.strictObject({
  path: PathField,
  owner: z.string(),
  condition: z.string().optional(),
  when: z.string().optional(),
  principal: z.string().optional(),
  acceptUndeclared: z.boolean().default(false),
  bounds: z
    .strictObject({ min: bound.optional(), max: bound.optional(), set: z.array(JsonScalar).optional() })
    .optional(),
});

/** Who owns which path: Git, policy, the runtime, or a named controller under a condition. */
export const DriftOwnershipRuleSpec = z.strictObject({
  priority: z.int().default(100),
  resource: ResourceSelector.optional(),
  match: Match.optional(),
  gitOwned: z.array(PathField).default([]),
  policyOwned: z.array(PathField).default([]),
  runtimeOwned: z.array(PathField).default([]),
  controllerOwned: z.array(ControllerPath).default([]),
  tests: TestCases,
});
export type DriftOwnershipRuleSpec = z.infer<typeof DriftOwnershipRuleSpec>;
export type DriftOwnershipRule = PolicyDocument<DriftOwnershipRuleSpec>;

function conditionRemarks(spec: DriftOwnershipRuleSpec, conditions: ReadonlySet<string>): readonly DocumentRemark[] {
  return spec.controllerOwned.flatMap((each, index): readonly DocumentRemark[] => {
    if (each.condition === undefined || conditions.has(each.condition)) return [];
    return [
      {
        code: 'KL110',
        level: 'error',
        pointer: `/spec/controllerOwned/${index}/condition`,
        message: `no adapter knows the condition "${each.condition}"`,
        next:
          conditions.size === 0
            ? 'remove the condition: no adapter in use has any'
            : `use one of ${[...conditions].sort().join(', ')}`,
      },
    ];
  });
}

/** The kind, for the table of kinds. */
export const DRIFT_OWNERSHIP_RULE: PolicyKind<DriftOwnershipRuleSpec> = {
  kind: 'DriftOwnershipRule',
  summary: 'Who owns which path of which resources.',
  spec: DriftOwnershipRuleSpec,
  examine: (spec, { conditions }) => [
    ...conditionRemarks(spec, conditions),
    ...spec.controllerOwned.flatMap((each, index) => whenRemarks(each.when, `/spec/controllerOwned/${index}/when`)),
  ],
};
