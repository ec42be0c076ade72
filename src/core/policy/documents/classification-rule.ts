import { z } from 'zod';
import { TestCases } from './test-case.ts';
import { CLASS_PACK } from '../../classify/class-pack.ts';
import { nearest } from '../../model/nearest.ts';
import { CAUSES, DRIFT_CLASSES, RISKS } from '../../model/vocabulary.ts';
import { Match } from './match.ts';
import type { DocumentRemark, PolicyDocument, PolicyKind } from './policy-document.ts';
import { whenRemarks } from './when.ts';

/**
 * What a difference is called and how high or low its risk may be. A rule of one's own sets what it knows; a rule that names a
 * shipped one (`shipped`) moves that one in the order or takes it out. Rules never set an action.
 */
export const ClassificationRuleSpec = z.strictObject({
  priority: z.int().default(100),
  shipped: z.string().optional(),
  disabled: z.boolean().default(false),
  match: Match.optional(),
  when: z.string().optional(),
  set: z
    .strictObject({
      driftClass: z.enum(DRIFT_CLASSES).optional(),
      cause: z.enum(CAUSES).optional(),
      riskAtLeast: z.enum(RISKS).optional(),
      riskAtMost: z.enum(RISKS).optional(),
    })
    .optional(),
  tests: TestCases,
});
export type ClassificationRuleSpec = z.infer<typeof ClassificationRuleSpec>;
export type ClassificationRule = PolicyDocument<ClassificationRuleSpec>;

/** Words that only a later step gives: a rule that needs them to give one could never be answered. */
const LATER = ['driftClass', 'cause', 'taxonomy', 'risk', 'severity', 'rule'] as const;

function refusal(pointer: string, message: string, next: string): DocumentRemark {
  return { code: 'CLASSIFICATION_INVALID', level: 'error', pointer, message, next };
}

function shippedRemarks({ shipped, match, when, set }: ClassificationRuleSpec): readonly DocumentRemark[] {
  const names = CLASS_PACK.map((rule) => rule.name);
  if (shipped === undefined) return [];
  if (!names.includes(shipped)) {
    const near = nearest(shipped, names);
    const meant = near === undefined ? '' : `; did you mean ${near}?`;
    return [
      refusal(
        '/spec/shipped',
        `no shipped rule is named ${shipped}${meant}`,
        '`kedge explain RULE` says what a rule does',
      ),
    ];
  }
  const own = match !== undefined || when !== undefined || set !== undefined;
  return own
    ? [refusal('/spec', 'a shipped rule can be moved or disabled, not rewritten', 'write a rule of your own beside it')]
    : [];
}

function ownRemarks({ shipped, disabled, match, set }: ClassificationRuleSpec): readonly DocumentRemark[] {
  if (shipped !== undefined) return [];
  const remarks: DocumentRemark[] = LATER.filter((key) => match?.[key] !== undefined).map((key) =>
    refusal(
      `/spec/match/${key}`,
      `${key} is not known before the classification`,
      'match on paths, categories, relations, hints or who wrote',
    ),
  );
  if (disabled) remarks.push(refusal('/spec/disabled', 'only a shipped rule is disabled', 'remove the document'));
  if (set === undefined || Object.keys(set).length === 0)
    remarks.push(
      refusal(
        '/spec/set',
        'the rule says nothing',
        'set driftClass, cause, riskAtLeast or riskAtMost; or name a shipped rule',
      ),
    );
  const { riskAtLeast, riskAtMost } = set ?? {};
  if (riskAtLeast !== undefined && riskAtMost !== undefined && RISKS.indexOf(riskAtLeast) > RISKS.indexOf(riskAtMost))
    remarks.push(
      refusal('/spec/set/riskAtMost', 'the risk would be at least more than it is at most', 'exchange the two'),
    );
  return remarks;
}

/** The kind, for the table of kinds. */
export const CLASSIFICATION_RULE: PolicyKind<ClassificationRuleSpec> = {
  kind: 'ClassificationRule',
  summary: 'What a difference is called, and how high or low its risk may be.',
  spec: ClassificationRuleSpec,
  examine: (spec) => [...shippedRemarks(spec), ...ownRemarks(spec), ...whenRemarks(spec.when, '/spec/when')],
};
