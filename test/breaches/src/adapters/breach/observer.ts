import { step } from './step.ts';

export const readingNeverReachesWriting = step;
