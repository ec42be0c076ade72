import fastCheck from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './digest.ts';
import { jsonEqual, type JsonValue } from './json.ts';

const json = fastCheck.jsonValue({ maxDepth: 4 }) as fastCheck.Arbitrary<JsonValue>;

describe('jsonEqual', () => {
  it('agrees with the canonical texts, whatever the values', () => {
    fastCheck.assert(
      fastCheck.property(json, json, (left, right) => {
        expect(jsonEqual(left, right)).toBe(canonicalJson(left) === canonicalJson(right));
        expect(jsonEqual(left, JSON.parse(canonicalJson(left)) as JsonValue)).toBe(true);
      }),
    );
  });

  it('tells apart what only looks alike', () => {
    expect(jsonEqual({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true);
    expect(jsonEqual([1, 2], [2, 1])).toBe(false);
    expect(jsonEqual({}, [])).toBe(false);
    expect(jsonEqual([], {})).toBe(false);
    expect(jsonEqual(null, {})).toBe(false);
    expect(jsonEqual({ a: 1 }, { b: 1 })).toBe(false);
    expect(jsonEqual(JSON.parse('{"__proto__":1}') as JsonValue, { a: 1 })).toBe(false);
    expect(jsonEqual({ toString: 1 }, { a: 1 })).toBe(false);
  });
});
