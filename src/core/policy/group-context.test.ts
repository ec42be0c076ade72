import { describe, expect, it } from 'vitest';
import { aDifference, anInput, aResource } from '../../../test/support/builders.ts';
import { groupDifferences } from '../compare/identity.ts';
import type { AuditCorrelation } from '../model/finding.ts';
import { subjectOf, type GroupContext } from './group-context.ts';
import { matches } from './matcher.ts';

const DIFFERENCE = aDifference();

function answer(match: Readonly<Record<string, readonly string[]>>, correlation: AuditCorrelation): string {
  const input = anInput({ differences: [DIFFERENCE], correlations: new Map([[DIFFERENCE, correlation]]) });
  const [group] = groupDifferences(input.unit.name, input.differences);
  if (group === undefined) throw new Error('no group');
  const context: GroupContext = { input, group, resource: aResource(), history: undefined };
  return matches(match, subjectOf(context, [DIFFERENCE]), 'permissive').answer;
}

describe('what selectors read of who wrote', () => {
  it.each(['not-covered', 'pending', 'ambiguous'] as const)('is unknown while the answer is %s', (confidence) => {
    expect(answer({ actorType: ['human'] }, { confidence })).toBe('unknown');
    expect(answer({ actorType: ['!human'] }, { confidence })).toBe('unknown');
    expect(answer({ actor: ['!mallory'] }, { confidence })).toBe('unknown');
    expect(answer({ confidence: [confidence] }, { confidence })).toBe('true');
  });

  it('is known where the sources answered', () => {
    const named = { actor: 'mallory', actorType: 'human', confidence: 'confirmed' } as const;

    expect(answer({ actorType: ['human'] }, named)).toBe('true');
    expect(answer({ actorType: ['!human'] }, named)).toBe('false');
    expect(answer({ actorType: ['human'] }, { confidence: 'none' })).toBe('false');
  });
});
