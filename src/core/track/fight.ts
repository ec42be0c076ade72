import type { Digest } from '../model/digest.ts';
import type { FindingLife } from '../model/finding-record.ts';
import { epochMilliseconds, type Instant } from '../model/instant.ts';

const FIGHT_WINDOW = 6 * 3_600_000;

function isRecent(at: Instant, now: Instant): boolean {
  return epochMilliseconds(now) - epochMilliseconds(at) <= FIGHT_WINDOW;
}

/** A value that was put back twice and is there again: the second heal was undone. */
function undoneTwice(life: FindingLife, content: Digest, now: Instant): boolean {
  const heals = life.attempts.filter(
    (each) => each.outcome === 'converged' && each.content === content && isRecent(each.at, now),
  );
  return heals.length >= 2;
}

/** The last four contents are A, B, A, B. */
function alternates(life: FindingLife, now: Instant): boolean {
  const [a, b, c, d] = life.contents
    .filter((each) => isRecent(each.at, now))
    .slice(-4)
    .map((each) => each.content);
  return d !== undefined && a === c && b === d && a !== b;
}

/** Whether two writers put one identity back in turn. Different changes healed one after the other are no fight. */
export function isFight(life: FindingLife, content: Digest, now: Instant): boolean {
  return undoneTwice(life, content, now) || alternates(life, now);
}
