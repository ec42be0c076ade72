import { writer } from './writer.ts';

export const step = writer;
