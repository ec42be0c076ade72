import { describe, expect, it } from 'vitest';
import { globMatches, matches, type MatchSubject } from './matcher.ts';
import { Match } from './documents/match.ts';

const SUBJECT: MatchSubject = {
  paths: ['/spec/template/spec/containers'],
  property: (key) => {
    if (key === 'dataClassification') return { status: 'unknown' };
    return { status: 'known', words: { environment: ['prod'], owner: ['payments-team'], risk: ['HIGH'] }[key] ?? [] };
  },
  label: (name) => ({ status: 'known', words: name === 'tier' ? ['gold'] : [] }),
};

function answer(match: unknown, reading: 'permissive' | 'restrictive' = 'permissive'): string {
  return matches(Match.parse(match), SUBJECT, reading).answer;
}

describe('match', () => {
  it('joins keys by AND and the words of a list by OR', () => {
    expect(answer({})).toBe('true');
    expect(answer({ environment: ['dev', 'prod'], owner: 'payments-*' })).toBe('true');
    expect(answer({ environment: ['dev', 'prod'], owner: 'other' })).toBe('false');
    expect(answer({ labels: { tier: 'gold' }, severity: 'high' })).toBe('true');
    expect(answer({ labels: { tier: 'silver' } })).toBe('false');
  });

  it('takes away by ! and reads re: as a whole RE2 pattern', () => {
    expect(answer({ environment: '!prod' })).toBe('false');
    expect(answer({ environment: '!dev' })).toBe('true');
    expect(answer({ owner: 're:payments-(team|crew)' })).toBe('true');
    expect(answer({ owner: 're:payments' })).toBe('false');
    expect(answer({ owner: ['payments-*', '!payments-team'] })).toBe('false');
  });

  it('answers unknown where nobody knows, unless another key is false', () => {
    expect(answer({ dataClassification: 'public' })).toBe('unknown');
    expect(answer({ dataClassification: '!public' })).toBe('unknown');
    expect(answer({ dataClassification: 'public', environment: 'dev' })).toBe('false');
  });

  it('covers at or below when permissive, and is touched from above when restrictive', () => {
    const image = { paths: ['/spec/template/spec/containers/*/image'] };

    expect(answer(image, 'permissive')).toBe('false');
    expect(answer(image, 'restrictive')).toBe('true');
    expect(answer({ paths: ['/spec/template'] }, 'permissive')).toBe('true');
    expect(answer({ paths: ['/metadata'] }, 'restrictive')).toBe('false');
  });

  it('names the key that failed', () => {
    expect(matches(Match.parse({ environment: 'prod', owner: 'x' }), SUBJECT, 'permissive').failed).toBe('owner');
  });

  it('GOV-07: reads catastrophic patterns and globs in bounded time', () => {
    const started = performance.now();
    const subject: MatchSubject = {
      ...SUBJECT,
      property: () => ({ status: 'known', words: [`${'a'.repeat(50_000)}!`] }),
    };

    expect(matches(Match.parse({ owner: 're:(a+)+$' }), subject, 'permissive').answer).toBe('false');
    expect(globMatches(`${'*a'.repeat(5_000)}b`, 'a'.repeat(50_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
