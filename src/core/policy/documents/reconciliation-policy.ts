import { z } from 'zod';
import { TestCases } from './test-case.ts';
import { ACTIONS, APPROVALS } from '../../model/vocabulary.ts';
import { Match } from './match.ts';
import type { DocumentRemark, PolicyDocument, PolicyKind } from './policy-document.ts';
import { whenRemarks } from './when.ts';

/** One row a team puts before the shipped ones: the first that matches and is admissible decides. */
const DecisionRowSpec = z.strictObject({
  name: z.string().min(1).max(63),
  match: Match.default({}),
  when: z.string().optional(),
  action: z.enum(ACTIONS),
  approval: z.enum(APPROVALS).default('none'),
});

/** What is to be done with which findings. A row lifts no gate, no never-list and no floor of consent. */
export const ReconciliationPolicySpec = z.strictObject({
  priority: z.int().default(100),
  decisions: z.array(DecisionRowSpec).min(1),
  tests: TestCases,
});
export type ReconciliationPolicySpec = z.infer<typeof ReconciliationPolicySpec>;
export type ReconciliationPolicy = PolicyDocument<ReconciliationPolicySpec>;

function doubleNames(spec: ReconciliationPolicySpec): readonly DocumentRemark[] {
  const names = spec.decisions.map((row) => row.name);
  return names.flatMap((name, index): readonly DocumentRemark[] =>
    names.indexOf(name) === index
      ? []
      : [
          {
            code: 'DECISION_DOUBLE',
            level: 'error',
            pointer: `/spec/decisions/${index}/name`,
            message: `two rows are named ${name}`,
            next: 'give each row its own name: traces and evidence cite it',
          },
        ],
  );
}

/** The kind, for the table of kinds. */
export const RECONCILIATION_POLICY: PolicyKind<ReconciliationPolicySpec> = {
  kind: 'ReconciliationPolicy',
  summary: 'What is to be done with which findings, before the shipped rows.',
  spec: ReconciliationPolicySpec,
  examine: (spec) => [
    ...doubleNames(spec),
    ...spec.decisions.flatMap((row, index) => whenRemarks(row.when, `/spec/decisions/${index}/when`)),
  ],
};
