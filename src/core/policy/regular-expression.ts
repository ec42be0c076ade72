import { RE2JS } from '@bufbuild/re2';

const patterns = new Map<string, RE2JS | undefined>();

/** An RE2 pattern, linear in what it reads; undefined when it is none, or over 512 characters. Compiled once. */
export function regularExpression(text: string): RE2JS | undefined {
  if (!patterns.has(text)) {
    let compiled: RE2JS | undefined;
    try {
      compiled = text.length > 512 ? undefined : RE2JS.compile(text);
    } catch {
      compiled = undefined;
    }
    if (patterns.size > 5_000) patterns.clear();
    patterns.set(text, compiled);
  }
  return patterns.get(text);
}
