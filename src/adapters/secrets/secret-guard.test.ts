import { describe, expect, it } from 'vitest';
import { createSecretGuard } from './secret-guard.ts';

const SECRET = 'Tr0ub4dor&3 "quoted"/päss';

describe('the secret guard', () => {
  it('EV-38: finds a secret raw, JSON-escaped, URL-encoded, in hexadecimal and in base64 at every offset', () => {
    const guard = createSecretGuard();
    guard.register(SECRET);
    const bytes = Buffer.from(SECRET);
    const forms = [
      SECRET,
      JSON.stringify({ password: SECRET }),
      JSON.stringify(JSON.stringify({ password: SECRET })),
      encodeURIComponent(SECRET),
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
      ...[0, 1, 2].flatMap((offset) => {
        const padded = Buffer.concat([Buffer.from('x'.repeat(offset)), bytes, Buffer.from('after')]);
        return [padded.toString('base64'), padded.toString('base64url')];
      }),
    ];
    for (const form of forms) {
      const scrubbed = guard.scrub(`before ${form} after`, 'test');
      expect(scrubbed, form).toContain('[REDACTED]');
      expect(scrubbed).not.toContain(SECRET.slice(0, 10));
    }
    expect(guard.hits().get('test')).toBeGreaterThanOrEqual(forms.length);
  });

  it('EV-38: finds what is a secret by its shape, registered or not', () => {
    const guard = createSecretGuard();
    const shapes = [
      '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-----END PRIVATE KEY-----',
      'AKIAABCDEFGHIJKLMNOP',
      'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlc2ln',
      'SCRAM-SHA-256$4096:c2FsdHNhbHQ=$c3RvcmVk:c2VydmVy',
      'kdg_abc_0123456789012345678901234567890123456789',
    ];
    for (const shape of shapes) expect(guard.scrub(`x ${shape} y`, 'test')).not.toContain(shape.slice(8, 24));
  });

  it('leaves short words alone, which stand in every text', () => {
    const guard = createSecretGuard();
    guard.register('abc');

    expect(guard.scrub('abcdef', 'test')).toBe('abcdef');
  });
});
