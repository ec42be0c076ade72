import { describe, expect, it } from 'vitest';
import { aDifference, anInput, aResource, NOW } from '../../../../test/support/builders.ts';
import { aDocumentSet } from '../../../../test/support/document-set.ts';
import type { Evaluation } from '../../model/evaluation.ts';
import { evaluate } from '../evaluate.ts';
import type { EvaluationInput } from '../evaluation-input.ts';

const DIFFERENCE = aDifference({ path: '/connectionLimit', category: 'capacity' });
const BY_HAND: EvaluationInput['correlations'] = new Map([
  [DIFFERENCE, { confidence: 'confirmed', actor: 'mallory', actorType: 'human', source: 'log' } as const],
]);

function rule(spec: string, name = 'ours'): string {
  return `{apiVersion: kedge.dev/v1alpha1, kind: ClassificationRule, metadata: {name: ${name}}, spec: ${spec}}`;
}

function evaluated(documents: readonly string[], more: Partial<EvaluationInput> = {}): Evaluation | undefined {
  const { policy, diagnostics } = aDocumentSet(documents.join('\n---\n'));
  expect(diagnostics).toEqual([]);
  const resources = new Map([['user/app', aResource()]]);
  return evaluate(anInput({ differences: [DIFFERENCE], resources, policy, ...more }))[0];
}

function classOf(documents: readonly string[], more: Partial<EvaluationInput> = {}): readonly unknown[] {
  const found = evaluated(documents, more);
  return [found?.driftClass, found?.cause, found?.classification.rule];
}

describe('class rules of a team', () => {
  it('name what the shipped pack does not, below it by default and above it by priority', () => {
    const ours =
      '{match: {paths: [/connectionLimit]}, set: {driftClass: DEPENDENCY_DRIFT, cause: EXTERNAL_DEPENDENCY}}';
    const facts: EvaluationInput['facts'] = new Map([
      ['context.change.matched', { status: 'known', value: false, source: 'git', at: NOW } as const],
      ['context.incident.linked', { status: 'known', value: false, source: 'git', at: NOW } as const],
    ]);

    expect(classOf([])).toEqual(['UNCLASSIFIED', 'UNKNOWN', 'none']);
    expect(classOf([rule(ours)])).toEqual(['DEPENDENCY_DRIFT', 'EXTERNAL_DEPENDENCY', 'ours']);
    const human = { correlations: BY_HAND, facts };
    expect(classOf([rule(ours)], human)[2]).toBe('human-change-without-pr');
    expect(classOf([rule(ours.replace('{match', '{priority: 470, match'))], human)[2]).toBe('ours');
  });

  it('bound the risk without naming a class', () => {
    const risk = (set: string): unknown => evaluated([rule(`{match: {unit: payments-db}, set: ${set}}`)])?.risk;

    expect(evaluated([])?.risk).toBe('MEDIUM');
    expect(risk('{riskAtMost: LOW}')).toBe('LOW');
    expect(risk('{riskAtLeast: HIGH}')).toBe('HIGH');
    expect(evaluated([rule('{match: {unit: payments-db}, set: {riskAtLeast: HIGH}}')])?.driftClass).toBe(
      'UNCLASSIFIED',
    );
  });

  it('move a shipped rule or take it out', () => {
    const facts: EvaluationInput['facts'] = new Map([
      ['context.change.matched', { status: 'known', value: false, source: 'git', at: NOW } as const],
      ['context.incident.linked', { status: 'known', value: false, source: 'git', at: NOW } as const],
    ]);
    const human = { correlations: BY_HAND, facts };
    const off = rule('{shipped: human-change-without-pr, disabled: true}');
    const ours = rule('{match: {unit: payments-db}, set: {driftClass: POLICY_DRIFT}}', 'b');
    const moved = rule('{shipped: human-change-without-pr, priority: 50}');

    expect(classOf([off], human)[2]).toBe('none');
    expect(classOf([ours], human)[2]).toBe('human-change-without-pr');
    expect(classOf([ours, moved], human)[2]).toBe('b');
  });

  it('GOV-05: one that waits for a fact makes the finding provisional, one that nobody will answer does not', () => {
    const waiting: EvaluationInput['facts'] = new Map([
      ['context.incident.linked', { status: 'unknown', reason: 'pending', deadline: '2099-01-01T00:00:00Z' } as const],
    ]);
    const ours = rule('{match: {incidentLinked: "true"}, set: {driftClass: EMERGENCY_DRIFT}}');

    expect(
      evaluated([rule('{match: {dataClassification: pii}, set: {driftClass: POLICY_DRIFT}}')])?.provisional,
    ).toEqual({ status: 'final' });
    expect(evaluated([ours], { facts: waiting })?.provisional).toMatchObject({
      status: 'provisional',
      missing: ['context.incident.linked'],
      finalAt: '2099-01-01T00:00:00Z',
    });
  });

  it.each([
    ['{match: {unit: x}}', '/spec/set'],
    ['{match: {risk: HIGH}, set: {driftClass: POLICY_DRIFT}}', '/spec/match/risk'],
    ['{set: {riskAtLeast: HIGH, riskAtMost: LOW}}', '/spec/set/riskAtMost'],
    ['{shipped: human-change-witout-pr, disabled: true}', '/spec/shipped'],
    ['{shipped: fight, set: {driftClass: POLICY_DRIFT}}', '/spec'],
    ['{disabled: true, set: {driftClass: POLICY_DRIFT}}', '/spec/disabled'],
  ])('are refused when they cannot mean anything: %s', (spec, pointer) => {
    const { policy, diagnostics } = aDocumentSet(rule(spec));

    expect(policy.classificationRules).toEqual([]);
    expect(diagnostics.map((each) => [each.code, each.pointer])).toEqual([['CLASSIFICATION_INVALID', pointer]]);
  });
});
