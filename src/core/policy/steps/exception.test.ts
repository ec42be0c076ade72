import { describe, expect, it } from 'vitest';
import { aDifference, anInput, aResource, CORRECT } from '../../../../test/support/builders.ts';
import { aDocumentSet } from '../../../../test/support/document-set.ts';
import type { Evaluation } from '../../model/evaluation.ts';
import type { AuditCorrelation } from '../../model/finding.ts';
import { evaluate } from '../evaluate.ts';
import type { EvaluationInput } from '../evaluation-input.ts';

const DURING = '2026-07-03T09:30:00Z';
const NOW = '2026-07-03T10:22:31Z';
const SETTLED_BY = '2026-07-05T00:00:00Z';

function window(more = '', kind = 'emergency', record = ', incident: INC-7'): string {
  return `{apiVersion: kedge.dev/v1alpha1, kind: ExceptionWindow, metadata: {name: night}, spec: {kind: ${kind}${record}, match: {unit: payments-db, paths: [/connectionLimit]}, actors: [{user: alice}], startsAt: "2026-07-03T09:00:00Z", endsAt: "2026-07-03T10:00:00Z", reconcileBy: "${SETTLED_BY}"${more}}}`;
}

function by(actor: string, more: Partial<AuditCorrelation> = {}): AuditCorrelation {
  return { actor, actorType: 'human', confidence: 'confirmed', source: 'log', eventTime: DURING, ...more };
}

const NO_PULL_REQUEST: EvaluationInput['facts'] = new Map(
  ['context.change.matched', 'context.incident.linked'].map((name) => [
    name,
    { status: 'known', value: false, source: 'git', at: NOW } as const,
  ]),
);

function evaluated(
  correlation: AuditCorrelation,
  given: { readonly path?: string; readonly documents?: string; readonly input?: Partial<EvaluationInput> } = {},
): Evaluation | undefined {
  const { path = '/connectionLimit', documents = window(), input = {} } = given;
  const difference = aDifference({ path, pathRoot: path, category: 'capacity' });
  const { policy, diagnostics } = aDocumentSet(documents);
  expect(diagnostics).toEqual([]);
  return evaluate(
    anInput({
      differences: [difference],
      resources: new Map([['user/app', aResource()]]),
      correlations: new Map([[difference, correlation]]),
      facts: NO_PULL_REQUEST,
      policy: { ...policy, settings: { ...policy.settings, aliases: { alice: ['alice@example.com'] } } },
      now: NOW,
      ...input,
    }),
  )[0];
}

describe('exception windows', () => {
  it('GOV-29: excuse the listed path by the listed person in its time, by any of the names', () => {
    for (const name of ['alice', 'alice@example.com', 'ALICE'])
      expect(evaluated(by(name))?.driftClass, name).toBe('EMERGENCY_DRIFT');
  });

  it.each([
    ['another person on the path', by('bob'), '/connectionLimit', 'actors: bob is not listed'],
    ['the person on another path', by('alice'), '/validUntil', 'match.paths'],
    [
      'the person after the end',
      by('alice', { eventTime: '2026-07-03T10:00:00Z' }),
      '/connectionLimit',
      'endsAt: it was changed at 2026-07-03T10:00:00Z',
    ],
    [
      'the person before the start',
      by('alice', { eventTime: '2026-07-03T08:59:59Z' }),
      '/connectionLimit',
      'startsAt: it was changed at 2026-07-03T08:59:59Z',
    ],
  ])('GOV-29: leave %s unauthorized, and the trace says which part failed', (_, correlation, path, failed) => {
    const found = evaluated(correlation, { path });

    expect(found?.driftClass).toBe('UNAUTHORIZED_RUNTIME_DRIFT');
    expect(found?.classification.trace.find((each) => each.step === 'exception')?.nearest).toEqual({
      rule: 'night',
      failed,
    });
  });

  it('excuse nothing where nobody is named or no time is known', () => {
    expect(evaluated({ confidence: 'not-covered' })?.driftClass).toBe('UNCLASSIFIED');
    expect(evaluated(by('alice', { eventTime: undefined }))?.driftClass).toBe('UNAUTHORIZED_RUNTIME_DRIFT');
    expect(evaluated(by('alice', { confidence: 'ambiguous' }))?.driftClass).not.toBe('EMERGENCY_DRIFT');
  });

  it('make a finding provisional while the name of the writer may still come', () => {
    expect(evaluated({ confidence: 'pending' })?.provisional).toEqual({
      status: 'provisional',
      missing: ['audit.actor'],
    });
  });

  it('hold a heal until what they excused is settled, even under a switch', () => {
    const resources = new Map([['user/app', aResource({ operatorSwitch: CORRECT })]]);
    const at = (now: string): readonly string[] =>
      evaluated(by('alice'), {
        input: { resources, now, circumstances: { ...anInput().circumstances, desiredAt: now, observedAt: now } },
      })?.decision.reasons.map((each) => each.code) ?? [];

    expect(at(NOW)).toContain('EXCEPTION');
    expect(at(SETTLED_BY)).not.toContain('EXCEPTION');
  });

  it('GOV-30: an emergency past its date is CRITICAL and an incident', () => {
    const before = evaluated(by('alice'));
    const after = evaluated(by('alice'), { input: { now: SETTLED_BY } });

    expect([before?.risk, before?.decision.action]).toEqual(['MEDIUM', 'OPEN_RECONCILIATION_PR']);
    expect([after?.risk, after?.decision.action, after?.decision.incident]).toEqual(['CRITICAL', 'INCIDENT', true]);
  });

  it('bring their own record: a maintenance with its change is no unauthorized change', () => {
    const documents = window('', 'maintenance', ', change: CHG-12');

    expect(evaluated(by('alice'), { documents })?.driftClass).toBe('UNCLASSIFIED');
    expect(evaluated(by('bob'), { documents })?.driftClass).toBe('UNAUTHORIZED_RUNTIME_DRIFT');
  });

  it('are refused when they stay open longer than the tier of a unit they reach allows', () => {
    const unit = `apiVersion: kedge.dev/v1alpha1\nkind: DriftManagedUnit\nmetadata: {name: payments-db}\nspec: {type: database-instance, owner: data, riskTier: critical}\n`;
    const long = window().replace('2026-07-03T10:00:00Z', '2026-08-03T10:00:00Z').replace(SETTLED_BY, '2026-09-01');
    const { policy, diagnostics } = aDocumentSet(`${unit}---\n${long}`);

    expect(policy.exceptionWindows).toEqual([]);
    expect(diagnostics.map((each) => [each.code, each.message])).toEqual([
      ['EXCEPTION_INVALID', 'the window is open longer than the 30d that a critical unit allows (payments-db)'],
    ]);
  });

  it.each([
    ['an emergency without a record', window('', 'emergency', ''), 'EXCEPTION_INVALID', '/spec'],
    ['no end', window().replace(', endsAt: "2026-07-03T10:00:00Z"', ''), 'CONFIG_MISSING_KEY', '/spec/endsAt'],
    [
      'an end that is no time',
      window().replace('"2026-07-03T10:00:00Z"', 'soon'),
      'CONFIG_INVALID_VALUE',
      '/spec/endsAt',
    ],
    ['an end before its start', window().replace('T10:00:00Z', 'T08:00:00Z'), 'EXCEPTION_INVALID', '/spec/endsAt'],
    [
      'a date before its end',
      window().replace(SETTLED_BY, '2026-07-03T09:30:00Z'),
      'EXCEPTION_INVALID',
      '/spec/reconcileBy',
    ],
    ['no paths', window().replace(', paths: [/connectionLimit]', ''), 'EXCEPTION_INVALID', '/spec/match'],
  ])('are refused with %s', (_, documents, code, pointer) => {
    const { policy, diagnostics } = aDocumentSet(documents);

    expect(policy.exceptionWindows).toEqual([]);
    expect(diagnostics.map((each) => [each.code, each.pointer])).toEqual([[code, pointer]]);
  });
});
