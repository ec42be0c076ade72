import { describe, expect, it } from 'vitest';
import { aDifference, anInput, aResource, aUnit, NOW } from '../../../test/support/builders.ts';
import type { Comparison } from '../compare/compare.ts';
import { groupDifferences } from '../compare/identity.ts';
import type { Difference } from '../model/difference.ts';
import type { FindingRecord } from '../model/finding-record.ts';
import { toInstant, epochMilliseconds } from '../model/instant.ts';
import type { Coverage } from '../model/observation.ts';
import { evaluate } from '../policy/evaluate.ts';
import { checkVerdict } from './check-result.ts';
import { track, type TrackedChange, type TrackInput } from './track.ts';

const WHOLE: Coverage = { complete: true, unchecked: [] };
const PARTIAL: Coverage = { complete: false, unchecked: [{ what: 'database/shop', reason: 'PERMISSION' }] };

function comparison(differences: readonly Difference[], unknowns: Comparison['unknowns'] = []): Comparison {
  return {
    differences,
    unknowns,
    compared: new Set(['user/app']),
    ignored: new Map(),
    skipped: new Set(),
  } as unknown as Comparison;
}

function look(
  differences: readonly Difference[],
  previous: readonly FindingRecord[] = [],
  more: Partial<TrackInput> & { readonly minute?: number } = {},
): readonly TrackedChange[] {
  const { minute = 0, ...rest } = more;
  const now = toInstant(epochMilliseconds(NOW) + minute * 60_000);
  const input = anInput({ differences, now, resources: new Map([['user/app', aResource()]]) });
  return track({
    unit: aUnit(),
    block: 'database',
    now,
    scope: { kind: 'full' },
    coverage: WHOLE,
    comparison: comparison(differences),
    declared: new Set(['user/app']),
    pending: new Set(),
    evaluations: evaluate(input),
    isJudged: () => true,
    correlationOf: () => ({ confidence: 'not-covered' }),
    previous,
    lastCleanAt: undefined,
    flapWindow: 86_400_000,
    verifyWithin: 1_800_000,
    ...rest,
  });
}

function opened(): FindingRecord {
  const [change] = look([aDifference()]);
  if (change === undefined) throw new Error('nothing was opened');
  const { finding, life } = change.record;
  return { finding: { ...finding, findingId: 'drift-20260703-000001' }, life };
}

describe('findings over several looks', () => {
  it('GOV-56: one path stays one finding with one id and clock, whatever becomes of its relation, class, owner and values', () => {
    let record = opened();
    const first = record.finding;
    const relations = [
      'ACTUAL_DIVERGED',
      'THREE_WAY_CONFLICT',
      'DESIRED_NOT_APPLIED',
      'DESIRED_ACTUAL',
      'RECORDED_STALE',
    ] as const;
    for (let minute = 1; minute <= 10; minute += 1) {
      const difference = aDifference({
        relation: relations[minute % 5] ?? 'ACTUAL_DIVERGED',
        desired: minute,
        recorded: 1,
        actual: minute + 100,
        effect: minute % 2 === 0 ? 'widens' : 'narrows',
      });
      const changes = look([difference], [record], { minute });
      expect(changes).toHaveLength(1);
      record = changes[0]?.record ?? record;
    }

    expect([
      record.finding.identity,
      record.finding.findingId,
      record.finding.firstSeenAt,
      record.finding.detectedAt,
    ]).toEqual([first.identity, 'drift-20260703-000001', first.firstSeenAt, first.detectedAt]);
    expect(record.finding.content).not.toBe(first.content);
    expect(record.finding.lastSeenAt).not.toBe(first.lastSeenAt);
  });

  it('GOV-57: two categories and two path roots of one resource are three findings', () => {
    const differences = [
      aDifference({ path: '/connectionLimit', pathRoot: '/connectionLimit', category: 'capacity' }),
      aDifference({ path: '/attributes/login', pathRoot: '/attributes', category: 'privilege' }),
      aDifference({ path: '/attributes/createdb', pathRoot: '/attributes', category: 'privilege' }),
      aDifference({ path: '/memberOf/x', pathRoot: '/memberOf', category: 'privilege' }),
    ];

    expect(look(differences)).toHaveLength(3);
    expect(
      look([...differences].reverse())
        .map((each) => each.record.finding.identity)
        .sort(),
    ).toEqual(
      look(differences)
        .map((each) => each.record.finding.identity)
        .sort(),
    );
  });

  it('GOV-48: a partial look, an unknown path and a look at something else resolve nothing', () => {
    const record = opened();
    const unknown = comparison([], [
      { resource: 'user/app', path: '/connectionLimit', reason: 'PERMISSION', detail: '' },
    ] as never);

    expect(look([], [record], { coverage: PARTIAL })).toEqual([]);
    expect(look([], [record], { comparison: unknown })).toEqual([]);
    expect(look([], [record], { scope: { kind: 'targeted', resources: ['role/other'] } })).toEqual([]);
    expect(look([], [record]).map((each) => each.record.finding.state)).toEqual(['RESOLVED']);
    expect(
      look([], [record], { scope: { kind: 'targeted', resources: ['user/app'] } }).map((each) => each.entry),
    ).toEqual(['FINDING_RESOLVED']);
  });

  it('GOV-48: a look made for one resource closes nothing while a part of the unit was not seen', () => {
    const record = opened();
    const scope = { kind: 'targeted', resources: ['user/app'] } as const;

    expect(look([], [record], { scope, coverage: PARTIAL })).toEqual([]);
    expect(look([], [record], { scope }).map((each) => each.record.finding.state)).toEqual(['RESOLVED']);
  });

  it('GOV-28: a revert after which only the record is behind goes on as RECORDED_STALE and is not resolved', () => {
    const record = opened();
    const stale = aDifference({ relation: 'RECORDED_STALE', desired: 1, recorded: 9, actual: 1 });

    const [change] = look([stale], [{ ...record, finding: { ...record.finding, state: 'VERIFYING' } }]);

    expect(change?.record.finding.relation).toBe('RECORDED_STALE');
    expect(['RESOLVED', 'ARCHIVED']).not.toContain(change?.record.finding.state);
    expect(change?.record.finding.findingId).toBe(record.finding.findingId);
  });

  it('a finding that comes back within the flap window is the old one, reopened', () => {
    const record = opened();
    const [resolved] = look([], [record], { minute: 5 });
    const [back] = look([aDifference()], [resolved?.record ?? record], { minute: 10 });
    const [later] = look([aDifference()], [resolved?.record ?? record], { minute: 3 * 24 * 60 });

    expect([back?.entry, back?.record.finding.occurrences, back?.record.finding.findingId]).toEqual([
      'FINDING_REOPENED',
      2,
      record.finding.findingId,
    ]);
    expect(later?.isNew).toBe(true);
  });

  it('GOV-68: result, partial and reasons follow from what counts and what was seen', () => {
    const low = { ...opened().finding, risk: 'LOW', driftClass: 'UNAUTHORIZED_RUNTIME_DRIFT' } as const;
    const info = { ...low, risk: 'INFO' } as const;
    const unclassified = { ...info, driftClass: 'UNCLASSIFIED' } as const;
    const told = (findings: Parameters<typeof checkVerdict>[0], coverage: Coverage): unknown => {
      const { result, partial, reasons } = checkVerdict(findings, coverage, 5);
      return [result, partial, reasons];
    };

    expect(told([low], WHOLE)).toEqual(['DRIFT_DETECTED', false, []]);
    expect(told([low], PARTIAL)).toEqual(['DRIFT_DETECTED', true, ['PARTIAL', 'PERMISSION']]);
    expect(told([], PARTIAL)).toEqual(['UNKNOWN', true, ['PARTIAL', 'PERMISSION']]);
    expect(told([info], WHOLE)).toEqual(['IN_SYNC', false, []]);
    expect(told([unclassified], WHOLE)).toEqual(['DRIFT_DETECTED', false, []]);
    expect(
      told(
        [
          { ...low, state: 'SUPPRESSED' },
          { ...low, state: 'ACCEPTED' },
        ],
        WHOLE,
      ),
    ).toEqual(['IN_SYNC', false, []]);
    expect(checkVerdict([], PARTIAL, 0).result).toBe('UNKNOWN');
  });

  it('groups by resource, category and path root alone', () => {
    expect(
      groupDifferences('payments-db', [aDifference(), aDifference({ path: '/connectionLimit', actual: 3 })]),
    ).toHaveLength(1);
  });

  it('a look at some resources alone confirms nothing, and what returns is confirmed anew', () => {
    const unit = { ...aUnit(), policies: { ...aUnit().policies, confirmations: 2 } };
    const targeted = { kind: 'targeted', resources: ['user/app'] } as const;
    const step = (record: FindingRecord, more: Parameters<typeof look>[2], shown = true): FindingRecord =>
      look(shown ? [aDifference()] : [], [record], { unit, ...more })[0]?.record ?? record;
    const [first] = look([aDifference()], [], { unit });
    if (first === undefined) throw new Error('nothing was opened');
    const once = first.record;
    const again = step(once, { minute: 1, scope: targeted });
    const twice = step(again, { minute: 2 });
    const gone = step(twice, { minute: 3 }, false);
    const back = step(gone, { minute: 4 });
    const confirmed = step(back, { minute: 5 });

    expect([once, again, twice, gone, back, confirmed].map(({ finding }) => finding.state)).toEqual([
      'DETECTED',
      'DETECTED',
      'CLASSIFIED',
      'RESOLVED',
      'DETECTED',
      'CLASSIFIED',
    ]);
  });
});
