import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sha256, canonicalJson } from '../model/digest.ts';
import { digestValue } from './value-digest.ts';

const KEY = randomBytes(32);
const digest = (value: unknown, context = '', key: Uint8Array = KEY, unit = 'payments-db'): string =>
  digestValue(key, unit, { value: value as never, context });

describe('value digests', () => {
  it('EV-40: confirm no guess of a four-digit secret to one who has everything but the key', () => {
    const known = digest('4711');
    const guesses = Array.from({ length: 10_000 }, (_, at) => String(at).padStart(4, '0'));
    const tries = guesses.flatMap((guess) => [
      guess,
      JSON.stringify(guess),
      `payments-db${guess}`,
      canonicalJson({ value: guess }),
    ]);

    expect(tries.some((guess) => known.includes(sha256(guess).slice('sha256:'.length)))).toBe(false);
    const otherKey = randomBytes(32);
    expect(guesses.slice(4_700, 4_720).some((guess) => digest(guess, '', otherKey) === known)).toBe(false);
  });

  it('tell values of different types, contexts and units apart, and equal ones equal', () => {
    const all = ['1', 1, null, '', [], {}].map((value) => digest(value));

    expect(new Set(all).size).toBe(all.length);
    expect(digest({ b: 1, a: 2 })).toBe(digest({ a: 2, b: 1 }));
    expect(digest('x', 'one')).not.toBe(digest('x', 'two'));
    expect(digest('x', '', KEY, 'a')).not.toBe(digest('x', '', KEY, 'b'));
  });
});
