import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Catalogue } from '../model/catalogue.ts';
import type { JsonObject } from '../model/json.ts';
import type { Observation, ResourceObservation } from '../model/observation.ts';
import type { PlaneState } from '../model/plane-state.ts';
import { compare, type Comparison } from './compare.ts';
import { groupDifferences } from './identity.ts';
import { nextSnapshots } from './snapshot.ts';

const CATALOGUE: Catalogue = {
  recordedBy: 'system',
  domain: 'test',
  lists: [
    { type: '*', path: '/grants', key: 'on' },
    { type: '*', path: '/extraGrants', key: 'on' },
    { type: '*', path: '/tags', key: { unordered: true } },
  ],
  entries: [
    { type: '*', path: '/', category: 'identity', effect: 'presence', offer: { write: 'create' } },
    { type: '*', path: '/limit', category: 'capacity', effect: 'neutral', offer: { write: 'alter' }, field: 'limit' },
    { type: '*', path: '/power', category: 'privilege', effect: 'flag', offer: { write: 'alter' } },
    {
      type: '*',
      path: '/grants/*',
      category: 'privilege',
      effect: 'set',
      atomic: true,
      offer: { write: 'alter' },
      field: 'grants.{}.missing',
    },
    {
      type: '*',
      path: '/extraGrants/*',
      category: 'privilege',
      effect: 'presence',
      atomic: true,
      offer: { write: 'alter' },
    },
  ],
};

const present = (
  value: JsonObject,
  gaps: readonly { path: string; status: 'unknown' | 'not-applicable' }[] = [],
): PlaneState => ({ status: 'present', value, gaps });
const ABSENT: PlaneState = { status: 'absent' };
const NONE: PlaneState = { status: 'not-applicable' };

function aResource(
  desired: PlaneState,
  recorded: PlaneState,
  actual: PlaneState,
  resource = 'thing/a',
): ResourceObservation {
  return {
    resource,
    type: 'thing',
    name: resource,
    kind: 'Thing',
    planes: { desired, recorded, actual },
    judgement: { status: 'judged' },
  };
}

function look(...resources: readonly ResourceObservation[]): Extract<Observation, { status: 'observed' }> {
  return {
    status: 'observed',
    startedAt: '2026-01-01T00:00:00Z',
    at: '2026-01-01T00:00:01Z',
    resources,
    coverage: { complete: true, unchecked: [] },
    revisions: {},
    desiredAt: '2026-01-01T00:00:00Z',
    identity: 'observer',
    warnings: [],
  };
}

function compared(...resources: readonly ResourceObservation[]): Comparison {
  return compare(look(...resources), { catalogue: CATALOGUE, undeclaredPaths: 'security', domain: 'test' });
}

describe('compare', () => {
  it('names the relation of every way three planes can disagree', () => {
    const relation = (d: number, r: number, a: number): string | undefined =>
      compared(aResource(present({ limit: d }), present({ limit: r }), present({ limit: a }))).differences[0]?.relation;

    expect([relation(1, 1, 2), relation(2, 1, 1), relation(2, 1, 2), relation(3, 1, 2), relation(1, 1, 1)]).toEqual([
      'ACTUAL_DIVERGED',
      'DESIRED_NOT_APPLIED',
      'RECORDED_STALE',
      'THREE_WAY_CONFLICT',
      undefined,
    ]);
  });

  it('compares desired with actual where nothing is recorded yet', () => {
    const { differences } = compared(aResource(present({ limit: 1 }), NONE, present({ limit: 2 })));

    expect(differences.map(({ relation, path, field }) => ({ relation, path, field }))).toEqual([
      { relation: 'DESIRED_ACTUAL', path: '/limit', field: 'limit' },
    ]);
  });

  it('lets a list speak of all its items and an object only of the members it has', () => {
    const { differences } = compared(
      aResource(
        present({ extraGrants: [] }),
        present({ limit: 5, extraGrants: [] }),
        present({ limit: 9, extraGrants: [{ on: 'shop', privileges: ['DELETE'] }] }),
      ),
    );

    expect(differences.map(({ path, relation, effect }) => [path, relation, effect])).toEqual([
      ['/extraGrants/[on=shop]', 'ACTUAL_DIVERGED', 'widens'],
    ]);
  });

  it('reports undeclared paths of a sensitive category against what was recorded', () => {
    const { differences } = compared(
      aResource(NONE, present({ power: false, limit: 1 }), present({ power: true, limit: 2 })),
    );

    expect(differences.map(({ path, relation, declared }) => [path, relation, declared])).toEqual([
      ['/power', 'RECORDED_ACTUAL', false],
    ]);
  });

  it('calls a declared resource that is not there MISSING, a new undeclared one UNMANAGED, and takes ownership into account', () => {
    const one = (resource: ResourceObservation): string | undefined => compared(resource).differences[0]?.relation;

    expect(one(aResource(present({}), present({}), ABSENT))).toBe('MISSING');
    expect(one(aResource(NONE, ABSENT, present({ power: true })))).toBe('UNMANAGED');
    expect(one({ ...aResource(NONE, NONE, present({})), ownership: 'foreign' })).toBe('FOREIGN');
    expect(one({ ...aResource(NONE, NONE, present({})), ownership: 'ours' })).toBe('ORPHANED');
    expect(one(aResource(NONE, present({ power: true }), ABSENT))).toBe('RECORDED_ACTUAL');
    expect(one(aResource(NONE, NONE, present({ power: true })))).toBeUndefined();
  });

  it('treats what could not be seen as neither equal nor different', () => {
    const unknown: PlaneState = { status: 'unknown', reason: 'PERMISSION', detail: 'no right' };
    const whole = compared(aResource(present({ limit: 1 }), NONE, unknown));
    const part = compared(
      aResource(
        present({ limit: 1, power: false }),
        NONE,
        present({ limit: 2 }, [{ path: '/power', status: 'unknown' }]),
      ),
    );

    expect(whole).toMatchObject({ differences: [], unknowns: [{ path: '/', reason: 'PERMISSION' }] });
    expect(part.differences.map((each) => each.path)).toEqual(['/limit']);
    expect(part.unknowns.map((each) => each.path)).toEqual(['/power']);
  });

  it('reads unordered lists as sets', () => {
    expect(
      compared(aResource(present({ tags: ['a', 'b'] }), NONE, present({ tags: ['b', 'a', 'a'] }))).differences,
    ).toEqual([]);
  });

  it('is not confused by members named like prototypes', () => {
    const hostile = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') as JsonObject;

    expect(compared(aResource(present(hostile), NONE, present(hostile))).differences).toEqual([]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('does not judge what a document ignores or skips', () => {
    const ignored: ResourceObservation = {
      ...aResource(present({ limit: 1 }), NONE, present({ limit: 2 })),
      judgement: { status: 'ignored', by: 'mode: ignore' },
    };

    expect(compared(ignored)).toMatchObject({ differences: [], compared: new Set() });
    expect(compared(ignored).ignored.get('thing/a')).toBe('mode: ignore');
  });
});

const value = fc.oneof(fc.integer({ min: 0, max: 2 }), fc.boolean());
const tree = fc.record(
  {
    limit: value,
    power: value,
    grants: fc.uniqueArray(
      fc.record({ on: fc.constantFrom('a', 'b=c', 'd/e'), privileges: fc.array(fc.constantFrom('X', 'Y')) }),
      { selector: (each) => each.on },
    ),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>;
const plane: fc.Arbitrary<PlaneState> = fc.oneof(
  tree.map((each) => present(each)),
  fc.constant(ABSENT),
  fc.constant(NONE),
);

describe('compare, for every input', () => {
  it('UI-15: finds the same whatever the order of resources, members and items', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(plane, plane, plane), { maxLength: 5 }), (all) => {
        const resources = all.map(([d, r, a], index) => aResource(d, r, a, `thing/${index}`));
        const reversed = [...resources]
          .reverse()
          .map(
            (resource) =>
              JSON.parse(
                JSON.stringify(resource, (_, each: unknown) =>
                  Array.isArray(each)
                    ? [...(each as unknown[])].reverse()
                    : typeof each === 'object' && each !== null
                      ? Object.fromEntries(Object.entries(each).reverse())
                      : each,
                ),
              ) as ResourceObservation,
          );

        expect(compared(...reversed).differences.map((each) => [each.resource, each.path, each.relation])).toEqual(
          compared(...resources).differences.map((each) => [each.resource, each.path, each.relation]),
        );
      }),
    );
  });

  it('finds nothing where the planes are equal', () => {
    fc.assert(
      fc.property(tree, (each) => {
        expect(compared(aResource(present(each), present(each), present(each))).differences).toEqual([]);
      }),
    );
  });

  it('never lets an unknown actual plane open or close anything', () => {
    fc.assert(
      fc.property(plane, plane, (d, r) => {
        const { differences, unknowns } = compared(
          aResource(d, r, { status: 'unknown', reason: 'TIMEOUT', detail: '' }),
        );

        expect(differences).toEqual([]);
        expect(unknowns.length).toBe(1);
      }),
    );
  });

  it('settles: once the snapshot is taken, only declared differences remain, and no undeclared one appears', () => {
    fc.assert(
      fc.property(tree, tree, (d, a) => {
        const first = look(aResource(present(d), NONE, present(a)));
        const comparison = compare(first, { catalogue: CATALOGUE, undeclaredPaths: 'report', domain: 'test' });
        const { save } = nextSnapshots({
          observation: first,
          comparison,
          previous: new Map(),
          normalizerVersion: 1,
          at: first.at,
        });
        const recorded = save[0] === undefined ? ABSENT : present(save[0].value, save[0].gaps);
        const again = compare(look(aResource(present(d), recorded, present(a))), {
          catalogue: CATALOGUE,
          undeclaredPaths: 'report',
          domain: 'test',
        });

        expect(again.differences.map((each) => [each.path, each.relation])).toEqual(
          comparison.differences.map((each) => [each.path, each.relation]),
        );
      }),
    );
  });
});

describe('findings from differences', () => {
  it('GOV-57: makes exactly one finding for each resource, category and path root, in any order', () => {
    const { differences } = compared(
      aResource(
        present({ limit: 1, grants: [{ on: 'a', privileges: ['X'] }], extraGrants: [] }),
        NONE,
        present({ limit: 2, grants: [], extraGrants: [{ on: 'b', privileges: ['Y'] }] }),
      ),
    );
    const roots = groupDifferences('unit', differences).map(({ key }) => `${key.category} ${key.pathRoot}`);

    expect(roots).toEqual(['privilege /extraGrants', 'privilege /grants', 'capacity /limit']);
    expect(groupDifferences('unit', [...differences].reverse())).toEqual(groupDifferences('unit', differences));
  });
});
