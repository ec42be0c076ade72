import type { Console } from '../console.ts';

/** A claim of the demonstration that did not hold. */
export class BrokenClaim extends Error {
  override readonly name = 'BrokenClaim';
}

const MOST_SHOWN = 1_000;

function shown(found: unknown): string {
  const text = JSON.stringify(found);
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}… (${text.length} characters)` : text;
}

/** Says what was claimed when it holds, and ends the demonstration when it does not. */
export function claim(console: Console, text: string, holds: boolean, found?: unknown): void {
  if (!holds) throw new BrokenClaim(found === undefined ? text : `${text}; found ${shown(found)}`);
  console.result(`   ${console.paint('green', console.unicode ? '✓' : 'ok')} ${text}`);
}
