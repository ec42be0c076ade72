import { z } from 'zod';
import { regularExpression } from '../regular-expression.ts';
import { PathField } from './fields.ts';

function isReadable(text: string): boolean {
  const pattern = text.replace(/^!/, '');
  return !pattern.startsWith('re:') || regularExpression(pattern.slice('re:'.length)) !== undefined;
}

const word = z
  .union([z.string(), z.boolean(), z.number()])
  .transform((value) => String(value))
  .refine(isReadable, 'the text after re: is no RE2 pattern of at most 512 characters');
const words = z.union([word.transform((value) => [value]), z.array(word)]);

const resource = z.strictObject({
  group: words.optional(),
  kind: words.optional(),
  type: words.optional(),
  name: words.optional(),
  namespace: words.optional(),
  provider: words.optional(),
});

/** Which findings a document speaks of: keys are joined by AND, the words of a list by OR; `!x` negates, `*` globs, `re:` is RE2. */
export const Match = z.strictObject({
  kind: words.optional(),
  unit: words.optional(),
  unitType: words.optional(),
  domain: words.optional(),
  environment: words.optional(),
  owner: words.optional(),
  riskTier: words.optional(),
  service: words.optional(),
  customerTier: words.optional(),
  criticality: words.optional(),
  dataClassification: words.optional(),
  complianceScope: words.optional(),
  resource: resource.optional(),
  labels: z.record(z.string(), words).optional(),
  paths: z.array(PathField).optional(),
  category: words.optional(),
  effect: words.optional(),
  taxonomy: words.optional(),
  driftClass: words.optional(),
  cause: words.optional(),
  risk: words.optional(),
  severity: words.optional(),
  relation: words.optional(),
  hint: words.optional(),
  state: words.optional(),
  rule: words.optional(),
  destructive: words.optional(),
  immutable: words.optional(),
  actor: words.optional(),
  actorType: words.optional(),
  confidence: words.optional(),
  incident: words.optional(),
  changeMatched: words.optional(),
  incidentLinked: words.optional(),
  upgradeRecent: words.optional(),
});
export type Match = z.infer<typeof Match>;
