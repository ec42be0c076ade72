import { REDACTED, secretExpression } from '../../core/evidence/secret-patterns.ts';
import type { SecretGuard } from '../../ports/secret-guard.ts';

/** A guard over every secret this process resolved. */
export function createSecretGuard(): SecretGuard {
  const secrets = new Set<string>();
  const counts = new Map<string, number>();
  let expression = secretExpression([]);
  return {
    register(secret) {
      if (secrets.has(secret)) return;
      secrets.add(secret);
      expression = secretExpression(secrets);
    },
    scrub(text, place) {
      return text.replaceAll(expression, () => {
        counts.set(place, (counts.get(place) ?? 0) + 1);
        return REDACTED;
      });
    },
    hits: () => counts,
  };
}
