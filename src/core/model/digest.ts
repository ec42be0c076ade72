import { createHash } from 'node:crypto';
import canonicalizeJson from 'canonicalize';
import type { JsonValue } from './json.ts';

/** `sha256:` followed by 64 lower-case hexadecimal digits. */
export type Digest = `sha256:${string}`;

/**
 * The RFC 8785 text of a JSON value: equal values give equal text on every machine.
 * @throws TypeError on numbers that are not finite and on text with a lone surrogate, which have no canonical form.
 */
export function canonicalJson(value: JsonValue): string {
  const text = canonicalizeJson(value);
  if (text === undefined) throw new TypeError('cannot canonicalise a value that is not JSON');
  if (!text.isWellFormed()) throw new TypeError('cannot canonicalise text with a lone surrogate');
  return text;
}

/** SHA-256 over raw bytes or UTF-8 text. */
export function sha256(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** SHA-256 over the canonical JSON of a value. */
export function digestJson(value: JsonValue): Digest {
  return sha256(canonicalJson(value));
}
