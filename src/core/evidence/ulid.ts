const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const RANDOM_BYTES = 10;

/** A ULID of a time in milliseconds and ten unpredictable bytes: sorts by time as text. */
export function toUlid(epochMilliseconds: number, random: Uint8Array): string {
  if (random.length < RANDOM_BYTES) throw new RangeError('a ULID needs ten random bytes');
  let bits = BigInt(Math.trunc(epochMilliseconds));
  for (const byte of random.subarray(0, RANDOM_BYTES)) bits = (bits << 8n) | BigInt(byte);
  let text = '';
  for (let index = 0; index < 26; index += 1) {
    text = (ALPHABET[Number(bits & 31n)] ?? '') + text;
    bits >>= 5n;
  }
  return text;
}
