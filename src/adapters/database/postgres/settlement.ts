import { z } from 'zod';

/** Where a transaction ran and its number: enough to ask later what became of it. */
export const Settlement = z.strictObject({
  system: z.string(),
  host: z.string(),
  port: z.int(),
  database: z.string(),
  xids: z.array(z.string().regex(/^\d{1,20}$/)).min(1),
});
export type Settlement = Readonly<z.infer<typeof Settlement>>;

export function formatSettlement(settlement: Settlement): string {
  return JSON.stringify(settlement);
}

/** Undefined for a text that is no settlement of this adapter. */
export function parseSettlement(text: string): Settlement | undefined {
  try {
    return Settlement.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** One answer for several transactions: only together did they happen or not; of a part that stands beside one that does not, a look must tell. */
export function settleAll(statuses: readonly (string | null)[]): 'committed' | 'aborted' | 'unknown' {
  if (statuses.every((status) => status === 'committed')) return 'committed';
  return statuses.every((status) => status === 'aborted') ? 'aborted' : 'unknown';
}
