import { printGrants } from '../adapters/database/grants/print-grants.ts';
import type { GrantRole, PrintedGrants } from '../adapters/database/grants/grant-role.ts';
import type { Unit } from '../core/model/unit.ts';
import type { EngineContext } from '../engine/context.ts';

/** The SQL of a role with the least rights on a unit's server. It is printed and never run. */
export function databaseGrants(context: EngineContext, unit: Unit, role: GrantRole): PrintedGrants {
  return printGrants(role, unit, context.workingSet().foreign);
}
