import type { Diagnostic } from '../../model/diagnostic.ts';
import { epochMilliseconds, type Instant } from '../../model/instant.ts';
import type { Unit } from '../../model/unit.ts';
import { matches, type MatchSubject, type Words } from '../matcher.ts';
import { TIER_SCHEDULE } from './drift-managed-unit.ts';
import type { IgnoreRule } from './ignore-rule.ts';

const DAY = 86_400_000;

/** A unit as a rule's selector sees it before anything was observed: what only a difference can tell is unknown. */
function unitSubject(unit: Unit): MatchSubject {
  const words: Readonly<Record<string, readonly string[]>> = {
    unit: [unit.name],
    unitType: [unit.type],
    environment: [unit.environment],
    owner: [unit.owner],
    riskTier: [unit.riskTier],
    criticality: [unit.criticality],
  };
  const unknown: Words = { status: 'unknown' };
  return {
    paths: [],
    property(key) {
      const known = words[key];
      return known === undefined ? unknown : { status: 'known', words: known };
    },
    label: () => unknown,
  };
}

function reaches(rule: IgnoreRule, unit: Unit): boolean {
  const { paths: _, ...match } = rule.spec.match;
  return matches(match, unitSubject(unit), 'restrictive').answer !== 'false';
}

/** Faults of a rule that outlives the longest exception of a unit it may hide something of. */
export function overlongRemark(
  rule: IgnoreRule,
  units: readonly Unit[],
  now: Instant,
): Omit<Diagnostic, 'location'> | undefined {
  const { expiresAt, effect } = rule.spec;
  if (expiresAt === undefined || effect === 'deny') return undefined;
  const life = epochMilliseconds(expiresAt) - epochMilliseconds(now);
  const unit = units.find((each) => reaches(rule, each) && life > TIER_SCHEDULE[each.riskTier].longestException);
  if (unit === undefined) return undefined;
  const longest = TIER_SCHEDULE[unit.riskTier].longestException / DAY;
  return {
    code: 'KL134',
    level: 'error',
    pointer: '/spec/expiresAt',
    message: `the rule lives longer than the ${longest}d that a ${unit.riskTier} unit allows (${unit.name})`,
    next: `set expiresAt within ${longest}d, or review.every and keep it`,
  };
}
