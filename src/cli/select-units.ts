import { nearest } from '../core/model/nearest.ts';
import type { Unit } from '../core/model/unit.ts';
import { UsageError } from './usage-error.ts';

const SELECTABLE: Readonly<Record<string, (unit: Unit) => string | undefined>> = {
  environment: (unit) => unit.environment,
  owner: (unit) => unit.owner,
  type: (unit) => unit.type,
  riskTier: (unit) => unit.riskTier,
};

function matchesPair(unit: Unit, pair: string): boolean {
  const at = pair.indexOf('=');
  const [key, value] = [pair.slice(0, at), pair.slice(at + 1)];
  const label = key.startsWith('label.') ? key.slice('label.'.length) : undefined;
  return (label === undefined ? SELECTABLE[key]?.(unit) : unit.labels[label]) === value;
}

function requireKnownKeys(pairs: readonly string[]): void {
  for (const pair of pairs) {
    const key = pair.split('=')[0] ?? '';
    if (Object.hasOwn(SELECTABLE, key) || key.startsWith('label.')) continue;
    const near = nearest(key, [...Object.keys(SELECTABLE), 'label.']);
    throw new UsageError(
      'SELECTOR_UNKNOWN',
      `cannot select by "${key}"${near === undefined ? '' : `   did you mean "${near}"?`}`,
      `select by ${Object.keys(SELECTABLE).join(', ')} or label.NAME`,
    );
  }
}

/** The units that names and selectors pick; none at all is an error, never a pass. */
export function selectUnits(
  units: readonly Unit[],
  names: readonly string[],
  selectors: readonly string[],
  allowEmpty: boolean,
): readonly Unit[] {
  const pairs = selectors.flatMap((text) => text.split(','));
  requireKnownKeys(pairs);
  const selected = units.filter(
    (unit) => (names.length === 0 || names.includes(unit.name)) && pairs.every((pair) => matchesPair(unit, pair)),
  );
  const missing = names.filter((name) => !units.some((unit) => unit.name === name));
  if (missing.length === 0 && (selected.length > 0 || allowEmpty)) return selected;
  if (allowEmpty && selected.length === 0) return [];
  const [first] = missing;
  const near =
    first === undefined
      ? undefined
      : nearest(
          first,
          units.map((unit) => unit.name),
        );
  const shown = units
    .slice(0, 5)
    .map((unit) => unit.name)
    .join(', ');
  throw new UsageError(
    'NOTHING_SELECTED',
    first === undefined
      ? 'no unit matches the selection'
      : `there is no unit "${first}"${near === undefined ? '' : `   did you mean "${near}"?`}`,
    shown === ''
      ? 'no document declares a unit: see the quickstart'
      : `units are ${shown}${units.length > 5 ? ' …' : ''}; --allow-empty takes none for an answer`,
  );
}
