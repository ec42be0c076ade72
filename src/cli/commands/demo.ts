import { createInterface } from 'node:readline/promises';
import { BrokenClaim } from '../demo/claim.ts';
import { buildStage } from '../demo/stage.ts';
import { DEMO_STEPS } from '../demo/steps.ts';
import { flagOption, type Invocation } from '../invocation.ts';

async function waitForEnter(invocation: Invocation): Promise<void> {
  if (!flagOption(invocation, 'step') || !invocation.console.isTerminal) return;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  await lines.question('   Enter goes on ', { signal: invocation.signal }).finally(() => {
    lines.close();
  });
}

/** Walks the whole loop on two real servers and asserts every claim; the first that fails is named. */
export async function run(invocation: Invocation): Promise<number> {
  const { console } = invocation;
  console.say('starting two PostgreSQL servers: the store, and one to watch');
  const stage = await buildStage(invocation, flagOption(invocation, 'keep'));
  for (const [index, step] of DEMO_STEPS.entries()) {
    invocation.signal.throwIfAborted();
    console.result(`\n${console.paint('bold', `${index + 1}. ${step.title}`)}`);
    try {
      await step.run(stage);
    } catch (cause) {
      if (!(cause instanceof BrokenClaim)) throw cause;
      console.fault(
        `error DEMO_FAILED  step ${index + 1} (${step.title}): this did not hold: ${cause.message}\n  next: run \`kedge demo --keep\` and look at the folder it names`,
      );
      return 1;
    }
    await waitForEnter(invocation);
  }
  console.result(`\n${console.paint('bold', `All ${DEMO_STEPS.length} steps held.`)}`);
  return 0;
}
