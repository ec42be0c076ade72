import { createConsole } from '../cli/console.ts';

export const appKnowsNoSurface = createConsole;
