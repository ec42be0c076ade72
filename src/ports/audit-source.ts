import type { Difference } from '../core/model/difference.ts';
import type { AuditCorrelation } from '../core/model/finding.ts';
import type { Instant } from '../core/model/instant.ts';
import type { Unit } from '../core/model/unit.ts';

/** A source of audit events joined to differences. Read-only; what it does not cover it says. */
export interface AuditSource {
  readonly name: string;
  correlate(
    request: {
      readonly unit: Unit;
      readonly differences: readonly Difference[];
      readonly window: { readonly from: Instant | undefined; readonly to: Instant };
    },
    signal: AbortSignal,
  ): Promise<ReadonlyMap<Difference, AuditCorrelation>>;
}
