import { createConsole } from '../cli/console.ts';

export const serverKnowsNoCommandLine = createConsole;
