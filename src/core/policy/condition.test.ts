import { describe, expect, it } from 'vitest';
import { compileCondition, type ConditionFacts } from './condition.ts';

const FACTS: ConditionFacts = { values: { unit: { name: 'payments-db', labels: {} }, now: '2026-07-03T10:22:31Z' } };

function ask(text: string, facts = FACTS): string {
  const compiled = compileCondition(text);
  return compiled.status === 'compiled' ? compiled.condition.evaluate(facts) : 'refused';
}

describe('conditions', () => {
  it('answers true and false, and unknown for a fact that nobody knows', () => {
    expect(ask('unit.name == "payments-db"')).toBe('true');
    expect(ask('unit.name == "other"')).toBe('false');
    expect(ask('context.incident.linked')).toBe('unknown');
    expect(ask('unit.labels.tier == "gold"')).toBe('unknown');
  });

  it('GOV-07: an error or a value that is no boolean is unknown', () => {
    expect(ask('1 / 0 == 1')).toBe('unknown');
    expect(ask('"true"')).toBe('unknown');
    expect(ask('1')).toBe('unknown');
    expect(ask('unit.nobody()')).toMatch(/unknown|refused/);
  });

  it('GOV-07: refuses a nested comprehension, whatever its macros', () => {
    expect(ask('[1, 2].all(x, [1, 2].exists(y, x == y))')).toBe('refused');
    expect(ask('[1, 2].map(x, [1].filter(y, y == x)).size() == 2')).toBe('refused');
    expect(ask('[1, 2].all(x, x > 0) && [1].exists(y, y == 1)')).toBe('true');
  });

  it('GOV-07: a catastrophic pattern is read in bounded time', () => {
    const started = performance.now();
    const facts: ConditionFacts = { values: { unit: { name: `${'a'.repeat(50_000)}!` } } };

    expect(ask('unit.name.matches("^(a+)+$")', facts)).toBe('false');
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('GOV-07: a list of more than 1,000 members makes the condition unknown', () => {
    const list = (length: number): ConditionFacts => ({ values: { names: Array.from({ length }, () => 'a') } });

    expect(ask('names.all(x, x == "a")', list(1_000))).toBe('true');
    expect(ask('names.all(x, x == "a")', list(1_001))).toBe('unknown');
  });

  it('reads an expression once', () => {
    expect(compileCondition('unit.name == "a"')).toBe(compileCondition('unit.name == "a"'));
  });
});
