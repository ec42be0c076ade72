import type { Console } from '../console.ts';

/** A claim of the demonstration that did not hold. */
export class BrokenClaim extends Error {
  override readonly name = 'BrokenClaim';
}

/** Says what was claimed when it holds, and ends the demonstration when it does not. */
export function claim(console: Console, text: string, holds: boolean, found?: unknown): void {
  if (!holds) throw new BrokenClaim(found === undefined ? text : `${text}; found ${JSON.stringify(found)}`);
  console.result(`   ${console.paint('green', console.unicode ? '✓' : 'ok')} ${text}`);
}
