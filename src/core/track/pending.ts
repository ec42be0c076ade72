import { contentOf, identityOf } from '../compare/identity.ts';
import type { Digest } from '../model/digest.ts';
import type { Difference } from '../model/difference.ts';
import { epochMilliseconds, type Instant } from '../model/instant.ts';

/** When each edit of the declaration was first seen, by the digest of where and what it is. */
export type FirstSeen = Readonly<Record<string, Instant>>;

/** Differences that are findings, those on their way, and what to remember for the next look. */
export interface PendingSplit {
  readonly findings: readonly Difference[];
  readonly pending: readonly Difference[];
  readonly identities: ReadonlySet<Digest>;
  readonly firstSeen: FirstSeen;
}

function isAhead(difference: Difference): boolean {
  if (difference.relation === 'DESIRED_NOT_APPLIED') return true;
  return difference.relation === 'MISSING' && difference.recorded.status !== 'present';
}

function keyOf(unit: string, difference: Difference): string {
  const identity = identityOf({
    unit,
    resource: difference.resource,
    category: difference.category,
    pathRoot: difference.pathRoot,
  });
  return contentOf(identity, [{ ...difference, actual: { status: 'not-applicable' } }]);
}

/**
 * Sets apart what was declared a moment ago and is still on its way to the runtime: no finding before `convergeWithin` has passed.
 * Before the first complete look nobody knows how long a declaration stands there, so nothing is set apart.
 */
export function splitPending(input: {
  readonly unit: string;
  readonly differences: readonly Difference[];
  readonly hasBaseline: boolean;
  readonly firstSeen: FirstSeen;
  readonly convergeWithin: number;
  readonly now: Instant;
}): PendingSplit {
  const findings: Difference[] = [];
  const pending: Difference[] = [];
  const firstSeen: Record<string, Instant> = {};
  const identities = new Set<Digest>();
  for (const difference of input.differences) {
    if (!isAhead(difference) || !input.hasBaseline) {
      findings.push(difference);
      continue;
    }
    const key = keyOf(input.unit, difference);
    const since = input.firstSeen[key] ?? input.now;
    firstSeen[key] = since;
    if (epochMilliseconds(input.now) - epochMilliseconds(since) >= input.convergeWithin) findings.push(difference);
    else {
      pending.push(difference);
      identities.add(
        identityOf({
          unit: input.unit,
          resource: difference.resource,
          category: difference.category,
          pathRoot: difference.pathRoot,
        }),
      );
    }
  }
  return { findings, pending, identities, firstSeen };
}
