import { z } from 'zod';

/** Proofs that older checkpoints are prefixes of the bundle's. */
export const Consistency = z.array(
  z.strictObject({ size: z.int().nonnegative(), root: z.base64(), proof: z.array(z.base64()).max(80) }),
);
export type Consistency = z.infer<typeof Consistency>;
