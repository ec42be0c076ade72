import { VERSION } from '../../app/version.ts';
import type { Invocation } from '../invocation.ts';

/** Prints the version. */
export function run(invocation: Invocation): Promise<number> {
  invocation.console.result(VERSION);
  return Promise.resolve(0);
}
