import type { Kedge } from '../app/kedge.ts';
import type { FindingRecord } from '../core/model/finding-record.ts';
import type { Invocation } from './invocation.ts';
import { UsageError } from './usage-error.ts';

/** Opens the installation and the finding that the first argument names. */
export async function openFinding(
  invocation: Invocation,
): Promise<{ readonly kedge: Kedge; readonly record: FindingRecord }> {
  const [findingId = ''] = invocation.arguments;
  const kedge = await invocation.open({ keepGoing: true });
  const record = await kedge.store.findFinding(findingId);
  if (record === undefined)
    throw new UsageError(
      'FINDING_UNKNOWN',
      `there is no finding ${findingId}`,
      '`kedge findings list --all` shows them',
    );
  return { kedge, record };
}
