import { describe, expect, it } from 'vitest';
import { aDifference, anInput, aResource, CORRECT } from '../../../../test/support/builders.ts';
import { aDocumentSet } from '../../../../test/support/document-set.ts';
import { groupDifferences } from '../../compare/identity.ts';
import type { Evaluation } from '../../model/evaluation.ts';
import { evaluate } from '../evaluate.ts';
import type { EvaluationInput } from '../evaluation-input.ts';
import { requestAction } from '../request-action.ts';

const WEEKEND = '{schedule: "0 17 * * FRI", duration: 62h, timeZone: Europe/Berlin}';
const SATURDAY = '2026-07-04T12:00:00Z';
const WEDNESDAY = '2026-07-08T12:00:00Z';

function freeze(more = '', windows = `[${WEEKEND}]`): string {
  return `{apiVersion: kedge.dev/v1alpha1, kind: FreezeWindow, metadata: {name: weekend}, spec: {reason: nobody is there, windows: ${windows}${more}}}`;
}

function inputOf(documents: string, now: string, more: Partial<EvaluationInput> = {}): EvaluationInput {
  const { policy, diagnostics } = aDocumentSet(documents);
  expect(diagnostics).toEqual([]);
  const base = anInput();
  return anInput({
    policy,
    now,
    resources: new Map([['user/app', aResource({ operatorSwitch: CORRECT })]]),
    circumstances: { ...base.circumstances, desiredAt: now, observedAt: now },
    ...more,
  });
}

function codesOf(input: EvaluationInput): readonly string[] {
  return evaluate(input)[0]?.decision.reasons.map((each) => each.code) ?? [];
}

function requested(input: EvaluationInput, action: Parameters<typeof requestAction>[2]): readonly string[] {
  const [group] = groupDifferences(input.unit.name, input.differences);
  if (group === undefined) throw new Error('no group');
  const verdict = requestAction(input, group.identity, action);
  return verdict.status === 'allowed' ? ['allowed'] : verdict.gates.map((gate) => gate.code);
}

function stepOf(evaluation: Evaluation | undefined): unknown {
  return evaluation?.classification.trace.find((each) => each.step === 'freeze');
}

describe('freezes', () => {
  it('GOV-26: stop a heal under a switch while they are open, and nothing before or after', () => {
    expect(codesOf(inputOf(freeze(), SATURDAY))).toEqual(['FREEZE']);
    expect(codesOf(inputOf(freeze(), WEDNESDAY))).toEqual([]);
    expect(evaluate(inputOf(freeze(), WEDNESDAY))[0]?.autoHealAllowed).toBe(true);
    expect(codesOf(inputOf(freeze(', match: {unit: other-db}'), SATURDAY))).toEqual([]);
  });

  it('GOV-06: hold where their match, condition or time is unknown', () => {
    expect(codesOf(inputOf(freeze(', match: {dataClassification: pii}'), SATURDAY))).toEqual(['FREEZE']);
    expect(codesOf(inputOf(freeze(', when: context.incident.linked'), SATURDAY))).toEqual(['FREEZE']);
    expect(codesOf(inputOf(freeze(', when: "unit.name == \'other\'"'), SATURDAY))).toEqual([]);
    const [rule] = inputOf(freeze(), WEDNESDAY).policy.freezeWindows;
    if (rule === undefined) throw new Error('no freeze');
    const lost = { ...rule, spec: { ...rule.spec, windows: [{ schedule: 'x', duration: 1, timeZone: 'Mars/Base' }] } };
    const input = inputOf('', WEDNESDAY);
    expect(codesOf({ ...input, policy: { ...input.policy, freezeWindows: [lost] } })).toEqual(['FREEZE']);
  });

  it('GOV-31: refuse the requests they name, and never an incident or a pull request', () => {
    const differences = [aDifference({ desired: 20, recorded: 20, actual: 5 })];
    const all = inputOf(freeze(), SATURDAY, { differences });
    expect(requested(all, 'RUNTIME_REVERT')).toEqual(['FREEZE']);
    expect(requested(all, 'INCIDENT')).toEqual(['allowed']);
    const only = inputOf(freeze(', deny: [DESTROY_RECREATE]'), SATURDAY, { differences });
    expect(requested(only, 'RUNTIME_REVERT')).toEqual(['allowed']);
  });

  it('say in the trace which holds and until when, or why the nearest does not', () => {
    expect(stepOf(evaluate(inputOf(freeze(), SATURDAY))[0])).toMatchObject({
      rule: 'weekend',
      outcome: 'frozen by weekend (until 2026-07-06T05:00:00Z)',
      facts: [{ name: 'weekend', value: 'nobody is there' }],
    });
    expect(stepOf(evaluate(inputOf(freeze(), WEDNESDAY))[0])).toMatchObject({
      outcome: 'no freeze holds',
      nearest: { rule: 'weekend', failed: 'no window is open' },
    });
    expect(stepOf(evaluate(inputOf(freeze(', match: {unit: other-db}'), SATURDAY))[0])).toMatchObject({
      nearest: { rule: 'weekend', failed: 'match.unit' },
    });
  });

  it('end with the last of their open windows', () => {
    const both = `[${WEEKEND}, {start: "2026-07-04", end: "2026-07-09"}]`;

    expect(evaluate(inputOf(freeze('', both), SATURDAY))[0]?.decision.reasons[0]?.because).toBe(
      'weekend forbids RUNTIME_REVERT until 2026-07-09T00:00:00Z: nobody is there',
    );
  });
});
