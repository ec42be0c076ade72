const SHORTEST_SECRET = 6;

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

/** The middle of a base64 text, which stays the same whatever stands around the secret. */
function base64Core(secret: Buffer, offset: number): string {
  const padded = Buffer.concat([Buffer.alloc(offset), secret]);
  const text = padded.toString('base64').replaceAll('=', '');
  const start = [0, 2, 3][offset] ?? 0;
  const whole = Math.floor((padded.length * 8) / 6);
  return text.slice(start, whole);
}

/** Every form in which a secret could leave: raw, JSON-escaped, URL-encoded, hex, base64 at three offsets in both alphabets. */
export function secretForms(secret: string): readonly string[] {
  if (Buffer.byteLength(secret) < SHORTEST_SECRET) return [];
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((offset) => base64Core(bytes, offset)).filter((text) => text.length >= SHORTEST_SECRET);
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    JSON.stringify(JSON.stringify(secret)).slice(3, -3),
    encodeURIComponent(secret),
    encodeURIComponent(secret).toLowerCase(),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ];
  return [...new Set(forms)]
    .filter((form) => form.length >= SHORTEST_SECRET)
    .sort((left, right) => right.length - left.length);
}

const KNOWN_SHAPES = [
  '-----BEGIN (?:[A-Z ]+ )?PRIVATE KEY-----[\\s\\S]{16,}?-----END (?:[A-Z ]+ )?PRIVATE KEY-----',
  '\\b(?:AKIA|ASIA)[0-9A-Z]{16}\\b',
  '\\beyJ[A-Za-z0-9_-]{8,}\\.eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}',
  '\\bkdg_[A-Za-z0-9_-]{24,}',
  'SCRAM-SHA-256\\$\\d+:[A-Za-z0-9+/=]+\\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+',
];

/** What stands in place of a secret. */
export const REDACTED = '[REDACTED]';

/** One expression that finds every form of every secret, and texts that are secrets by their shape. */
export function secretExpression(secrets: Iterable<string>): RegExp {
  const forms = [...new Set([...secrets].flatMap(secretForms))]
    .sort((left, right) => right.length - left.length)
    .map(escape);
  return new RegExp([...forms, ...KNOWN_SHAPES].join('|'), 'g');
}
