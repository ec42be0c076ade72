import type { Diagnostic } from '../../model/diagnostic.ts';
import { epochMilliseconds, type Instant } from '../../model/instant.ts';
import type { Unit } from '../../model/unit.ts';
import { matches, type MatchSubject, type Words } from '../matcher.ts';
import { TIER_SCHEDULE } from './drift-managed-unit.ts';
import type { ExceptionWindow } from './exception-window.ts';
import type { IgnoreRule } from './ignore-rule.ts';
import type { Match } from './match.ts';
import type { PolicyDocument } from './policy-document.ts';

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

/** A document that permits something for a while: how long, and where it says so. */
interface Life {
  readonly milliseconds: number;
  readonly match: Match;
  readonly code: string;
  readonly pointer: string;
  readonly what: string;
  readonly orElse: string;
}

function lifeOf(document: PolicyDocument<unknown>, now: Instant): Life | undefined {
  if (document.kind === 'ExceptionWindow') {
    const { startsAt, endsAt, match } = (document as ExceptionWindow).spec;
    return {
      milliseconds: epochMilliseconds(endsAt) - epochMilliseconds(startsAt),
      match,
      code: 'EXCEPTION_INVALID',
      pointer: '/spec/endsAt',
      what: 'the window is open longer',
      orElse: 'set endsAt within that of startsAt',
    };
  }
  if (document.kind !== 'IgnoreRule') return undefined;
  const { expiresAt, effect, match } = (document as IgnoreRule).spec;
  if (expiresAt === undefined || effect === 'deny') return undefined;
  return {
    milliseconds: epochMilliseconds(expiresAt) - epochMilliseconds(now),
    match,
    code: 'KL134',
    pointer: '/spec/expiresAt',
    what: 'the rule lives longer',
    orElse: 'set expiresAt within that, or review.every and keep it',
  };
}

function reaches({ match: { paths: _, ...match } }: Life, unit: Unit): boolean {
  return matches(match, unitSubject(unit), 'restrictive').answer !== 'false';
}

/** The fault of a document that permits for longer than a unit it may reach allows; undefined when there is none. */
export function overlongRemark(
  document: PolicyDocument<unknown>,
  units: readonly Unit[],
  now: Instant,
): Omit<Diagnostic, 'location'> | undefined {
  const life = lifeOf(document, now);
  if (life === undefined) return undefined;
  const unit = units.find(
    (each) => reaches(life, each) && life.milliseconds > TIER_SCHEDULE[each.riskTier].longestException,
  );
  if (unit === undefined) return undefined;
  const longest = TIER_SCHEDULE[unit.riskTier].longestException / DAY;
  return {
    code: life.code,
    level: 'error',
    pointer: life.pointer,
    message: `${life.what} than the ${longest}d that a ${unit.riskTier} unit allows (${unit.name})`,
    next: life.orElse,
  };
}
