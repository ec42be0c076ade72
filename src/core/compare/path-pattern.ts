import { parseSegment, segmentTexts } from './path.ts';

/** How much of a path a pattern took: nothing, the path ran out inside the pattern, or the pattern matched a prefix of the path. */
type Fit = 'none' | 'above' | 'covers';

function fitsSegment(pattern: string, segment: string): boolean {
  if (pattern === '*' || pattern === segment) return true;
  const wanted = parseSegment(pattern);
  const given = parseSegment(segment);
  return wanted.kind === 'item' && given.kind === 'item' && wanted.key === given.key && pattern.endsWith('=*]');
}

function better(left: Fit, right: Fit): Fit {
  if (left === 'covers' || right === 'covers') return 'covers';
  return left === 'above' || right === 'above' ? 'above' : 'none';
}

/** `row[j]` says how the pattern from the current segment on fits the path from its j-th segment on. */
function fit(pattern: string, path: string): Fit {
  const wanted = segmentTexts(pattern);
  const given = segmentTexts(path);
  let row: Fit[] = given.map((): Fit => 'covers');
  row.push('covers');
  for (let i = wanted.length - 1; i >= 0; i -= 1) {
    const text = wanted[i] ?? '';
    const next: Fit[] = [];
    next[given.length] = 'above';
    for (let j = given.length - 1; j >= 0; j -= 1) {
      const rest = row[j + 1] ?? 'none';
      if (text === '**') next[j] = better(row[j] ?? 'none', next[j + 1] ?? 'none');
      else next[j] = fitsSegment(text, given[j] ?? '') ? rest : 'none';
    }
    if (text === '**') next[given.length] = row[given.length] ?? 'above';
    row = next;
  }
  return row[0] ?? 'none';
}

/** Permissive reading: the path is what the pattern names, or lies below it. */
export function covers(pattern: string, path: string): boolean {
  return fit(pattern, path) === 'covers';
}

/** Restrictive reading: the path is what the pattern names, lies below it, or is above it and so replaces it. */
export function touches(pattern: string, path: string): boolean {
  return fit(pattern, path) !== 'none';
}

/**
 * Rank of a pattern: the more it names, the higher. Compared as (depth, named segments, no `**`);
 * ties are ties, whatever the names are.
 */
export function specificity(pattern: string): number {
  const segments = segmentTexts(pattern);
  const named = segments.filter((segment) => segment !== '*' && segment !== '**' && !segment.endsWith('=*]')).length;
  const deep = segments.includes('**') ? 0 : 1;
  return segments.filter((segment) => segment !== '**').length * 10_000 + named * 10 + deep;
}
