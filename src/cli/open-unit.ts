import type { Kedge } from '../app/kedge.ts';
import type { Unit } from '../core/model/unit.ts';
import { nearest } from '../core/model/nearest.ts';
import type { Invocation } from './invocation.ts';
import { UsageError } from './usage-error.ts';

/** Opens the installation and the unit that the first argument names. */
export async function openUnit(invocation: Invocation): Promise<{ readonly kedge: Kedge; readonly unit: Unit }> {
  const [name = ''] = invocation.arguments;
  const kedge = await invocation.open({ keepGoing: true });
  const { units } = kedge.documents().set;
  const unit = units.find((each) => each.name === name);
  if (unit === undefined) {
    const near = nearest(
      name,
      units.map((each) => each.name),
    );
    throw new UsageError(
      'UNIT_UNKNOWN',
      `there is no unit "${name}"${near === undefined ? '' : `   did you mean "${near}"?`}`,
      '`kedge units list` shows them',
    );
  }
  return { kedge, unit };
}
