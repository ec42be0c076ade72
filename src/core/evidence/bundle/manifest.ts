import { z } from 'zod';
import { canonicalJson } from '../../model/digest.ts';

/** The list of a bundle's files: each once, with its digest. The manifest itself is not in it. */
export const Manifest = z.strictObject({
  schemaVersion: z.literal('1.0'),
  kind: z.literal('EvidenceBundle'),
  subject: z.strictObject({ kind: z.literal('FINDING'), id: z.string() }),
  files: z.array(
    z.strictObject({ path: z.string(), bytes: z.int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  ),
});
export type Manifest = z.infer<typeof Manifest>;

/** The manifest's one form in bytes. */
export function manifestBytes(manifest: Manifest): Uint8Array {
  return new TextEncoder().encode(`${canonicalJson(manifest)}\n`);
}
