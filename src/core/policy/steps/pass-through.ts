import type { TraceEntry } from '../../model/evaluation.ts';

/** Steps whose documents this version does not read. They stand in the order of the loop and say that nothing was asked. */
export function passThrough(step: TraceEntry['step']): TraceEntry {
  return { step, outcome: 'no such document in force' };
}
