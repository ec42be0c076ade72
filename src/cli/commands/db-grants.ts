import { databaseGrants } from '../../app/db-grants.ts';
import { textOption, type Invocation } from '../invocation.ts';
import { openUnit } from '../open-unit.ts';
import { UsageError } from '../usage-error.ts';

/** Prints the SQL that makes an observer or an actuator with the least rights. */
export async function run(invocation: Invocation): Promise<number> {
  const { kedge, unit } = await openUnit(invocation);
  const role = textOption(invocation, 'role') === 'actuator' ? 'actuator' : 'observer';
  const printed = databaseGrants(kedge.context, unit, role);
  if (printed.status !== 'printed')
    throw new UsageError(
      'NOT_SUPPORTED',
      `cannot print grants for ${unit.name}: ${printed.because}`,
      'see the page on databases',
    );
  invocation.console.result(printed.sql);
  return 0;
}
