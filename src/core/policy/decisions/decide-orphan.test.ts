import { describe, expect, it } from 'vitest';
import { aDifference, anInput, aResource, CORRECT } from '../../../../test/support/builders.ts';
import { evaluate } from '../evaluate.ts';

function decided(hints: readonly string[]): { readonly action: string; readonly heals: boolean } {
  const difference = {
    ...aDifference({ path: '/', relation: 'ORPHANED', declared: false, hints }),
    desired: { status: 'absent' } as const,
  };
  const input = anInput({
    differences: [difference],
    resources: new Map([['user/app', aResource({ operatorSwitch: CORRECT })]]),
  });
  const [evaluation] = evaluate(input);
  return { action: evaluation?.decision.action ?? '', heals: evaluation?.autoHealAllowed ?? true };
}

describe('an orphan under a switch', () => {
  it('is put away when its ownership is proven', () => {
    expect(decided([])).toEqual({ action: 'RUNTIME_REVERT', heals: true });
  });

  it.each(['MARKER_ONLY', 'TAMPERED'])('is an incident and never heals with %s', (hint) => {
    expect(decided([hint])).toEqual({ action: 'INCIDENT', heals: false });
  });
});
