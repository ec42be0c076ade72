import { describe, expect, it } from 'vitest';
import { aDocumentSet } from '../../../test/support/document-set.ts';
import { runDocumentTests } from './document-tests.ts';

const HEAL = `apiVersion: kedge.dev/v1alpha1
kind: AutoHealPolicy
metadata: {name: labels}
spec:
  appliesTo: {resourceKinds: [Deployment]}
  allowedPaths: [/metadata/labels]
  tests:
    - name: a label by hand
      given:
        difference: {kind: Deployment, path: /metadata/labels, category: metadata}
        audit: {actor: mallory, actorType: human, confidence: confirmed}
        facts: {context.change.matched: false, context.incident.linked: false}
        firstSeenAt: "2026-01-01T11:00:00Z"
      expect: {driftClass: UNAUTHORIZED_RUNTIME_DRIFT, risk: LOW, action: RUNTIME_REVERT, heals: true}
    - name: an image by hand
      given:
        difference: {kind: Deployment, path: /spec/image, category: image}
      expect: {heals: false, reasons: [PATH_NOT_ALLOWED, KIND_GATED]}
`;

function failuresOf(documents: string): readonly (readonly string[])[] {
  const { units, policy, diagnostics } = aDocumentSet(documents);
  expect(diagnostics).toEqual([]);
  return runDocumentTests(units, policy).map((each) => [each.name, ...each.failures]);
}

describe('the tests of documents', () => {
  it('run against everything in force, and pass when it says what they expect', () => {
    expect(failuresOf(HEAL)).toEqual([['a label by hand'], ['an image by hand']]);
  });

  it('name what is otherwise, and what is', () => {
    const deny = `---
{apiVersion: kedge.dev/v1alpha1, kind: AutoHealPolicy, metadata: {name: never}, spec: {effect: deny, deniedPaths: [/metadata]}}
`;

    expect(failuresOf(HEAL.replace('risk: LOW', 'risk: HIGH').concat(deny))).toEqual([
      ['a label by hand', 'risk is "LOW", not "HIGH"', 'heals is false, not true'],
      ['an image by hand'],
    ]);
    expect(failuresOf(HEAL.replace('reasons: [PATH_NOT_ALLOWED', 'reasons: [FREEZE'))[1]?.[1]).toMatch(
      /^reasons are .*PATH_NOT_ALLOWED.*, without FREEZE$/,
    );
  });

  it('see ownership, ignore rules, classes, rows, freezes and exceptions alike', () => {
    const rule = `{apiVersion: kedge.dev/v1alpha1, kind: ClassificationRule, metadata: {name: ours}, spec: {match: {paths: [/a]}, set: {driftClass: POLICY_DRIFT}, tests: [{given: {difference: {path: /a}}, expect: {rule: ours, owner: git, suppressed: false}}]}}`;
    const freeze = `{apiVersion: kedge.dev/v1alpha1, kind: FreezeWindow, metadata: {name: f}, spec: {reason: r, windows: [{start: "2026-01-01", end: "2026-01-02"}], tests: [{given: {switch: true}, expect: {heals: false, reasons: [FREEZE]}}, {given: {switch: true, now: "2026-01-02"}, expect: {heals: true}}]}}`;

    expect(failuresOf(`${rule}\n---\n${freeze}`)).toEqual([['test 1'], ['test 2'], ['test 1']]);
  });

  it('take a unit of the set by its name, and fail where there is none', () => {
    const unit =
      'apiVersion: kedge.dev/v1alpha1\nkind: DriftManagedUnit\nmetadata: {name: shop-db}\nspec: {type: database-instance, owner: shop, riskTier: critical}\n';
    const rule = (name: string): string =>
      `---\n{apiVersion: kedge.dev/v1alpha1, kind: ClassificationRule, metadata: {name: r}, spec: {match: {owner: shop}, set: {driftClass: POLICY_DRIFT}, tests: [{given: {unit: ${name}}, expect: {driftClass: POLICY_DRIFT, risk: HIGH}}]}}`;

    expect(failuresOf(unit + rule('shop-db'))).toEqual([['test 1']]);
    expect(failuresOf(unit + rule('shop-dbb'))).toEqual([['test 1', 'there is no unit "shop-dbb"']]);
  });
});
