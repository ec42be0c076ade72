import type { Difference } from '../model/difference.ts';
import type { DriftClass, FieldOwner, Taxonomy } from '../model/vocabulary.ts';

const RECORD_IS_WRONG: ReadonlySet<Difference['relation']> = new Set([
  'RECORDED_STALE',
  'RECORDED_ACTUAL',
  'UNMANAGED',
  'ORPHANED',
  'FOREIGN',
]);

/** What sort of thing drifted: the first row that holds. */
export function taxonomyOf(difference: Difference, driftClass: DriftClass, owner: FieldOwner): Taxonomy {
  const { category, hints, relation } = difference;
  if (category === 'secret') return 'SECRET';
  if (category === 'identity' || category === 'privilege') return 'IDENTITY_ACCESS';
  if (driftClass === 'POLICY_DRIFT' || hints.includes('CHECK_FAILED') || hints.includes('UNVERIFIED_ARTIFACT'))
    return 'POLICY';
  if (RECORD_IS_WRONG.has(relation)) return 'STATE';
  if (category === 'reference') return 'DEPENDENCY';
  if (category === 'capacity' || category === 'cost') return 'COST_CAPACITY';
  return owner === 'runtime' || owner.startsWith('controller:') ? 'RUNTIME_CONTROLLER' : 'CONFIGURATION';
}
