import { z } from 'zod';
import { parseDuration } from '../../model/duration.ts';
import { toInstant } from '../../model/instant.ts';
import { isJsonObject } from '../../model/json.ts';

/** A Kedge duration as text; the parsed value is milliseconds. */
export const DurationField = z.string().transform((text, context) => {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return milliseconds;
  context.addIssue({ code: 'custom', message: `"${text}" is not a duration; write for example 5m, 4h or 30d` });
  return z.NEVER;
});

const LONGEST_TIMER = 24 * 86_400_000;

/** A duration that a clock has to wait for: longer than nothing, at most 24 days. */
export const TimerField = DurationField.refine(
  (milliseconds) => milliseconds > 0 && milliseconds <= LONGEST_TIMER,
  'it must be longer than 0s and at most 24d',
);

/** A path or path pattern: JSON pointer, `*`, `**`, `[key=value]`. */
export const PathField = z
  .string()
  .regex(/^\/(?:[^/]+(?:\/[^/]+)*)?$/, 'a path begins with / and has no empty segment, for example /spec/replicas')
  .max(1_024);

/**
 * An instant, or a bare date meaning the end of that UTC day; the parsed value is RFC 3339. What is neither counts as long expired,
 * so that a typing error never keeps something hidden.
 */
export const ExpiryField = z.union([z.string(), z.number()]).transform((given): string => {
  const text = String(given);
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))) {
    return new Date(Date.parse(text) + 86_400_000).toISOString().replace('.000Z', 'Z');
  }
  const at = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  return Number.isNaN(at) ? '1970-01-01T00:00:00Z' : new Date(at).toISOString().replace('.000Z', 'Z');
});

function instantField(ofBareDate: (startOfDay: number) => number) {
  return z.string().transform((text, context): string => {
    const bare = /^\d{4}-\d{2}-\d{2}$/.test(text);
    const timed = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
    const at = bare || timed ? Date.parse(text) : Number.NaN;
    if (!Number.isNaN(at)) return toInstant(bare ? ofBareDate(at) : at);
    context.addIssue({ code: 'custom', message: `"${text}" is no time; write 2026-07-03T10:00:00Z or 2026-07-03` });
    return z.NEVER;
  });
}

/** When something begins: an instant, or the start of a UTC day. What is neither is refused, so that nothing begins by mistake. */
export const StartField = instantField((day) => day);

/** When something ends: an instant, or the end of a UTC day. What is neither is refused. */
export const EndField = instantField((day) => day + 86_400_000);

/** A name as documents carry it. */
export const NameField = z.string().min(1).max(253);

const SECRET_SOURCES = ['env', 'file', 'kubernetesSecret', 'vault', 'exec', 'oidcRole', 'tokenFile'];

function isReference(value: unknown): boolean {
  return isJsonObject(value) && Object.keys(value).some((key) => SECRET_SOURCES.includes(key));
}

const PUBLIC_FIELDS: ReadonlySet<string> = new Set([
  'username',
  'oidcRole',
  'audience',
  'tokenFrom',
  'roleArn',
  'region',
]);

/**
 * A credential: named fields, each plain text where it is public (a user name) or a reference to a source.
 * A literal secret is refused without being repeated.
 */
export const CredentialsField = z.record(z.string(), z.json()).superRefine((value, context) => {
  if (isReference(value)) return;
  for (const [name, field] of Object.entries(value)) {
    if (PUBLIC_FIELDS.has(name) || isReference(field)) continue;
    context.addIssue({
      code: 'custom',
      path: [name],
      message: 'a secret must be a reference such as {env: NAME} or {file: PATH}, never its value',
      params: { kedge: 'SECRET_LITERAL' },
    });
  }
});
