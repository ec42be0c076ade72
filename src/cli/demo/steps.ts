import { approved } from './approved.ts';
import { declared, drift } from './declared.ts';
import { found } from './found.ts';
import { healed } from './healed.ts';
import type { Stage } from './stage.ts';
import { proven } from './proven.ts';
import { unreachable } from './unreachable.ts';

/** One step of the demonstration: what it shows, and how it asserts it. */
export interface DemoStep {
  readonly title: string;
  readonly run: (stage: Stage) => Promise<void>;
}

/** The steps, in order. */
export const DEMO_STEPS: readonly DemoStep[] = [
  { title: 'Declared, and there', run: declared },
  { title: 'mallory changes three things by hand', run: drift },
  { title: 'Found, classified, explained', run: found },
  { title: 'The low one heals by itself and is verified', run: healed },
  { title: 'The high one waits for two people', run: (stage) => approved(stage) },
  { title: 'No result is not "no drift"', run: unreachable },
  { title: 'The evidence is verified offline, and one flipped byte is found', run: proven },
];
