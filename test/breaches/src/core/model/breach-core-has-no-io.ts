import { readFileSync } from 'node:fs';

export const coreHasNoIo = readFileSync;
