import type { FindingDifference } from '../../core/model/finding.ts';
import { inert } from './inert-text.ts';

const LONGEST = 120;

/** What one plane says of a difference, in one line; a sensitive value is never shown. */
export function planeText(difference: FindingDifference, plane: 'desired' | 'recorded' | 'actual'): string {
  const word = difference.planes?.[plane] ?? (difference[plane] === undefined ? 'not-applicable' : 'present');
  if (word === 'absent') return 'not there';
  if (word === 'not-applicable') return 'says nothing';
  if (word === 'unknown') return 'not seen';
  if (difference.sensitive) return '(sensitive)';
  const value = difference[plane];
  const text = inert(typeof value === 'string' ? value : JSON.stringify(value));
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
  if (typeof value !== 'object' || value === null || Array.isArray(value) || difference.sensitive)
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
