import { z } from 'zod';
import { jsonEqual, type JsonValue } from '../../../../core/model/json.ts';

/**
 * One small statement about a server: a key of plain names (`['role', 'reporting', 'superuser']`) and a value.
 * What a write may move is described and compared in facts alone, so that nothing else can move unseen.
 */
export type FactKey = readonly string[];

/** Facts by the JSON text of their key. */
export type FactMap = ReadonlyMap<string, JsonValue>;

/** The grantee of a fact that is given to everybody; no role has an empty name. */
export const EVERYBODY = '';

export function factText(key: FactKey): string {
  return JSON.stringify(key);
}

/** A key in which some parts stand for anything. */
export const FactPattern = z.array(z.union([z.string(), z.strictObject({ any: z.literal(true) })]));
export type FactPattern = readonly (string | { readonly any: true })[];

export const ANY = { any: true } as const;

export function parseFactText(text: string): FactKey {
  return z.array(z.string()).parse(JSON.parse(text));
}

export function matchesFact(pattern: FactPattern, key: FactKey): boolean {
  return (
    pattern.length === key.length && pattern.every((part, index) => typeof part !== 'string' || part === key[index])
  );
}

/** The facts a pattern covers, in the order of their keys. */
export function factsMatching(pattern: FactPattern, facts: FactMap): readonly (readonly [string, JsonValue])[] {
  if (pattern.every((part) => typeof part === 'string')) {
    const text = factText(pattern);
    const value = facts.get(text);
    return value === undefined ? [] : [[text, value]];
  }
  return [...facts]
    .filter(([text]) => matchesFact(pattern, parseFactText(text)))
    .sort(([left], [right]) => (left < right ? -1 : 1));
}

export function sameValue(left: JsonValue | undefined, right: JsonValue | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return jsonEqual(left, right);
}
