import { nearest } from '../core/model/nearest.ts';
import { UsageError } from './usage-error.ts';

/** Words of a closed set, split at commas; an unknown one is refused with the nearest. */
export function requireWords(words: readonly string[], allowed: readonly string[], flag: string): readonly string[] {
  const all = words.flatMap((word) => word.split(','));
  for (const word of all) {
    if (allowed.includes(word)) continue;
    const near = nearest(word, allowed);
    throw new UsageError(
      'USAGE',
      `cannot read ${flag} ${word}${near === undefined ? '' : `   did you mean "${near}"?`}`,
      `write one of ${allowed.join(', ')}`,
    );
  }
  return all;
}
