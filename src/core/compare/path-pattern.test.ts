import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers, specificity, touches } from './path-pattern.ts';
import { formatPath, isWithin, itemText, join, parsePath, rootOf, type PathSegment } from './path.ts';

const hostile = fc.oneof(
  fc.constantFrom('a=b', 'sl/ash', 'x*y', '[x]', 'we"ird', '*', '**', '~1', '[a=b]', '__proto__', 'tail]', ''),
  fc.string({ maxLength: 12 }),
);
const segment: fc.Arbitrary<PathSegment> = fc.oneof(
  fc.record({ kind: fc.constant('member' as const), name: hostile.filter((name) => name !== '') }),
  fc.record({ kind: fc.constant('item' as const), key: fc.constantFrom('name', 'on', 'role'), value: hostile }),
);

describe('paths', () => {
  it('reads back every path it writes, whatever the names', () => {
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (segments) => {
        expect(parsePath(formatPath(segments))).toEqual(segments);
      }),
    );
  });

  it('finds the root and what is within', () => {
    expect(rootOf('/grants/[on=shop.app]')).toBe('/grants');
    expect(rootOf('/')).toBe('/');
    expect(isWithin('/grants/[on=a]', '/grants')).toBe(true);
    expect(isWithin('/grantsX', '/grants')).toBe(false);
    expect(isWithin('/anything', '/')).toBe(true);
  });
});

describe('path patterns', () => {
  it.each([
    ['/spec/replicas', '/spec/replicas', true, true],
    ['/spec', '/spec/replicas', true, true],
    ['/spec/replicas', '/spec', false, true],
    ['/spec/containers/*/image', '/spec/containers/[name=app]/image', true, true],
    ['/spec/containers/*/image', '/spec/containers', false, true],
    ['/spec/containers/[name=app]/image', '/spec/containers/[name=web]/image', false, false],
    ['/spec/containers/[name=*]/image', '/spec/containers/[name=web]/image', true, true],
    ['/**/image', '/a/b/image', true, true],
    ['/**/image', '/a/b/command', false, true],
    ['/**', '/a', true, true],
    ['/', '/a/b', true, true],
    ['/a/**/z', '/b', false, false],
    ['/a', '/', false, true],
  ])('%s over %s covers %s and touches %s', (pattern, path, isCovered, isTouched) => {
    expect([covers(pattern, path), touches(pattern, path)]).toEqual([isCovered, isTouched]);
  });

  it('takes a literal star in a name for a name', () => {
    const path = join('/grants', itemText('on', '*'));

    expect(covers(path, '/grants/[on=x]')).toBe(false);
    expect(covers(path, path)).toBe(true);
  });

  it('ranks what names more above what names less', () => {
    expect(specificity('/a/b')).toBeGreaterThan(specificity('/a'));
    expect(specificity('/a/b')).toBeGreaterThan(specificity('/a/*'));
    expect(specificity('/a/*')).toBeGreaterThan(specificity('/a/**'));
  });
});
