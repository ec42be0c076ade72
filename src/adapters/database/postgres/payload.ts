import { z } from 'zod';
import { digestJson, type Digest } from '../../../core/model/digest.ts';
import type { JsonValue } from '../../../core/model/json.ts';
import { FactPattern, factsMatching, type FactMap } from './affected/fact.ts';
import { Write } from './statements/schema.ts';

/** Facts the decision was made on: those a pattern covers, all of them. Whatever else is found there has moved. */
export const SeenFacts = z.strictObject({
  pattern: FactPattern,
  facts: z.array(z.tuple([z.string(), z.json()])),
});
export type SeenFacts = Readonly<z.infer<typeof SeenFacts>>;

/** What one transaction in one database does. */
export const PlanPart = z.strictObject({
  database: z.string(),
  writes: z.array(Write).min(1),
  seen: z.array(SeenFacts),
});
export type PlanPart = Readonly<z.infer<typeof PlanPart>>;

/** Which server a plan is for and how it is reached. An approval binds it too. */
export const PlanServer = z.strictObject({
  systemIdentifier: z.string(),
  major: z.int(),
  host: z.string(),
  port: z.int(),
});
export type PlanServer = Readonly<z.infer<typeof PlanServer>>;

/** This adapter's own form of a plan: typed parts, in order, one transaction each. */
export const PlanPayload = z.strictObject({
  format: z.literal('postgres-1'),
  server: PlanServer,
  parts: z.array(PlanPart).min(1),
});
export type PlanPayload = Readonly<z.infer<typeof PlanPayload>>;

/** Digest of the facts a plan was made on. */
export function fingerprintOf(parts: readonly PlanPart[]): Digest {
  return digestJson(parts.map(({ database, seen }): JsonValue => [database, seen as unknown as JsonValue]));
}

/** Patterns whose facts are no longer those the decision was made on. */
export function movedSince(seen: readonly SeenFacts[], facts: FactMap): readonly string[] {
  return seen
    .filter((each) => {
      const now = factsMatching(each.pattern, facts);
      const then = [...each.facts].sort(([left], [right]) => (left < right ? -1 : 1));
      return digestJson(now) !== digestJson(then);
    })
    .map(({ pattern }) => pattern.map((part) => (typeof part === 'string' ? part : '*')).join(' '));
}
