import { localPrincipal } from '../../app/kedge.ts';
import { holdUnit, releaseUnit } from '../../engine/hold.ts';
import { textOption, type Invocation } from '../invocation.ts';
import { openUnit } from '../open-unit.ts';
import { UsageError } from '../usage-error.ts';

/** Places or ends a hold; either is evidence. */
export async function run(invocation: Invocation): Promise<number> {
  const reason = textOption(invocation, 'reason');
  if (reason === undefined || reason.trim() === '')
    throw new UsageError('USAGE', 'a hold needs a reason', 'add --reason "…": it goes into evidence');
  const { kedge, unit } = await openUnit(invocation);
  const by = localPrincipal(invocation.environment);
  const isHold = invocation.path.at(-1) === 'hold';
  await (isHold ? holdUnit : releaseUnit)(kedge.context, unit, { reason, by });
  await kedge.context.publisher.publish(AbortSignal.timeout(60_000));
  invocation.console.result(
    isHold
      ? `${unit.name} is on hold: no action but an incident until it is released; checks go on`
      : `${unit.name} is released`,
  );
  return 0;
}
