import { z } from 'zod';
import { canonicalJson, sha256, type Digest } from '../model/digest.ts';
import type { JsonValue } from '../model/json.ts';
import { ABOUT_KINDS, ARTIFACT_ROLES, ENTRY_TYPES } from './entry-type.ts';

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const PREDICATE_TYPE = 'https://kedge.dev/evidence/entry/v1';
/** A statement is small; what is larger is an artifact. */
export const LARGEST_STATEMENT = 256 * 1024;

const Actor = z.strictObject({
  kind: z.enum(['USER', 'TOKEN', 'LOCAL', 'KEDGE']),
  id: z.string(),
  name: z.string(),
  origin: z.string().optional(),
  outcome: z.string().optional(),
});

/** An artifact as its entry names it; the bytes stand apart under their digest. */
export const ArtifactReference = z.strictObject({
  role: z.enum(ARTIFACT_ROLES),
  name: z.string(),
  mediaType: z.string(),
  bytes: z.int().nonnegative(),
  digest,
  redacted: z.boolean(),
});
export type ArtifactReference = z.infer<typeof ArtifactReference>;

/** One entry of the log as an in-toto statement. `subject[0]` is the digest of `body`; the rest are its artifacts. */
export const Statement = z.strictObject({
  _type: z.literal(STATEMENT_TYPE),
  predicateType: z.literal(PREDICATE_TYPE),
  subject: z
    .array(z.strictObject({ name: z.string(), digest: z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }) }))
    .min(1),
  predicate: z.strictObject({
    schemaVersion: z.literal('1.0'),
    id: z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/),
    type: z.enum(ENTRY_TYPES),
    at: z.string(),
    unit: z.string().optional(),
    about: z.strictObject({ kind: z.enum(ABOUT_KINDS), id: z.string() }),
    previous: digest.optional(),
    body: z.record(z.string(), z.json()),
    instance: z.strictObject({ id: z.string(), version: z.string() }),
    actor: Actor,
    artifacts: z.array(ArtifactReference),
    policies: z.array(z.strictObject({ kind: z.string(), name: z.string(), digest })),
  }),
});
export type Statement = z.infer<typeof Statement>;
export type StatementPredicate = Statement['predicate'];

function hex(of: string): string {
  return of.slice('sha256:'.length);
}

/** Everything of an entry but its predecessor. */
export type UnsealedEntry = Omit<StatementPredicate, 'schemaVersion' | 'previous'>;

/** Builds the statement's bytes once the digest of the statement before it about the same thing is known. */
export function sealStatement(
  entry: UnsealedEntry,
  previous: Digest | undefined,
): { readonly statement: Uint8Array; readonly digest: Digest } {
  const statement: Statement = {
    _type: STATEMENT_TYPE,
    predicateType: PREDICATE_TYPE,
    subject: [
      { name: 'body', digest: { sha256: hex(sha256(canonicalJson(entry.body))) } },
      ...entry.artifacts.map((artifact) => ({ name: artifact.name, digest: { sha256: hex(artifact.digest) } })),
    ],
    predicate: { schemaVersion: '1.0', ...entry, ...(previous === undefined ? {} : { previous }) },
  };
  const bytes = new TextEncoder().encode(canonicalJson(JSON.parse(JSON.stringify(statement)) as JsonValue));
  if (bytes.length > LARGEST_STATEMENT)
    throw new RangeError(
      `a statement of ${bytes.length} bytes is over ${LARGEST_STATEMENT}: larger parts are artifacts`,
    );
  return { statement: bytes, digest: sha256(bytes) };
}

/** Reads a statement from the very bytes that were verified. */
export function parseStatement(bytes: Uint8Array): Statement {
  if (bytes.length > LARGEST_STATEMENT) throw new RangeError('the statement is larger than any of Kedge');
  return Statement.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
}
