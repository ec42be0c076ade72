import { z } from 'zod';

/** A scalar of a document. */
export const JsonScalar = z.union([z.string(), z.number(), z.boolean()]);

/** Which resources by what they are; each key equal or a glob. */
export const ResourceSelector = z.strictObject({
  group: z.string().optional(),
  kind: z.string().optional(),
  type: z.string().optional(),
  name: z.string().optional(),
  namespace: z.string().optional(),
  provider: z.string().optional(),
});
export type ResourceSelector = z.infer<typeof ResourceSelector>;
