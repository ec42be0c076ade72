import { z } from 'zod';
import { TestCases } from './test-case.ts';
import { DurationField, PathField } from './fields.ts';
import { Match } from './match.ts';
import type { DocumentRemark, ExamineContext, PolicyDocument, PolicyKind } from './policy-document.ts';
import { whenRemarks } from './when.ts';

/** Which declared paths of which resources may be put back without a person, within which bounds. */
export const AutoHealPolicySpec = z.strictObject({
  priority: z.int().default(100),
  appliesTo: z
    .strictObject({
      resourceKinds: z.array(z.string()).optional(),
      namespaces: z
        .strictObject({
          matchLabels: z.record(z.string(), z.string()).optional(),
          matchNames: z.array(z.string()).optional(),
        })
        .optional(),
    })
    .default({}),
  match: Match.optional(),
  when: z.string().optional(),
  effect: z.literal('deny').optional(),
  allowedPaths: z.array(PathField).default([]),
  deniedPaths: z.array(PathField).default([]),
  maxObjectsPerReconcile: z.int().positive().default(5),
  requireHealthyBeforeHeal: z.boolean().default(true),
  evidenceRequired: z
    .literal(true, 'evidence is always required before a write; remove the key or set it to true')
    .default(true),
  allowCreate: z.boolean().default(false),
  allowRestart: z.boolean().default(true),
  notifyBeforeHeal: z.boolean().default(false),
  minAge: DurationField.default(60_000),
  minConfidence: z.enum(['confirmed', 'probable', 'possible']).optional(),
  maxHealsPerHour: z.int().positive().default(3),
  verifyWithin: DurationField.default(120_000),
  tests: TestCases,
});
export type AutoHealPolicySpec = z.infer<typeof AutoHealPolicySpec>;
export type AutoHealPolicy = PolicyDocument<AutoHealPolicySpec>;

/** Kinds of the never-lists that no adapter declares, because no adapter owns them. */
const NEVER_KINDS: ReadonlySet<string> = new Set([
  'Secret',
  'ExternalSecret',
  'SecretStore',
  'ClusterSecretStore',
  'PushSecret',
  'CustomResourceDefinition',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'ServiceAccount',
  'NetworkPolicy',
  'Ingress',
  'Gateway',
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'APIService',
  'aws_iam_role',
  'aws_iam_policy',
  'aws_security_group',
  'aws_db_instance',
]);

/** Every kind or type a policy names, with the place where it does. A negated word takes away, so it is none. */
function namedKinds(spec: AutoHealPolicySpec): readonly { readonly kind: string; readonly pointer: string }[] {
  const { appliesTo, match } = spec;
  const listed = (appliesTo.resourceKinds ?? []).map((kind, index) => ({
    kind,
    pointer: `/spec/appliesTo/resourceKinds/${index}`,
  }));
  const matched = [
    { words: match?.kind, pointer: '/spec/match/kind' },
    { words: match?.resource?.kind, pointer: '/spec/match/resource/kind' },
    { words: match?.resource?.type, pointer: '/spec/match/resource/type' },
  ].flatMap(({ words = [], pointer }) => words.map((kind) => ({ kind, pointer })));
  return [...listed, ...matched].filter(({ kind }) => !kind.startsWith('!'));
}

function gatedRemarks(spec: AutoHealPolicySpec, { gatedKinds }: ExamineContext): readonly DocumentRemark[] {
  return namedKinds(spec).flatMap(({ kind, pointer }): readonly DocumentRemark[] => {
    const gated = NEVER_KINDS.has(kind) || gatedKinds.has(kind) || /_iam_|^CustomResource/.test(kind);
    if (!gated) return [];
    return [
      {
        code: 'KIND_GATED',
        level: 'error',
        pointer,
        message: `${kind} is on the never-list: no policy may heal it`,
        next: 'remove the kind; its drift waits for people',
      },
    ];
  });
}

function scopeRemarks(spec: AutoHealPolicySpec): readonly DocumentRemark[] {
  const scoped = spec.appliesTo.resourceKinds !== undefined || spec.match !== undefined;
  if (scoped && spec.allowedPaths.length > 0 && !spec.allowedPaths.includes('/') && !spec.allowedPaths.includes('/**'))
    return [];
  return [
    {
      code: 'KL201',
      level: 'error',
      pointer: '/spec',
      message: 'the policy would heal everything',
      next: 'name kinds (or match) and allowedPaths',
    },
  ];
}

/** The kind, for the table of kinds. */
export const AUTO_HEAL_POLICY: PolicyKind<AutoHealPolicySpec> = {
  kind: 'AutoHealPolicy',
  summary: 'Which paths may heal themselves, within which bounds.',
  spec: AutoHealPolicySpec,
  examine: (spec, context) => [
    ...(spec.effect === 'deny' ? [] : [...gatedRemarks(spec, context), ...scopeRemarks(spec)]),
    ...whenRemarks(spec.when, '/spec/when'),
  ],
};
