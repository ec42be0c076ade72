import type { JsonValue } from '../core/model/json.ts';

/**
 * Turns a sensitive value into a keyed digest before it leaves its adapter:
 * `hmac-sha256:<keyId>:<base64url>` under a key of the unit. Equal values of one context give equal digests.
 */
export interface ValueRedactor {
  digest(value: JsonValue, context?: string): string;
}
