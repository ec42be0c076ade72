import { databaseAdapter } from '../adapters/database/adapter.ts';
import type { AdapterDescriptor, UnitType } from '../ports/adapter.ts';

/** Every watched system Kedge knows. A new one is a folder and a line here. */
export const ADAPTERS: readonly AdapterDescriptor[] = [databaseAdapter];

/** The adapter of a unit type. */
export function adapterOf(
  unitType: string,
): { readonly adapter: AdapterDescriptor; readonly unitType: UnitType } | undefined {
  for (const adapter of ADAPTERS) {
    const found = adapter.unitTypes.find((each) => each.type === unitType);
    if (found !== undefined) return { adapter, unitType: found };
  }
  return undefined;
}
