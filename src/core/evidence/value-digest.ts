import { createHmac, hkdfSync } from 'node:crypto';
import { canonicalJson, sha256 } from '../model/digest.ts';
import type { JsonValue } from '../model/json.ts';

const TAG = 'kedge/redact/v1';

/** A hint at which key made a digest; it says nothing about the key. */
export function redactionKeyId(key: Uint8Array): string {
  return sha256(Buffer.concat([Buffer.from(`${TAG}/id\n`), key])).slice('sha256:'.length, 'sha256:'.length + 8);
}

/**
 * A sensitive value as a keyed digest: `hmac-sha256:<keyId>:<base64url>`. Equal values of one unit and context give equal digests;
 * beyond them nothing can be linked, and without the key nothing can be guessed.
 */
export function digestValue(
  key: Uint8Array,
  unit: string,
  of: { readonly value: JsonValue; readonly context?: string | undefined },
): string {
  const unitKey = Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `${TAG}/${unit}`, 32));
  const message = [TAG, of.context ?? '', canonicalJson(of.value)]
    .map((part) => `${Buffer.byteLength(part)}:${part}`)
    .join('');
  return `hmac-sha256:${redactionKeyId(key)}:${createHmac('sha256', unitKey).update(message).digest('base64url')}`;
}
