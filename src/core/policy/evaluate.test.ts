import fastCheck from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aDifference,
  aFinding,
  anInput,
  aRecord,
  aResource,
  aUnit,
  CORRECT,
  NOW,
  SETTINGS,
} from '../../../test/support/builders.ts';
import { aDocumentSet } from '../../../test/support/document-set.ts';
import type { GateCode } from '../model/gate.ts';
import { groupDifferences } from '../compare/identity.ts';
import { evaluate } from './evaluate.ts';
import type { EvaluationInput } from './evaluation-input.ts';
import { requestAction } from './request-action.ts';

const SWITCHED = new Map([['user/app', aResource({ operatorSwitch: CORRECT })]]);

function underSwitch(more: Partial<EvaluationInput> = {}): EvaluationInput {
  return anInput({ resources: SWITCHED, ...more });
}

function circumstances(more: Partial<EvaluationInput['circumstances']>): Partial<EvaluationInput> {
  return { circumstances: { ...anInput().circumstances, ...more } };
}

function heal(name: string, more = ''): string {
  return `apiVersion: kedge.dev/v1alpha1
kind: AutoHealPolicy
metadata: {name: ${name}}
spec:
  appliesTo: {resourceKinds: [Widget]}
  allowedPaths: [/size]
  minAge: 0s
${more}`;
}

const WIDGET = aDifference({
  kind: 'Widget',
  resourceType: 'widget',
  resource: 'widget/a',
  path: '/size',
  gated: false,
  category: 'capacity',
});
const WIDGETS = new Map([['widget/a', aResource({ resource: 'widget/a', type: 'widget', kind: 'Widget', name: 'a' })]]);
const BY_HAND = new Map([
  [WIDGET, { confidence: 'confirmed', actor: 'mallory', actorType: 'human', source: 'log' } as const],
]);

function underPolicy(documents: string, more: Partial<EvaluationInput> = {}): EvaluationInput {
  const { policy, diagnostics } = aDocumentSet(documents);
  expect(diagnostics.filter((each) => each.level === 'error')).toEqual([]);
  const unit = aUnit({ policies: { ...aUnit().policies, autoHeal: true } });
  return anInput({ unit, differences: [WIDGET], resources: WIDGETS, correlations: BY_HAND, policy, ...more });
}

const leadingCode = (input: EvaluationInput): string => evaluate(input)[0]?.decision.reasons[0]?.code ?? 'none';

describe('the evaluation of a unit', () => {
  it('GOV-04: gives the same bytes and digest whatever the order of rules and differences, and whatever zone and locale', () => {
    const documents = ['b', 'a', 'c'].map((name) => heal(name));
    const differences = [
      WIDGET,
      aDifference({
        ...WIDGET,
        desired: 1,
        recorded: 1,
        actual: 2,
        path: '/colour',
        category: 'metadata',
        pathRoot: '/colour',
      } as never),
    ];
    const reference = JSON.stringify(evaluate(underPolicy(documents.join('---\n'), { differences })));
    const { TZ, LANG } = process.env;
    fastCheck.assert(
      fastCheck.property(
        fastCheck.shuffledSubarray(documents, { minLength: 3 }),
        fastCheck.shuffledSubarray(differences, { minLength: 2 }),
        fastCheck.constantFrom('UTC', 'Asia/Kathmandu', 'America/St_Johns'),
        (shuffled, mixed, zone) => {
          process.env['TZ'] = zone;
          process.env['LANG'] = 'tr_TR.UTF-8';
          expect(JSON.stringify(evaluate(underPolicy(shuffled.join('---\n'), { differences: mixed })))).toBe(reference);
        },
      ),
      { numRuns: 100 },
    );
    process.env['TZ'] = TZ;
    process.env['LANG'] = LANG;
  });

  it('GOV-18: a label and an identity change of one resource are two findings, and healing one leaves the other', () => {
    const label = aDifference({ path: '/labels/team', pathRoot: '/labels', category: 'metadata' });
    const identity = aDifference({
      path: '/attributes/superuser',
      pathRoot: '/attributes',
      category: 'privilege',
      floor: 'CRITICAL',
    });

    const evaluations = evaluate(underSwitch({ differences: [label, identity] }));

    expect(evaluations).toHaveLength(2);
    const healing = evaluations.filter((each) => each.autoHealAllowed);
    expect(healing.map((each) => each.judged.map((judged) => judged.difference.path))).toEqual([['/labels/team']]);
  });

  it('GOV-20: each gate that fails stops the heal, and is the first reason when it is the only one', () => {
    expect(evaluate(underSwitch())[0]?.autoHealAllowed).toBe(true);
    const cases: readonly (readonly [GateCode, EvaluationInput])[] = [
      ['NO_WRITE_CREDENTIALS', underSwitch(circumstances({ canWrite: false }))],
      ['DESIRED_NOT_FRESH', underSwitch(circumstances({ desiredAt: '2026-07-03T09:00:00Z' }))],
      ['DESIRED_NOT_FRESH', underSwitch(circumstances({ desiredAt: undefined }))],
      [
        'OBSERVATION_STALE',
        underSwitch(circumstances({ coverage: { complete: false, unchecked: [{ what: 'x', reason: 'PERMISSION' }] } })),
      ],
      ['OBSERVATION_STALE', underSwitch(circumstances({ fresh: false }))],
      ['DESTRUCTIVE', underSwitch({ differences: [aDifference({ destructive: true })] })],
      ['IMMUTABLE', underSwitch({ differences: [aDifference({ immutable: true })] })],
      ['EVIDENCE_UNAVAILABLE', underSwitch(circumstances({ evidence: 'unavailable' }))],
      [
        'MIN_AGE',
        underSwitch({
          resources: new Map([['user/app', aResource({ operatorSwitch: { ...CORRECT, minimumAge: 3_600_000 } })]]),
        }),
      ],
      ['APPROVAL', underSwitch({ differences: [aDifference({ category: 'privilege', floor: 'CRITICAL' })] })],
      ['APPROVAL', underSwitch({ differences: [aDifference({ offer: { write: 'alter', care: ['returns-power'] } })] })],
      [
        'CONFIDENCE',
        underSwitch({ differences: [aDifference({ offer: { write: 'alter', care: ['returns-login'] } })] }),
      ],
      ['LOCKED', underSwitch(circumstances({ lock: 'held' }))],
      ['UNHEALTHY', underSwitch(circumstances({ health: 'unhealthy' }))],
      ['AUTOHEAL_OFF', underPolicy(heal('sizes'), { unit: aUnit() })],
      ['NO_POLICY', underPolicy('', {})],
      ['PATH_NOT_ALLOWED', underPolicy(heal('sizes').replace('/size', '/other'))],
      ['PATH_DENIED', underPolicy(heal('sizes', '  deniedPaths: [/size]\n'))],
      [
        'KIND_GATED',
        underPolicy(heal('sizes'), { differences: [{ ...WIDGET, gated: true }], correlations: new Map() }),
      ],
      [
        'CONFIDENCE',
        underPolicy(heal('sizes'), {
          correlations: new Map([
            [WIDGET, { confidence: 'possible', actor: 'mallory', actorType: 'human', source: 'log' }],
          ]),
          unit: aUnit({ riskTier: 'high', policies: { ...aUnit().policies, autoHeal: true } }),
        }),
      ],
    ];
    for (const [code, input] of cases) {
      const [evaluation] = evaluate(input);
      expect(evaluation?.autoHealAllowed, code).toBe(false);
      expect(
        evaluation?.decision.reasons.map((each) => each.code),
        code,
      ).toContain(code);
    }
    expect(leadingCode(underSwitch(circumstances({ evidence: 'unavailable' })))).toBe('EVIDENCE_UNAVAILABLE');
    expect(leadingCode(underSwitch(circumstances({ canWrite: false })))).toBe('NO_WRITE_CREDENTIALS');
  });

  it("GOV-20: a breaker that is open, a hold and an adapter's own gate stop it too", () => {
    const [identity] = groupDifferences('payments-db', [aDifference()]);
    const history = new Map([
      [
        identity?.identity ?? 'sha256:',
        {
          ...(historyOf() as object),
          life: { ...aRecord().life, breaker: { status: 'open', since: NOW, writers: ['kedge', 'cron'] } },
        },
      ],
    ]);
    expect(leadingCode(underSwitch({ history: history as never }))).toBe('BREAKER_OPEN');
    const held = evaluate(
      underSwitch(circumstances({ hold: { reason: 'migration', by: 'alice', since: NOW } as never })),
    )[0];
    expect([held?.autoHealAllowed, held?.decision.action]).toEqual([false, 'NONE']);
    expect(
      evaluate(
        underSwitch(circumstances({ adapterGates: [{ code: 'NOT_PRIMARY', status: 'fail', because: 'a replica' }] })),
      )[0]?.decision.reasons.map((each) => each.code),
    ).toContain('NOT_PRIMARY');
  });

  it('GOV-25: a declaration that was last fetched twenty minutes ago is not acted by', () => {
    expect(leadingCode(underSwitch(circumstances({ desiredAt: '2026-07-03T10:02:31Z' })))).toBe('DESIRED_NOT_FRESH');
    expect(evaluate(underSwitch(circumstances({ desiredAt: '2026-07-03T10:20:31Z' })))[0]?.autoHealAllowed).toBe(true);
  });

  it('GOV-23: a policy never heals a kind on the never-list, whatever it allows', () => {
    const gated = { ...WIDGET, gated: true };
    const [evaluation] = evaluate(
      underPolicy(heal('sizes'), {
        differences: [gated],
        correlations: new Map([
          [gated, { confidence: 'confirmed', actor: 'mallory', actorType: 'human', source: 'log' }],
        ]),
      }),
    );

    expect(evaluation?.decision.reasons[0]?.code).toBe('KIND_GATED');
  });

  it('GOV-27: what would record the wrong state as right is not admissible, whoever asks', () => {
    const input = anInput();
    const [group] = groupDifferences(input.unit.name, input.differences);
    for (const action of ['STATE_REFRESH', 'IGNORE'] as const) {
      const verdict = requestAction(input, group?.identity ?? 'sha256:', action);
      expect(verdict.status, action).toBe('refused');
      expect(verdict.gates[0]?.code, action).toBe('INADMISSIBLE');
      expect(verdict.gates[0]?.because, action).toMatch(/\S/);
    }
  });

  it('GOV-58: class, risk and action are those of what is not hidden; with everything hidden the finding is suppressed', () => {
    const ignore = (path: string): string =>
      `{apiVersion: kedge.dev/v1alpha1, kind: IgnoreRule, metadata: {name: "hide${path.replaceAll('/', '-')}"}, spec: {reason: tuned by the pooler, ownedBy: {team: data}, match: {kind: DatabaseUser, unit: payments-db, paths: ["${path}"]}, compensatingDetectors: ['none: a setting'], expiresAt: 2026-08-01}}`;
    const low = aDifference({ path: '/settings/a', pathRoot: '/settings', category: 'other' });
    const other = aDifference({ path: '/settings/b', pathRoot: '/settings', category: 'other' });
    const policyOf = (documents: string): EvaluationInput['policy'] => {
      const { policy, diagnostics } = aDocumentSet(documents, { settings: SETTINGS });
      expect(diagnostics.filter((each) => each.level === 'error')).toEqual([]);
      return policy;
    };
    const evaluateWith = (documents: string) =>
      evaluate(anInput({ differences: [low, other], policy: policyOf(documents) }))[0];

    const none = evaluateWith('');
    const first = evaluateWith(ignore('/settings/b'));
    const both = evaluateWith(`${ignore('/settings/b')}\n---\n${ignore('/settings/a')}`);

    expect(none?.judged).toHaveLength(2);
    expect(first?.suppressed).toBe(false);
    expect(first?.judged.filter((each) => each.hiddenBy === undefined).map((each) => each.difference.path)).toEqual([
      '/settings/a',
    ]);
    expect(both?.suppressed).toBe(true);
    expect(first?.decision.action).toBe(none?.decision.action);
    expect(evaluateWith(ignore('/settings/a'))?.judged.filter((each) => each.hiddenBy === undefined)).toHaveLength(1);
  });

  it('an approval policy holds back what would heal by itself, and deny beats allow', () => {
    const approval = `apiVersion: kedge.dev/v1alpha1
kind: ApprovalPolicy
metadata: {name: people-first}
spec:
  match: {environment: [prod]}
  require: {of: [{from: ["user:alice"], min: 1}]}
`;
    expect(evaluate(underPolicy(heal('sizes')))[0]?.decision.reasons).toEqual([]);
    expect(evaluate(underPolicy(`${heal('sizes')}---\n${approval}`))[0]?.autoHealAllowed).toBe(false);
    expect(
      evaluate(
        underPolicy(
          `${heal('sizes')}---\n${heal('never', '  effect: deny\n').replace('  allowedPaths: [/size]\n', '')}`,
        ),
      )[0]?.decision.reasons.map((each) => each.code),
    ).toContain('PATH_DENIED');
  });

  it('a deny stands when its condition holds for one of the differences, a permission when it holds for all', () => {
    const destructive = aDifference({ ...WIDGET, destructive: true });
    const differences = [WIDGET, destructive];
    const correlations = new Map(differences.map((each) => [each, BY_HAND.get(WIDGET)])) as typeof BY_HAND;
    const deny = heal('never', "  effect: deny\n  when: 'difference.destructive'\n").replace(
      '  allowedPaths: [/size]\n',
      '',
    );
    const [both] = evaluate(underPolicy(`${heal('sizes')}---\n${deny}`, { differences, correlations }));
    const [harmless] = evaluate(underPolicy(`${heal('sizes')}---\n${deny}`));
    expect(both?.gates.find((each) => each.code === 'PATH_DENIED')?.status).toBe('fail');
    expect(harmless?.gates.find((each) => each.code === 'PATH_DENIED')?.status).not.toBe('fail');
  });

  it('a policy that may create speaks for its own kinds alone', () => {
    const missing = aDifference({
      path: '/',
      pathRoot: '/',
      relation: 'MISSING',
      category: 'capacity',
      offer: { write: 'create' },
    });
    const input = (kind: string): EvaluationInput => {
      const { policy } = aDocumentSet(
        `${heal('makes', '  allowCreate: true\n').replace('Widget', kind).replace('/size', '/')}`,
      );
      return underSwitch({
        differences: [{ ...missing, actual: { status: 'absent' }, recorded: { status: 'not-applicable' } }],
        policy,
      });
    };
    expect(evaluate(input('Widget'))[0]?.decision.reasons.map((each) => each.code)).toContain('APPROVAL');
  });
});

function historyOf(): unknown {
  const { firstSeenAt, occurrences, content, state, resolvedAt } = aFinding();
  return { firstSeenAt, occurrences, content, state, resolvedAt };
}
