import { z } from 'zod';
import type { Observation } from '../../../core/model/observation.ts';

const Facts = z.object({
  systemIdentifier: z.string(),
  version: z.number(),
  host: z.string(),
  port: z.number(),
  database: z.string(),
  tls: z.enum(['none', 'unverified', 'verified', 'local']),
  inRecovery: z.boolean(),
});

/** What an observation says of the server it looked at. */
export interface PlanFacts extends z.infer<typeof Facts> {
  readonly major: number;
}

/** Undefined when the observation does not say which server it saw: then nothing can be planned for it. */
export function readServerFacts(
  observation: Extract<Observation, { readonly status: 'observed' }>,
): PlanFacts | undefined {
  const parsed = Facts.safeParse(observation.facts);
  if (!parsed.success) return undefined;
  const { version } = parsed.data;
  return { ...parsed.data, major: version >= 1_000 ? Math.floor(version / 10_000) : version };
}
