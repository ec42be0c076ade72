import { z } from 'zod';
import { TestCases } from './test-case.ts';
import { SENSITIVE_CATEGORIES, type Category } from '../../model/vocabulary.ts';
import { DurationField, ExpiryField, PathField } from './fields.ts';
import { Match } from './match.ts';
import type { DocumentRemark, PolicyDocument, PolicyKind } from './policy-document.ts';
import { JsonScalar } from './selector.ts';
import { whenRemarks } from './when.ts';

const bound = z.union([z.number(), z.strictObject({ fromResource: z.string(), path: PathField })]);

const ExpiresWhen = z.strictObject({
  riskAtLeast: z.enum(['LOW', 'MEDIUM', 'HIGH', 'CRITICAL']).optional(),
  specChanged: z.boolean().optional(),
  resourceAbsent: z.boolean().optional(),
});

/** A path that is known to differ, with a reason, an owner and an end. It hides from alerts and actions, never from storage or counts. */
export const IgnoreRuleSpec = z.strictObject({
  priority: z.int().default(100),
  reason: z.string().min(1),
  ownedBy: z.strictObject({ controller: z.string().optional(), team: z.string().optional() }).optional(),
  match: Match,
  when: z.string().optional(),
  tolerate: z
    .strictObject({
      mode: z.enum(['any', 'value', 'range', 'setEquals', 'normalize']).default('any'),
      min: bound.optional(),
      max: bound.optional(),
      value: z.union([JsonScalar, z.array(JsonScalar)]).optional(),
    })
    .default({ mode: 'any' }),
  compensatingDetectors: z.array(z.string()).default([]),
  expiresAt: ExpiryField.optional(),
  expiresWhen: z.array(ExpiresWhen).default([{ riskAtLeast: 'HIGH' }, { specChanged: true }]),
  review: z.strictObject({ every: DurationField, lastAt: ExpiryField.optional() }).optional(),
  notifyBefore: z.array(DurationField).default([]),
  abuseAnalysis: z.string().optional(),
  ticket: z.string().optional(),
  effect: z.literal('deny').optional(),
  approvals: z.array(z.json()).default([]),
  tests: TestCases,
});
export type IgnoreRuleSpec = z.infer<typeof IgnoreRuleSpec>;
export type IgnoreRule = PolicyDocument<IgnoreRuleSpec>;

function refusal(code: string, pointer: string, message: string, next: string): DocumentRemark {
  return { code, level: 'error', pointer, message, next };
}

function isScoped(spec: IgnoreRuleSpec): boolean {
  const { resource, labels, kind, unit } = spec.match;
  const kinds = resource?.kind ?? resource?.type ?? kind;
  return (
    kinds !== undefined &&
    (resource?.name !== undefined || resource?.namespace !== undefined || labels !== undefined || unit !== undefined)
  );
}

/** A path that takes in a whole container of sensitive members. */
const BROAD_PATHS: ReadonlySet<string> = new Set([
  '/',
  '/**',
  '/*',
  '/spec',
  '/spec/**',
  '/spec/template',
  '/spec/template/spec',
  '/spec/template/spec/containers',
]);

function namesSensitive(spec: IgnoreRuleSpec): boolean {
  return (spec.match.category ?? []).some((word) => SENSITIVE_CATEGORIES.has(word as Category));
}

function scopeRemarks(spec: IgnoreRuleSpec): readonly DocumentRemark[] {
  const remarks: DocumentRemark[] = [];
  if (spec.ownedBy?.controller === undefined && spec.ownedBy?.team === undefined) {
    remarks.push(
      refusal('KL130', '/spec/ownedBy', 'nobody owns what this rule hides', 'name ownedBy.controller or ownedBy.team'),
    );
  }
  if (!isScoped(spec))
    remarks.push(
      refusal('KL131', '/spec/match', 'the rule is not scoped', 'name a kind, and a namespace, name, unit or label'),
    );
  const broad = (spec.match.paths ?? ['/']).some((path) => BROAD_PATHS.has(path));
  if (broad)
    remarks.push(
      refusal(
        'KL136',
        '/spec/match/paths',
        'the rule hides whole containers, and with them image, command and privilege',
        'name the leaf field that is noisy',
      ),
    );
  return remarks;
}

function timeRemarks(spec: IgnoreRuleSpec): readonly DocumentRemark[] {
  const remarks: DocumentRemark[] = [];
  if (spec.expiresAt === undefined && spec.review === undefined) {
    remarks.push(refusal('KL133', '/spec', 'the rule never ends', 'set expiresAt, or review.every and keep it'));
  }
  if (spec.compensatingDetectors.length === 0) {
    remarks.push(
      refusal(
        'KL135',
        '/spec/compensatingDetectors',
        'no other detector is named',
        'name units or rules that would still see abuse, or "none: why"',
      ),
    );
  }
  return remarks;
}

function sensitiveRemarks(spec: IgnoreRuleSpec): readonly DocumentRemark[] {
  if (!namesSensitive(spec)) return [];
  const remarks = [
    refusal(
      'KL132',
      '/spec/approvals',
      'a rule over sensitive paths needs two approvals proven by the reviewed merge that brought it; typed ones count zero',
      'narrow match.category, or accept single findings',
    ),
  ];
  if (spec.abuseAnalysis === undefined)
    remarks.push(
      refusal('KL132', '/spec/abuseAnalysis', 'no word on how an attacker could use this', 'write abuseAnalysis'),
    );
  return remarks;
}

/** The kind, for the table of kinds. */
export const IGNORE_RULE: PolicyKind<IgnoreRuleSpec> = {
  kind: 'IgnoreRule',
  summary: 'A path that is known to differ, with a reason, an owner and an end.',
  spec: IgnoreRuleSpec,
  examine: (spec) => [
    ...(spec.effect === 'deny' ? [] : [...scopeRemarks(spec), ...timeRemarks(spec), ...sensitiveRemarks(spec)]),
    ...whenRemarks(spec.when, '/spec/when'),
  ],
};
