import { describe, expect, it } from 'vitest';
import { aDifference, anInput, aResource, aUnit, CORRECT, NOW } from '../../../../test/support/builders.ts';
import { aDocumentSet } from '../../../../test/support/document-set.ts';
import { groupDifferences } from '../../compare/identity.ts';
import type { Difference } from '../../model/difference.ts';
import type { EvaluationInput } from '../evaluation-input.ts';
import { evaluate } from '../evaluate.ts';
import type { GroupContext } from '../group-context.ts';
import { ownershipTies, ownPath, type Ownership } from './ownership.ts';

function rule(name: string, spec: string): string {
  return `{apiVersion: kedge.dev/v1alpha1, kind: DriftOwnershipRule, metadata: {name: ${name}}, spec: ${spec}}`;
}

function policyOf(...rules: readonly string[]): EvaluationInput['policy'] {
  const { policy, diagnostics } = aDocumentSet(rules.join('\n---\n'));
  expect(diagnostics).toEqual([]);
  return policy;
}

function inputOf(difference: Difference, more: Partial<EvaluationInput>): EvaluationInput {
  return anInput({ differences: [difference], ...more });
}

function own(difference: Difference, more: Partial<EvaluationInput>): Ownership {
  const input = inputOf(difference, more);
  const [group] = groupDifferences(input.unit.name, input.differences);
  if (group === undefined) throw new Error('no group');
  const context: GroupContext = { input, group, resource: aResource(), history: undefined };
  return ownPath(context, difference);
}

const REPLICAS = aDifference({ path: '/spec/replicas', actual: 7 });
const HPA = rule(
  'hpa',
  '{controllerOwned: [{path: /spec/replicas, owner: hpa, condition: hpa-enabled, acceptUndeclared: true, bounds: {min: 2, max: 10}}]}',
);

function fact(value: boolean): EvaluationInput['facts'] {
  return new Map([['condition.hpa-enabled', { status: 'known', value, source: 'test', at: NOW } as const]]);
}

describe('ownership of a path', () => {
  it('lets the most specific path win, and Git before runtime at equal rank', () => {
    const policy = policyOf(
      rule('wide', '{runtimeOwned: [/spec]}'),
      rule('narrow', '{policyOwned: [/spec/replicas], runtimeOwned: [/spec/replicas]}'),
    );

    expect(own(REPLICAS, { policy }).owner).toBe('policy');
    expect(own(aDifference({ path: '/spec/paused' }), { policy })).toMatchObject({
      owner: 'runtime',
      hiddenBy: { name: 'wide' },
    });
  });

  it('gives a declared path without a rule to Git, an undeclared one by the setting of the unit', () => {
    const undeclared = aDifference({ declared: false });
    const under = (undeclaredPaths: 'report' | 'security' | 'ignore'): string =>
      own(undeclared, { unit: aUnit({ policies: { ...aUnit().policies, undeclaredPaths } }) }).owner;

    expect(own(aDifference(), {}).owner).toBe('git');
    expect([under('report'), under('security'), under('ignore')]).toEqual(['git', 'policy', 'unowned']);
  });

  it('hides what a controller owns only while its condition holds, within bounds and by its own principal', () => {
    const policy = policyOf(HPA);

    expect(own(REPLICAS, { policy, facts: fact(true) })).toMatchObject({
      owner: 'controller:hpa',
      hiddenBy: { name: 'hpa' },
    });
    expect(own(REPLICAS, { policy, facts: fact(false) })).toMatchObject({ owner: 'git', hiddenBy: undefined });
    expect(own(aDifference({ path: '/spec/replicas', actual: 11 }), { policy, facts: fact(true) })).toMatchObject({
      owner: 'git',
      hiddenBy: undefined,
    });
    const named = policyOf(HPA.replace('condition:', 'principal: hpa-controller, condition:'));
    const by = (actor: string): Ownership =>
      own(REPLICAS, {
        policy: named,
        facts: fact(true),
        correlations: new Map([[REPLICAS, { actor, confidence: 'confirmed' } as const]]),
      });
    expect(by('mallory').owner).toBe('git');
    expect(by('hpa-controller').owner).toBe('controller:hpa');
  });

  it('GOV-06: a condition that nobody knows hides nothing', () => {
    const waiting: EvaluationInput['facts'] = new Map([
      ['condition.hpa-enabled', { status: 'unknown', reason: 'pending', deadline: '2099-01-01T00:00:00Z' } as const],
    ]);

    expect(own(REPLICAS, { policy: policyOf(HPA), facts: waiting })).toMatchObject({
      owner: 'git',
      hiddenBy: undefined,
    });
    expect(own(REPLICAS, { policy: policyOf(HPA) })).toMatchObject({ owner: 'git', hiddenBy: undefined });
  });

  it('GOV-12: two documents that tie with different owners are ambiguous, a lint error, and never heal', () => {
    const policy = policyOf(
      rule('one', '{gitOwned: [/connectionLimit]}'),
      rule('two', '{runtimeOwned: [/connectionLimit]}'),
    );
    const difference = aDifference({ gated: false });

    const switched = new Map([['user/app', aResource({ operatorSwitch: CORRECT })]]);
    const [alone] = evaluate(inputOf(difference, { resources: switched }));
    const [evaluation] = evaluate(inputOf(difference, { policy, resources: switched }));

    expect(ownershipTies(policy.ownershipRules).map((each) => [each.left.name, each.right.name, each.path])).toEqual([
      ['one', 'two', '/connectionLimit'],
    ]);
    expect(own(difference, { policy })).toMatchObject({ owner: 'ambiguous', hiddenBy: undefined });
    expect(evaluation?.judged.map((each) => each.fieldOwner)).toEqual(['ambiguous']);
    expect([alone?.autoHealAllowed, evaluation?.autoHealAllowed]).toEqual([true, false]);
    expect(evaluation?.decision.reasons.map((each) => each.code)).toContain('OWNER_AMBIGUOUS');
  });

  it('GOV-12: sees the tie of one controller path with another, and none where scopes differ', () => {
    const tie = policyOf(
      rule('one', '{resource: {kind: A}, gitOwned: [/x]}'),
      rule('two', '{resource: {kind: A}, controllerOwned: [{path: /x, owner: c}]}'),
    );
    const apart = policyOf(
      rule('one', '{resource: {kind: A}, gitOwned: [/x]}'),
      rule('two', '{resource: {kind: B}, runtimeOwned: [/x]}'),
    );

    expect(ownershipTies(tie.ownershipRules)).toHaveLength(1);
    expect(ownershipTies(apart.ownershipRules)).toEqual([]);
    const wide = policyOf(rule('one', '{gitOwned: [/x]}'), rule('two', '{resource: {kind: B}, runtimeOwned: [/x]}'));
    expect(ownershipTies(wide.ownershipRules)).toHaveLength(1);
  });
});
