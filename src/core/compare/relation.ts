import { jsonEqual } from '../model/json.ts';
import type { PathState } from '../model/plane-state.ts';
import type { Relation } from '../model/vocabulary.ts';

/** What three planes say of one path, and whether that is a difference. */
export type Verdict =
  | { readonly status: 'equal' }
  | { readonly status: 'different'; readonly relation: Relation }
  | { readonly status: 'unknown'; readonly state: Extract<PathState, { status: 'unknown' }> };

const EQUAL: Verdict = { status: 'equal' };

function different(relation: Relation): Verdict {
  return { status: 'different', relation };
}

/** Whether two known states say the same. Absent equals absent alone. */
export function sameState(left: PathState, right: PathState): boolean {
  if (left.status === 'present' && right.status === 'present') return jsonEqual(left.value, right.value);
  return left.status === right.status;
}

function relateUndeclared(recorded: PathState, actual: PathState): Verdict {
  if (recorded.status === 'not-applicable') return EQUAL;
  if (actual.status === 'unknown') return { status: 'unknown', state: actual };
  if (recorded.status === 'unknown') return { status: 'unknown', state: recorded };
  return sameState(recorded, actual) ? EQUAL : different('RECORDED_ACTUAL');
}

function relateThree(desired: PathState, recorded: PathState, actual: PathState): Verdict {
  const applied = sameState(desired, recorded);
  const current = sameState(recorded, actual);
  const met = sameState(desired, actual);
  if (met) return applied ? EQUAL : different('RECORDED_STALE');
  if (applied) return different('ACTUAL_DIVERGED');
  return different(current ? 'DESIRED_NOT_APPLIED' : 'THREE_WAY_CONFLICT');
}

/**
 * The relation of three statements about one path. A plane that could not be seen is never equal and never different;
 * a plane that does not speak of the path is left out.
 */
export function relate(desired: PathState, recorded: PathState, actual: PathState): Verdict {
  if (desired.status === 'unknown') return { status: 'unknown', state: desired };
  if (desired.status === 'not-applicable') return relateUndeclared(recorded, actual);
  if (actual.status === 'unknown') return { status: 'unknown', state: actual };
  if (actual.status === 'not-applicable') return EQUAL;
  if (recorded.status === 'not-applicable') return sameState(desired, actual) ? EQUAL : different('DESIRED_ACTUAL');
  if (recorded.status === 'unknown') {
    return sameState(desired, actual) ? { status: 'unknown', state: recorded } : different('DESIRED_ACTUAL');
  }
  return relateThree(desired, recorded, actual);
}
