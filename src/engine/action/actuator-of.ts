import type { Unit } from '../../core/model/unit.ts';
import type { Actuator } from '../../ports/actuator.ts';
import type { EngineContext } from '../context.ts';

/** The one that writes to a unit's system, built with the write credentials; undefined when the unit type has none. */
export function actuatorOf(parts: { readonly context: EngineContext; readonly unit: Unit }): Actuator | undefined {
  const { context, unit } = parts;
  const { adapter } = context.adapterOf(unit.type) ?? {};
  return adapter?.actuator?.({ unit, credentials: context.credentials, clock: context.clock });
}
