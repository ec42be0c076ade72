import { OperationError } from '../core/model/operation-error.ts';
import type { Unit } from '../core/model/unit.ts';
import type { EngineContext, WorkingSet } from './context.ts';

/** A failure of a request itself, which no waiting mends. */
export function requestError(code: string, message: string, next: string): OperationError {
  return new OperationError(code, message, { retry: 'no', next });
}

/** The unit of a finding, as the documents in force know it. @throws OperationError `UNIT_UNKNOWN`. */
export function unitOf(context: EngineContext, name: string): Unit {
  const unit = context.workingSet().units.find((each) => each.name === name);
  if (unit === undefined)
    throw requestError(
      'UNIT_UNKNOWN',
      `cannot act on unit ${name}: no document declares it`,
      'bring its document back, or retire the unit',
    );
  return unit;
}

/** One set of documents and the unit as that set declares it: a look and everything it leads to use no other. */
export function inForce(context: EngineContext, unit: Unit): { readonly set: WorkingSet; readonly unit: Unit } {
  const set = context.workingSet();
  return { set, unit: set.units.find((each) => each.name === unit.name) ?? unit };
}
