import { describe, expect, it } from 'vitest';
import { aDifference, anInput, aResource, aUnit, CORRECT } from '../../../../test/support/builders.ts';
import { aDocumentSet } from '../../../../test/support/document-set.ts';
import type { Evaluation } from '../../model/evaluation.ts';
import type { EvaluationInput } from '../evaluation-input.ts';
import { evaluate } from '../evaluate.ts';

const MATCH = '{kind: DatabaseUser, unit: payments-db, paths: [/connectionLimit]}';

function rule(more = '', match = MATCH): string {
  return `{apiVersion: kedge.dev/v1alpha1, kind: IgnoreRule, metadata: {name: pooler}, spec: {reason: tuned by the pooler, ownedBy: {team: data}, match: ${match}, compensatingDetectors: ['none: a limit'], ${more}}}`;
}

function policyOf(...rules: readonly string[]): EvaluationInput['policy'] {
  const { policy, diagnostics } = aDocumentSet(rules.join('\n---\n'));
  expect(diagnostics).toEqual([]);
  return policy;
}

function evaluated(more: Partial<EvaluationInput>): Evaluation {
  const [evaluation] = evaluate(anInput(more));
  if (evaluation === undefined) throw new Error('nothing was evaluated');
  return evaluation;
}

const UNTIL_AUGUST = 'expiresAt: 2026-08-01T00:00:00Z';

function ignoreStep(evaluation: Evaluation): { rule: string; failed: string } | undefined {
  const nearest = evaluation.classification.trace.find((each) => each.step === 'ignore')?.nearest;
  return nearest === undefined ? undefined : { ...nearest };
}

describe('ignore rules', () => {
  it('hide a difference and keep the class and risk it would have', () => {
    const evaluation = evaluated({ policy: policyOf(rule(UNTIL_AUGUST)) });

    expect(evaluation.suppressed).toBe(true);
    expect(evaluation.judged[0]?.hiddenBy).toEqual({ kind: 'IgnoreRule', name: 'pooler' });
    expect(evaluation.autoHealAllowed).toBe(false);
  });

  it('GOV-13: when only the clock passes the end, the difference shows again at that very instant', () => {
    const policy = policyOf(rule(UNTIL_AUGUST));
    const at = (now: string): boolean => evaluated({ policy, now }).suppressed;

    expect(at('2026-07-31T23:59:59.999Z')).toBe(true);
    expect(at('2026-08-01T00:00:00Z')).toBe(false);
    expect(ignoreStep(evaluated({ policy, now: '2026-08-01T00:00:00Z' }))).toEqual({
      rule: 'pooler',
      failed: 'it has expired',
    });
  });

  it('GOV-13: a bare date ends with its UTC day, a review that was not kept and a malformed date have ended', () => {
    const at = (more: string, now: string): boolean => evaluated({ policy: policyOf(rule(more)), now }).suppressed;

    expect(at('expiresAt: 2026-07-31', '2026-07-31T23:59:59Z')).toBe(true);
    expect(at('expiresAt: 2026-07-31', '2026-08-01T00:00:00Z')).toBe(false);
    expect(at('review: {every: 30d, lastAt: 2026-07-01T00:00:00Z}', '2026-07-30T00:00:00Z')).toBe(true);
    expect(at('review: {every: 30d, lastAt: 2026-07-01T00:00:00Z}', '2026-07-31T00:00:00Z')).toBe(false);
    expect(at('review: {every: 30d}', '2026-07-03T00:00:00Z')).toBe(false);
    expect(at('expiresAt: next tuesday', '2026-07-03T00:00:00Z')).toBe(false);
  });

  it('GOV-15: a hidden difference whose shadow risk becomes HIGH shows again, and the trace names the rule', () => {
    const policy = policyOf(rule(UNTIL_AUGUST));
    const low = evaluated({ policy });
    const high = evaluated({ policy, differences: [aDifference({ floor: 'HIGH', actual: -1 })] });

    expect(low.suppressed).toBe(true);
    expect(high).toMatchObject({ suppressed: false, risk: 'HIGH' });
    expect(ignoreStep(high)).toEqual({ rule: 'pooler', failed: 'its risk would be HIGH, and the rule ends at HIGH' });
  });

  it('end when the declaration changes', () => {
    const policy = policyOf(rule(UNTIL_AUGUST));

    expect(evaluated({ policy, differences: [aDifference({ relation: 'THREE_WAY_CONFLICT' })] }).suppressed).toBe(
      false,
    );
    expect(evaluated({ policy, differences: [aDifference({ relation: 'DESIRED_NOT_APPLIED' })] }).suppressed).toBe(
      false,
    );
  });

  it.each([
    ['mode: value, value: 2', 2, true],
    ['mode: value, value: 2', 3, false],
    ['mode: range, min: 1, max: 5', 5, true],
    ['mode: range, min: 1, max: 5', 6, false],
    ['mode: range, min: 1', 'two', false],
  ] as const)('tolerate {%s} of the value %s: %s', (tolerate, actual, hidden) => {
    const policy = policyOf(rule(`${UNTIL_AUGUST}, tolerate: {${tolerate}}`));

    expect(evaluated({ policy, differences: [aDifference({ actual })] }).suppressed).toBe(hidden);
  });

  it('tolerate a set whatever its order, and a spelling that says the same', () => {
    const set = policyOf(rule(`${UNTIL_AUGUST}, tolerate: {mode: setEquals, value: [a, b]}`));
    const spelling = policyOf(rule(`${UNTIL_AUGUST}, tolerate: {mode: normalize}`));

    expect(evaluated({ policy: set, differences: [aDifference({ actual: ['b', 'a'] })] }).suppressed).toBe(true);
    expect(evaluated({ policy: set, differences: [aDifference({ actual: ['b', 'c'] })] }).suppressed).toBe(false);
    expect(
      evaluated({ policy: spelling, differences: [aDifference({ desired: 'On', actual: 'on ' })] }).suppressed,
    ).toBe(true);
    expect(
      evaluated({ policy: spelling, differences: [aDifference({ desired: 'On', actual: 'off' })] }).suppressed,
    ).toBe(false);
  });

  it('a document with effect deny shows what another rule would hide', () => {
    const deny = `{apiVersion: kedge.dev/v1alpha1, kind: IgnoreRule, metadata: {name: never}, spec: {effect: deny, reason: limits, match: {paths: [/connectionLimit]}}}`;

    expect(evaluated({ policy: policyOf(rule(UNTIL_AUGUST), deny) }).suppressed).toBe(false);
  });

  it('GOV-06: an ignore rule whose condition is unknown hides nothing, and an unknown deny denies', () => {
    const unknown = policyOf(rule(`${UNTIL_AUGUST}, when: context.pooler.active`));
    const deny = `{apiVersion: kedge.dev/v1alpha1, kind: IgnoreRule, metadata: {name: never}, spec: {effect: deny, reason: classified, match: {dataClassification: restricted}}}`;
    const sure = aUnit({ dataClassification: 'public' });

    expect(evaluated({ policy: unknown }).suppressed).toBe(false);
    expect(evaluated({ policy: policyOf(rule(UNTIL_AUGUST), deny) }).suppressed).toBe(false);
    expect(evaluated({ policy: policyOf(rule(UNTIL_AUGUST), deny), unit: sure }).suppressed).toBe(true);
  });

  it('GOV-06: a heal policy whose condition is unknown does not heal, and one that holds does', () => {
    const heal = (when: string): EvaluationInput['policy'] =>
      policyOf(
        `{apiVersion: kedge.dev/v1alpha1, kind: AutoHealPolicy, metadata: {name: heal}, spec: {match: {unit: payments-db}, when: '${when}', allowedPaths: [/connectionLimit], minAge: 0s}}`,
      );
    const codes = (when: string): readonly string[] =>
      evaluated({
        policy: heal(when),
        unit: aUnit({ policies: { ...aUnit().policies, autoHeal: true } }),
      }).decision.reasons.map((each) => each.code);

    expect(codes('context.pooler.active')).toContain('NO_POLICY');
    expect(codes('unit.name == "payments-db"')).not.toContain('NO_POLICY');
  });

  it('GOV-14: approvals typed into a rule count zero: it is refused when it names a sensitive category, and hides none', () => {
    const typed = "approvals: [{by: alice}, {by: bob}], abuseAnalysis: 'none', ";
    const named = aDocumentSet(
      rule(
        `${typed}${UNTIL_AUGUST}`,
        '{kind: DatabaseUser, unit: payments-db, category: privilege, paths: [/connectionLimit]}',
      ),
    );
    const unnamed = policyOf(rule(`${typed}${UNTIL_AUGUST}`));

    expect(named.policy.ignoreRules).toEqual([]);
    expect(named.diagnostics.map((each) => each.code)).toEqual(['KL132']);
    expect(
      evaluated({ policy: unnamed, differences: [aDifference({ category: 'privilege', cap: 'LOW' })] }).suppressed,
    ).toBe(false);
  });

  it.each([
    ['KL130', (text: string) => text.replace('ownedBy: {team: data}, ', '')],
    ['KL131', (text: string) => text.replace('unit: payments-db, ', '')],
    ['KL133', (text: string) => text.replace(UNTIL_AUGUST, '')],
    ['KL135', (text: string) => text.replace("compensatingDetectors: ['none: a limit'], ", '')],
    ['KL136', (text: string) => text.replace('[/connectionLimit]', '[/spec/template/spec/containers]')],
  ])('%s refuses a rule that leaves its question open', (code, without) => {
    const { policy, diagnostics } = aDocumentSet(without(rule(UNTIL_AUGUST)));

    expect(policy.ignoreRules).toEqual([]);
    expect(diagnostics.map((each) => [each.code, each.level])).toEqual([[code, 'error']]);
    expect(diagnostics[0]?.location?.line).toBe(1);
  });

  it('KL134 refuses a rule that outlives the tier of a unit it reaches', () => {
    const unit = (tier: string): string =>
      `{apiVersion: kedge.dev/v1alpha1, kind: DriftManagedUnit, metadata: {name: payments-db}, spec: {type: database-instance, owner: data, riskTier: ${tier}}}`;
    const september = rule('expiresAt: 2026-09-01T00:00:00Z');

    const critical = aDocumentSet(`${unit('critical')}\n---\n${september}`);
    const standard = aDocumentSet(`${unit('standard')}\n---\n${september}`);

    expect(critical.policy.ignoreRules).toEqual([]);
    expect(critical.diagnostics.map((each) => [each.code, each.pointer])).toEqual([['KL134', '/spec/expiresAt']]);
    expect(standard.policy.ignoreRules).toHaveLength(1);
    const elsewhere = aDocumentSet(`${unit('critical').replace('payments-db', 'other-db')}\n---\n${september}`);
    expect(elsewhere.diagnostics).toEqual([]);
  });

  it('a switch of the operators heals nothing that is hidden', () => {
    const resources = new Map([['user/app', aResource({ operatorSwitch: CORRECT })]]);

    expect(evaluated({ resources }).autoHealAllowed).toBe(true);
    expect(evaluated({ policy: policyOf(rule(UNTIL_AUGUST)), resources }).autoHealAllowed).toBe(false);
  });
});
