import type { Invocation } from '../invocation.ts';

/** Prints the verifier key that an auditor pins. */
export async function run(invocation: Invocation): Promise<number> {
  const kedge = await invocation.open({ keepGoing: true });
  invocation.console.result(kedge.vkey);
  return 0;
}
