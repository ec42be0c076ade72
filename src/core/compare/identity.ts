import { digestJson, type Digest } from '../model/digest.ts';
import type { Difference } from '../model/difference.ts';
import type { JsonValue } from '../model/json.ts';
import type { PathState } from '../model/plane-state.ts';
import type { Category } from '../model/vocabulary.ts';

/** What makes one finding: nothing else ever moves its identity. */
export interface FindingKey {
  readonly unit: string;
  readonly resource: string;
  readonly category: Category;
  readonly pathRoot: string;
}

/** The differences that are one finding. */
export interface DifferenceGroup {
  readonly key: FindingKey;
  readonly identity: Digest;
  readonly content: Digest;
  readonly differences: readonly Difference[];
}

/** Digest of (unit, resource, category, path root). */
export function identityOf(key: FindingKey): Digest {
  return digestJson([key.unit, key.resource, key.category, key.pathRoot]);
}

function stateJson(state: PathState): JsonValue {
  return state.status === 'present' ? { value: state.value } : state.status;
}

/** Digest of (identity, desired, actual): moves when a value moves, and with it every approval is void. */
export function contentOf(identity: Digest, differences: readonly Difference[]): Digest {
  const values = differences
    .map((each): JsonValue => [each.path, stateJson(each.desired), stateJson(each.actual)])
    .sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
  return digestJson([identity, values]);
}

/** Groups differences into findings: one for each (resource, category, path root), in that order. */
export function groupDifferences(unit: string, differences: readonly Difference[]): readonly DifferenceGroup[] {
  const groups = new Map<Digest, { readonly key: FindingKey; readonly members: Difference[] }>();
  for (const difference of differences) {
    const key: FindingKey = {
      unit,
      resource: difference.resource,
      category: difference.category,
      pathRoot: difference.pathRoot,
    };
    const identity = identityOf(key);
    const group = groups.get(identity) ?? { key, members: [] };
    group.members.push(difference);
    groups.set(identity, group);
  }
  return [...groups.entries()]
    .map(([identity, { key, members }]) => {
      const sorted = [...members].sort((left, right) => (left.path < right.path ? -1 : 1));
      return { key, identity, content: contentOf(identity, sorted), differences: sorted };
    })
    .sort((left, right) => (sortText(left.key) < sortText(right.key) ? -1 : 1));
}

function sortText(key: FindingKey): string {
  return JSON.stringify([key.resource, key.pathRoot, key.category]);
}
