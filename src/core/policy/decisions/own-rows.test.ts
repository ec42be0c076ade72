import { describe, expect, it } from 'vitest';
import { aDifference, anInput, aResource } from '../../../../test/support/builders.ts';
import { aDocumentSet } from '../../../../test/support/document-set.ts';
import type { Evaluation } from '../../model/evaluation.ts';
import { evaluate } from '../evaluate.ts';
import type { EvaluationInput } from '../evaluation-input.ts';

const HIGH = aDifference({ path: '/attributes/createdb', pathRoot: '/attributes', category: 'privilege' });

function policyDocument(rows: string, name = 'ours', priority = 100): string {
  return `{apiVersion: kedge.dev/v1alpha1, kind: ReconciliationPolicy, metadata: {name: ${name}}, spec: {priority: ${priority}, decisions: [${rows}]}}`;
}

function evaluated(documents: readonly string[], more: Partial<EvaluationInput> = {}): Evaluation | undefined {
  const { policy, diagnostics } = aDocumentSet(documents.join('\n---\n'));
  expect(diagnostics).toEqual([]);
  const resources = new Map([['user/app', aResource()]]);
  return evaluate(anInput({ differences: [HIGH], resources, policy, ...more }))[0];
}

const decisionOf = (documents: readonly string[], more: Partial<EvaluationInput> = {}): readonly unknown[] => {
  const decision = evaluated(documents, more)?.decision;
  return [decision?.action, decision?.approval, decision?.rule];
};

describe('decision rows of a team', () => {
  it('come before the shipped ones, by priority of their document, then in their order', () => {
    const incident = '{name: tell, match: {category: privilege}, action: INCIDENT}';
    const none = '{name: wait, match: {unit: payments-db}, action: NONE}';

    expect(decisionOf([])).toEqual(['INCIDENT', 'none', 'R03']);
    expect(decisionOf([policyDocument(none)])).toEqual(['NONE', 'none', 'ours/wait']);
    expect(decisionOf([policyDocument(`${incident}, ${none}`)])[2]).toBe('ours/tell');
    expect(decisionOf([policyDocument(incident), policyDocument(none, 'first', 200)])[2]).toBe('first/wait');
    expect(decisionOf([policyDocument(none.replace('payments-db', 'other-db'))])[2]).toBe('R03');
  });

  it('are passed over when their action would not restore the right relationship, and the trace says so', () => {
    const found = evaluated([policyDocument('{name: forget, action: STATE_REFRESH}')]);

    expect(found?.decision.rule).toBe('R03');
    const nearest = found?.classification.trace.find((each) => each.step === 'decide')?.nearest;
    expect(nearest?.rule).toBe('ours/forget (STATE_REFRESH)');
    expect(nearest?.failed).toContain('INADMISSIBLE');
  });

  it('GOV-23: lift no gate: a row that asks for a revert without consent heals nothing by itself', () => {
    const found = evaluated([policyDocument('{name: always, action: RUNTIME_REVERT, approval: none}')]);

    expect([found?.decision.action, found?.autoHealAllowed]).toEqual(['RUNTIME_REVERT', false]);
    expect(found?.decision.reasons.map((each) => each.code)).toEqual(
      expect.arrayContaining(['NO_POLICY', 'KIND_GATED', 'CLASS_NOT_HEALABLE']),
    );
  });

  it('GOV-05: one that waits for a fact makes the finding provisional', () => {
    const facts: EvaluationInput['facts'] = new Map([
      ['context.incident.linked', { status: 'unknown', reason: 'pending', deadline: '2099-01-01T00:00:00Z' } as const],
    ]);
    const row = '{name: linked, match: {incidentLinked: "true"}, action: NONE}';

    expect(evaluated([policyDocument(row)], { facts })?.provisional.status).toBe('provisional');
    expect(evaluated([policyDocument(row)])?.provisional.status).toBe('final');
  });

  it('name the nearest that did not match', () => {
    const found = evaluated([policyDocument('{name: other, match: {unit: other-db}, action: NONE}')]);

    expect(found?.classification.trace.find((each) => each.step === 'decide')?.nearest).toEqual({
      rule: 'ours/other',
      failed: 'match.unit',
    });
  });

  it('are refused under one name twice, and with a condition that is none', () => {
    const { policy, diagnostics } = aDocumentSet(
      policyDocument('{name: a, action: NONE}, {name: a, action: NONE}, {name: b, when: "a.b(", action: NONE}'),
    );

    expect(policy.reconciliationPolicies).toEqual([]);
    expect(diagnostics.map((each) => [each.code, each.pointer])).toEqual([
      ['DECISION_DOUBLE', '/spec/decisions/1/name'],
      ['CONDITION_INVALID', '/spec/decisions/2/when'],
    ]);
  });
});
