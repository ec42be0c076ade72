import type { FindingDifference } from '../../core/model/finding.ts';
import { inert } from './inert-text.ts';

const LONGEST = 120;

/** A value without what is empty in it: a whole resource is told by what it has. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value)
    .filter(([name]) => !name.startsWith('$'))
    .map(([name, item]) => [name, withoutEmpty(item)] as const)
    .filter(
      ([, item]) => item !== false && item !== null && JSON.stringify(item) !== '[]' && JSON.stringify(item) !== '{}',
    );
  return Object.fromEntries(kept);
}

/** What one plane says of a difference, in one line; a sensitive value is never shown. */
export function planeText(difference: FindingDifference, plane: 'desired' | 'recorded' | 'actual'): string {
  const word = difference.planes?.[plane] ?? (difference[plane] === undefined ? 'not-applicable' : 'present');
  if (word === 'absent') return 'not there';
  if (word === 'not-applicable') return 'says nothing';
  if (word === 'unknown') return 'not seen';
  if (difference.sensitive) return '(sensitive)';
  const value = difference[plane];
  const text = inert(
    typeof value === 'string' ? value : JSON.stringify(difference.path === '/' ? withoutEmpty(value) : value),
  );
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** The three planes of a difference in one line; an item of a list by what it carries. */
export function planesLine(difference: FindingDifference): string {
  return (['desired', 'recorded', 'actual'] as const)
    .map((plane) => `${plane} ${short(difference, plane)}`)
    .join(' · ');
}

function short(difference: FindingDifference, plane: 'desired' | 'recorded' | 'actual'): string {
  const value = difference[plane];
  if (
    typeof value !== 'object' ||
    value === null ||
    Array.isArray(value) ||
    difference.sensitive ||
    difference.path === '/'
  )
    return planeText(difference, plane);
  const { privileges, held, lacking } = value as Readonly<Record<string, unknown>>;
  const count = (lacking as { count?: number } | undefined)?.count ?? 0;
  if (count > 0) return `${String(privileges)} lacking on ${count}`;
  if (Array.isArray(held))
    return inert(
      (held as { privilege: string; grantor: string; grantable: boolean }[])
        .map((each) => `${each.privilege}${each.grantable ? ' with grant option' : ''} by ${each.grantor}`)
        .join(', '),
    );
  if (Array.isArray(privileges)) return inert(privileges.join(', '));
  return planeText(difference, plane);
}
