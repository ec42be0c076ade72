import type { Difference } from '../core/model/difference.ts';
import type { Fact } from '../core/model/fact.ts';
import type { AuditCorrelation } from '../core/model/finding.ts';
import type { Instant } from '../core/model/instant.ts';
import type { Unit } from '../core/model/unit.ts';
import type { AuditSource } from '../ports/audit-source.ts';
import type { EngineContext } from './context.ts';

/** What the audit sources know of each difference, and the facts of the unit's surroundings. */
export interface Correlated {
  readonly correlations: ReadonlyMap<Difference, AuditCorrelation>;
  readonly facts: ReadonlyMap<string, Fact>;
}

const WITHOUT_SOURCE = ['context.change.matched', 'context.incident.linked', 'context.upgrade.recent'] as const;

interface CorrelateRequest {
  readonly unit: Unit;
  readonly differences: readonly Difference[];
  readonly from: Instant | undefined;
  readonly to: Instant;
}

async function ask(
  { logger }: Pick<EngineContext, 'logger'>,
  source: AuditSource,
  { unit, differences, from, to }: CorrelateRequest,
  signal: AbortSignal,
): Promise<ReadonlyMap<Difference, AuditCorrelation>> {
  try {
    return await source.correlate({ unit, differences, window: { from, to } }, signal);
  } catch (cause) {
    if (signal.aborted) throw cause;
    const error = cause instanceof Error ? cause.message : String(cause);
    logger.warn('an audit source failed and covers nothing', { unit: unit.name, source: source.name, error });
    return new Map();
  }
}

/**
 * Asks every audit source of a unit. Without a source nobody has looked: `not-covered`, which is neither somebody nor nobody.
 * A source that fails covers nothing.
 */
export async function correlate(
  context: Pick<EngineContext, 'auditSources' | 'logger'>,
  request: CorrelateRequest,
  signal: AbortSignal,
): Promise<Correlated> {
  const correlations = new Map<Difference, AuditCorrelation>(
    request.differences.map((difference) => [difference, { confidence: 'not-covered' }]),
  );
  for (const source of context.auditSources) {
    const found = await ask(context, source, request, signal);
    for (const [difference, correlation] of found)
      if (correlations.get(difference)?.confidence === 'not-covered') correlations.set(difference, correlation);
  }
  const facts = new Map<string, Fact>(
    WITHOUT_SOURCE.map((name) => [name, { status: 'unknown', reason: 'not-covered: no source delivers it' }]),
  );
  return { correlations, facts };
}
