import { describe, expect, it } from 'vitest';
import { aDocumentSet } from '../../../../test/support/document-set.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { inputSchema } from './schema-faults.ts';
import { KIND_SCHEMAS } from './kinds.ts';

function brief(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(({ code, location, suggestion }) =>
    [code, location?.line, location?.column, ...(suggestion === undefined ? [] : [suggestion])].join(' '),
  );
}

const SEED_UNIT = `apiVersion: platform.example.com/v1
kind: DriftManagedUnit
metadata:
  name: payments-prod-network
spec:
  type: opentofu-stack
  owner: platform-network
  environment: prod
  riskTier: critical
  source:
    repo: github.com/acme/infra-live
    path: prod/eu-west-1/payments/network
  state:
    backend: s3
    key: prod/eu-west-1/payments/network.tfstate
  credentials:
    oidcRole: arn:aws:iam::123456789012:role/iac-drift-payments-network
  schedule:
    frequency: hourly
  policies:
    autoHeal: false
    requireIncidentForManualChange: true
  evidence:
    retention: 7y
`;

const SEED_OWNERSHIP = `apiVersion: platform.example.com/v1
kind: DriftOwnershipRule
metadata:
  name: deployment-runtime-owned-fields
spec:
  resource:
    group: apps
    kind: Deployment
  gitOwned:
    - /spec/template/spec/containers
    - /spec/template/spec/securityContext
    - /spec/selector
  runtimeOwned:
    - /status
    - /metadata/managedFields
  controllerOwned:
    - path: /spec/replicas
      owner: horizontal-pod-autoscaler
      condition: hpa-enabled
`;

const SEED_HEAL = `apiVersion: platform.example.com/v1
kind: AutoHealPolicy
metadata:
  name: stateless-app-safe-fields
spec:
  appliesTo:
    resourceKinds:
      - Deployment
      - Service
      - ConfigMap
    namespaces:
      matchLabels:
        platform.example.com/tier: standard
  allowedPaths:
    - /metadata/labels
    - /metadata/annotations
    - /spec/template/spec/containers/*/resources
  deniedPaths:
    - /spec/template/spec/containers/*/image
    - /spec/template/spec/securityContext
  maxObjectsPerReconcile: 5
  requireHealthyBeforeHeal: true
  evidenceRequired: true
`;

function healing(kind: string): string {
  return `{apiVersion: kedge.dev/v1alpha1, kind: AutoHealPolicy, metadata: {name: heal-${kind.toLowerCase()}}, spec: {appliesTo: {resourceKinds: [${kind}]}, allowedPaths: [/metadata/labels]}}`;
}

describe('a set of documents', () => {
  it.each(['platform.example.com/v1', 'kedge.dev/v1alpha1'])(
    'loads the documents of the pattern in group %s and loses no key',
    (group) => {
      const content = [SEED_UNIT, SEED_OWNERSHIP, SEED_HEAL].join('---\n').replaceAll('platform.example.com/v1', group);

      const { units, policy, diagnostics } = aDocumentSet(content);

      expect(diagnostics).toEqual([]);
      expect(units[0]).toMatchObject({
        name: 'payments-prod-network',
        type: 'opentofu-stack',
        owner: 'platform-network',
        environment: 'prod',
        riskTier: 'critical',
        sourceOfTruth: 'git://github.com/acme/infra-live/prod/eu-west-1/payments/network',
        stateBackend: 's3://prod/eu-west-1/payments/network.tfstate',
        credentials: { oidcRole: 'arn:aws:iam::123456789012:role/iac-drift-payments-network' },
        schedule: { interval: 3_600_000 },
        policies: { autoHeal: false, requireIncidentForManualChange: true },
        evidenceRetention: '7y',
      });
      expect(policy.ownershipRules[0]?.spec).toMatchObject({
        resource: { group: 'apps', kind: 'Deployment' },
        gitOwned: ['/spec/template/spec/containers', '/spec/template/spec/securityContext', '/spec/selector'],
        runtimeOwned: ['/status', '/metadata/managedFields'],
        controllerOwned: [{ path: '/spec/replicas', owner: 'horizontal-pod-autoscaler', condition: 'hpa-enabled' }],
      });
      expect(policy.autoHealPolicies[0]?.spec).toMatchObject({
        appliesTo: {
          resourceKinds: ['Deployment', 'Service', 'ConfigMap'],
          namespaces: {
            matchLabels: {
              [`${group.replace(/\/.*/, '')}/tier`.replace('kedge.dev', 'platform.example.com')]: 'standard',
            },
          },
        },
        deniedPaths: ['/spec/template/spec/containers/*/image', '/spec/template/spec/securityContext'],
        maxObjectsPerReconcile: 5,
        requireHealthyBeforeHeal: true,
        evidenceRequired: true,
      });
    },
  );

  it('GOV-02: refuses a unit without an owner, an empty source and a misspelt key, each with line, column and did-you-mean', () => {
    const missing = SEED_UNIT.replace('  owner: platform-network\n', '').replace(/ {2}source:\n.*\n.*\n/, '');
    const misspelt = `apiVersion: kedge.dev/v1alpha1
kind: IgnoreRule
metadata: {name: agent}
spec:
  reason: noise
  match: {kind: Deployment, unit: a, paths: [/spec/replicas]}
  ownedBy: {team: platform}
  compensatingDetectors: ["none: counted by the autoscaler"]
  expiresAtt: 2026-09-01
`;

    const { units, policy, refusedUnits, diagnostics } = aDocumentSet(`${missing}---\n${misspelt}`);

    expect(units).toEqual([]);
    expect(policy.ignoreRules).toEqual([]);
    expect(refusedUnits).toEqual(['payments-prod-network']);
    const lineOf = (text: string): number =>
      `${missing}---\n${misspelt}`.split('\n').findIndex((line) => line.includes(text)) + 1;
    expect(diagnostics.find((each) => each.message.includes('spec.owner is missing'))?.location).toMatchObject({
      line: 6,
    });
    expect(brief(diagnostics)).toContain(`CONFIG_UNKNOWN_KEY ${lineOf('expiresAtt')} 3 expiresAt`);
    const ownerless = aDocumentSet(SEED_UNIT.replace('owner: platform-network', 'owner: ""'));
    expect(ownerless.units).toEqual([]);
    const sourceless = aDocumentSet(SEED_UNIT.replace(/ {2}source:\n.*\n.*\n/, ''));
    expect(sourceless.diagnostics.map((each) => each.message)).toEqual(['a opentofu-stack unit needs a source']);
  });

  it.each(['../../evil', 'a b', '"x\\e[31m"', '-a', 'a-', '"a\\nb"', 'ü', `"${'x'.repeat(254)}"`])(
    'refuses a unit and a policy whose name is %s',
    (name) => {
      const unit = SEED_UNIT.replace('payments-prod-network', name);
      const rule = SEED_OWNERSHIP.replace(/name: .*/, `name: ${name}`);

      const { units, policy, diagnostics } = aDocumentSet(`${unit}---\n${rule}`);

      expect([units, policy.ownershipRules]).toEqual([[], []]);
      expect(diagnostics.map((each) => each.code)).toEqual(['NAME_INVALID', 'NAME_INVALID']);
    },
  );

  it('names the nearest type, kind and block word', () => {
    const wrongType = SEED_UNIT.replace('opentofu-stack', 'opentofu-stak');
    const wrongKind = SEED_OWNERSHIP.replace('DriftOwnershipRule', 'DriftOwnerRule');
    const wrongBlock = SEED_UNIT.replace('payments-prod-network', 'b').concat('  database: {passwords: off}\n');

    const { diagnostics } = aDocumentSet([wrongType, wrongKind, wrongBlock].join('---\n'));

    expect(diagnostics.map((each) => [each.code, each.suggestion])).toEqual([
      ['UNIT_TYPE_UNKNOWN', 'opentofu-stack'],
      ['KIND_UNKNOWN', 'DriftOwnershipRule'],
      ['CONFIG_UNKNOWN_KEY', undefined],
    ]);
  });

  it('refuses both of two documents with one kind and name, across the two groups', () => {
    const { units, refusedUnits, diagnostics } = aDocumentSet(
      `${SEED_UNIT}---\n${SEED_UNIT.replace('platform.example.com/v1', 'kedge.dev/v1alpha1')}`,
    );

    expect(units).toEqual([]);
    expect(refusedUnits).toEqual(['payments-prod-network']);
    expect(diagnostics.map((each) => each.code)).toEqual(['DOCUMENT_DOUBLE', 'DOCUMENT_DOUBLE']);
  });

  it('says that a kind of a later version is not read, instead of passing over it', () => {
    const { diagnostics } = aDocumentSet(
      '{apiVersion: kedge.dev/v1alpha1, kind: DriftBudget, metadata: {name: year-end}, spec: {}}',
    );

    expect(brief(diagnostics)).toEqual(['KIND_NOT_SUPPORTED 1 40']);
  });

  it.each(['toString', 'constructor', 'hasOwnProperty'])('takes the kind %s for what it is: unknown', (kind) => {
    const own = aDocumentSet(`{apiVersion: kedge.dev/v1alpha1, kind: ${kind}, metadata: {name: x}, spec: {}}`);
    const foreign = aDocumentSet(`{apiVersion: dbops.dbprovision.io/v1alpha1, kind: ${kind}, metadata: {name: x}}`);

    expect([own, foreign].flatMap(({ diagnostics }) => diagnostics.map((each) => each.code))).toEqual([
      'KIND_UNKNOWN',
      'KIND_UNKNOWN',
    ]);
  });

  it('warns of an unknown key in the document of another operator and still reads it', () => {
    const { foreign, diagnostics } = aDocumentSet(
      '{apiVersion: dbops.dbprovision.io/v1alpha1, kind: DatabaseUser, metadata: {name: app}, spec: {username: app, usernam: x}}',
    );

    expect(foreign).toHaveLength(1);
    expect(diagnostics.map((each) => [each.code, each.level, each.suggestion])).toEqual([
      ['CONFIG_UNKNOWN_KEY', 'warning', 'username'],
    ]);
  });

  it('refuses a suspension without an end, a literal secret without repeating it, and healing without evidence', () => {
    const unit = SEED_UNIT.replace(
      'oidcRole: arn:aws:iam::123456789012:role/iac-drift-payments-network',
      'password: hunter2',
    ).concat('  suspend: {reason: migration}\n');
    const heal = SEED_HEAL.replace('evidenceRequired: true', 'evidenceRequired: false');

    const { units, policy, diagnostics } = aDocumentSet(`${unit}---\n${heal}`);

    expect(units).toEqual([]);
    expect(policy.autoHealPolicies).toEqual([]);
    expect(diagnostics.map((each) => each.code)).toEqual([
      'SECRET_LITERAL',
      'CONFIG_MISSING_KEY',
      'CONFIG_INVALID_VALUE',
    ]);
    expect(diagnostics.map((each) => each.pointer)).toEqual([
      '/spec/credentials/password',
      '/spec/suspend/until',
      '/spec/evidenceRequired',
    ]);
    expect(JSON.stringify(diagnostics)).not.toContain('hunter2');
  });

  it('GOV-23: refuses a policy that names IAM, CRD, Secret, RBAC or schema kinds, at the kind itself', () => {
    const kinds = ['aws_iam_role', 'CustomResourceDefinition', 'Secret', 'ClusterRoleBinding', 'DatabaseUser'];

    const { policy, diagnostics } = aDocumentSet(kinds.map(healing).join('\n---\n'));

    expect(policy.autoHealPolicies).toEqual([]);
    expect(diagnostics.map((each) => [each.code, each.level, each.pointer])).toEqual(
      kinds.map(() => ['KIND_GATED', 'error', '/spec/appliesTo/resourceKinds/0']),
    );
    expect(aDocumentSet(healing('ConfigMap')).policy.autoHealPolicies).toHaveLength(1);
  });

  it.each(['resource: {kind: Secret}', 'kind: Secret', 'resource: {type: [aws_iam_policy]}'])(
    'GOV-23: refuses a gated kind named under match as %s',
    (match) => {
      const { policy, diagnostics } = aDocumentSet(
        `{apiVersion: kedge.dev/v1alpha1, kind: AutoHealPolicy, metadata: {name: x}, spec: {match: {${match}}, allowedPaths: [/metadata/labels]}}`,
      );

      expect(policy.autoHealPolicies).toEqual([]);
      expect(diagnostics.map((each) => each.code)).toEqual(['KIND_GATED']);
    },
  );

  it('refuses a test that could not be run, at its place', () => {
    const { policy, diagnostics } = aDocumentSet(
      SEED_OWNERSHIP.concat('  tests: [{given: {difference: {pth: /x}}, expect: {risk: HGIH}}]\n'),
    );

    expect(policy.ownershipRules).toEqual([]);
    expect(diagnostics.map((each) => [each.code, each.pointer, each.suggestion])).toEqual([
      ['CONFIG_UNKNOWN_KEY', '/spec/tests/0/given/difference/pth', 'path'],
      ['CONFIG_INVALID_VALUE', '/spec/tests/0/expect/risk', 'HIGH'],
    ]);
  });

  it('refuses a policy that would heal everything', () => {
    const { diagnostics } = aDocumentSet(
      '{apiVersion: kedge.dev/v1alpha1, kind: AutoHealPolicy, metadata: {name: all}, spec: {allowedPaths: [/metadata/labels]}}',
    );

    expect(diagnostics.map((each) => each.code)).toEqual(['KL201']);
  });

  it('GOV-69: assumes prod and the default of the type where a unit says nothing, and marks the assumption', () => {
    const { units, diagnostics } = aDocumentSet(
      [
        '{apiVersion: kedge.dev/v1alpha1, kind: DriftManagedUnit, metadata: {name: a-db}, spec: {type: database-instance, owner: data}}',
        '{apiVersion: kedge.dev/v1alpha1, kind: DriftManagedUnit, metadata: {name: b-net}, spec: {type: opentofu-stack, owner: net, source: {repo: example.com/infra}}}',
      ].join('\n---\n'),
    );

    expect(diagnostics).toEqual([]);
    expect(units.map((each) => [each.environment, each.environmentAssumed, each.policies.undeclaredPaths])).toEqual([
      ['prod', true, 'security'],
      ['prod', true, 'report'],
    ]);
    expect(units[0]).toMatchObject({
      riskTier: 'standard',
      criticality: 'standard',
      evidenceRetention: '400d',
      schedule: { interval: 4 * 3_600_000, maxAge: 6 * 3_600_000, jitter: 0.1, pool: 'standard' },
      policies: { autoHeal: false, requireIncidentForManualChange: false },
    });
  });

  it.each([
    ['nested comprehension', '[1].all(x, [2].all(y, y > x))'],
    ['over 2 kB', `"${'x'.repeat(3_000)}" == "y"`],
    ['too deep', `${'('.repeat(60)}true${')'.repeat(60)}`],
    ['no expression', 'unit.name ==='],
  ])('GOV-07: refuses a document whose condition is %s', (_, when) => {
    const { policy, diagnostics } = aDocumentSet(
      `apiVersion: kedge.dev/v1alpha1\nkind: ApprovalPolicy\nmetadata: {name: a}\nspec:\n  when: ${JSON.stringify(when)}\n  require: {of: [{from: [sec]}]}\n`,
    );

    expect(policy.approvalPolicies).toEqual([]);
    expect(brief(diagnostics)).toEqual(['CONDITION_INVALID 5 9']);
  });

  it('refuses a pattern that RE2 does not read', () => {
    const { diagnostics } = aDocumentSet(
      "{apiVersion: kedge.dev/v1alpha1, kind: ApprovalPolicy, metadata: {name: a}, spec: {match: {owner: 're:(?=a)b'}, require: {of: [{from: [sec]}]}}}",
    );

    expect(diagnostics.map((each) => [each.code, each.pointer])).toEqual([
      ['CONFIG_INVALID_VALUE', '/spec/match/owner'],
    ]);
  });

  it('gives the same set and digest whatever the order of the documents', () => {
    const forward = aDocumentSet([SEED_UNIT, SEED_OWNERSHIP, SEED_HEAL].join('---\n'));
    const backward = aDocumentSet([SEED_HEAL, SEED_OWNERSHIP, SEED_UNIT].join('---\n'));

    expect(backward.policy.digest).toBe(forward.policy.digest);
  });

  it('describes every kind as JSON Schema', () => {
    for (const [kind, { spec }] of Object.entries(KIND_SCHEMAS))
      expect([kind, inputSchema(spec)['type']]).toEqual([kind, 'object']);
  });
});
