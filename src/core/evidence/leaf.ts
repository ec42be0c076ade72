import { z } from 'zod';
import { canonicalJson } from '../model/digest.ts';
import { ABOUT_KINDS, ENTRY_TYPES } from './entry-type.ts';

const LARGEST_LEAF = 1_024;

/** One leaf of the log: kept for ever, so without values and people. */
export const Leaf = z.strictObject({
  v: z.literal(1),
  id: z.string(),
  at: z.string(),
  type: z.enum(ENTRY_TYPES),
  unit: z.string().optional(),
  about: z.strictObject({ kind: z.enum(ABOUT_KINDS), id: z.string() }),
  statement: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Leaf = z.infer<typeof Leaf>;

/** The leaf's bytes: RFC 8785 of its fields. */
export function leafBytes(leaf: Leaf): Uint8Array {
  const { unit, ...rest } = leaf;
  const bytes = new TextEncoder().encode(canonicalJson({ ...rest, ...(unit === undefined ? {} : { unit }) }));
  if (bytes.length > LARGEST_LEAF) throw new RangeError(`a leaf of ${bytes.length} bytes is over ${LARGEST_LEAF}`);
  return bytes;
}

/** The leaf of an entry, from its stored columns. */
export function leafOf(entry: {
  readonly id: string;
  readonly at: string;
  readonly type: string;
  readonly unit: string | undefined;
  readonly about: { readonly kind: string; readonly id: string };
  readonly digest: string;
}): Uint8Array {
  const leaf = {
    v: 1,
    id: entry.id,
    at: entry.at,
    type: entry.type,
    about: entry.about,
    statement: entry.digest.slice('sha256:'.length),
    ...(entry.unit === undefined ? {} : { unit: entry.unit }),
  };
  return leafBytes(Leaf.parse(leaf));
}
