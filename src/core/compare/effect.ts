import type { EffectRule } from '../model/catalogue.ts';
import { isJsonArray, type JsonValue } from '../model/json.ts';
import type { PathState } from '../model/plane-state.ts';
import type { Effect } from '../model/vocabulary.ts';

function valueOf(state: PathState): JsonValue | undefined {
  return state.status === 'present' ? state.value : undefined;
}

function flag(actual: JsonValue | undefined): Effect {
  if (actual === true) return 'widens';
  return actual === false ? 'narrows' : 'unknown';
}

function members(value: JsonValue | undefined): ReadonlySet<string> | undefined {
  if (value === undefined) return new Set();
  return isJsonArray(value) ? new Set(value.map((member) => JSON.stringify(member))) : undefined;
}

function set(reference: JsonValue | undefined, actual: JsonValue | undefined): Effect {
  const before = members(reference);
  const after = members(actual);
  if (before === undefined || after === undefined) return 'unknown';
  const gained = [...after].some((member) => !before.has(member));
  const lost = [...before].some((member) => !after.has(member));
  if (gained) return 'widens';
  return lost ? 'narrows' : 'neutral';
}

function opposite(effect: Effect): Effect {
  if (effect === 'widens') return 'narrows';
  return effect === 'narrows' ? 'widens' : effect;
}

/** What the change from the reference value (desired, else recorded) to the actual one does to access. */
export function effectOf(rule: EffectRule, reference: PathState, actual: PathState): Effect {
  switch (rule) {
    case 'flag':
      return flag(valueOf(actual));
    case 'guard':
      return opposite(flag(valueOf(actual)));
    case 'set':
      return set(valueOf(reference), valueOf(actual));
    case 'presence':
      return actual.status === 'present' ? 'widens' : 'narrows';
    case 'absence':
      return actual.status === 'present' ? 'narrows' : 'widens';
    default:
      return rule;
  }
}
