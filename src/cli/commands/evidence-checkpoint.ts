import type { Invocation } from '../invocation.ts';
import { UsageError } from '../usage-error.ts';

/** Prints the last published checkpoint. */
export async function run(invocation: Invocation): Promise<number> {
  const kedge = await invocation.open({ keepGoing: true });
  const bytes = await kedge.evidence.read('log/1/checkpoint');
  if (bytes === undefined) throw new UsageError('EVIDENCE_EMPTY', 'nothing is published yet', 'run a check first');
  invocation.console.result(new TextDecoder().decode(bytes));
  return 0;
}
