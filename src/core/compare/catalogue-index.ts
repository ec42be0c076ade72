import type { Catalogue, CatalogueEntry, ListKey } from '../model/catalogue.ts';
import { specificity, covers } from './path-pattern.ts';
import { segmentTexts } from './path.ts';

/** Finds the table row for a path, and how a list is keyed, in constant time for shapes met before. */
export interface CatalogueIndex {
  entryOf(type: string, shape: string): CatalogueEntry | undefined;
  listKeyOf(type: string, shape: string): ListKey['key'] | undefined;
}

/** The most specific row that holds at exactly this path or above it. */
function pick(rows: readonly CatalogueEntry[], shape: string): CatalogueEntry | undefined {
  let best: CatalogueEntry | undefined;
  let rank = -1;
  for (const row of rows) {
    if ((row.path === '/') !== (shape === '/') || !covers(row.path, shape)) continue;
    const own = specificity(row.path);
    if (own > rank) [best, rank] = [row, own];
  }
  return best;
}

function sameDepth(pattern: string, shape: string): boolean {
  return segmentTexts(pattern).length === segmentTexts(shape).length && covers(pattern, shape);
}

/**
 * Indexes a catalogue. A shape is a path whose item values are `*` (`/grants/[on=*]`): rows never name one item of a list.
 */
export function indexCatalogue(catalogue: Catalogue): CatalogueIndex {
  const byType = new Map<string, readonly CatalogueEntry[]>();
  const entries = new Map<string, CatalogueEntry | undefined>();
  const keys = new Map<string, ListKey['key'] | undefined>();

  function rowsOf(type: string): readonly CatalogueEntry[] {
    const known = byType.get(type);
    if (known !== undefined) return known;
    const own = catalogue.entries.filter((entry) => entry.type === type);
    const rows = [...own, ...catalogue.entries.filter((entry) => entry.type === '*')];
    byType.set(type, rows);
    return rows;
  }

  function remember<T>(memory: Map<string, T>, key: string, find: () => T): T {
    if (!memory.has(key)) memory.set(key, find());
    return memory.get(key) as T;
  }

  return {
    entryOf: (type, shape) => remember(entries, `${type} ${shape}`, () => pick(rowsOf(type), shape)),
    listKeyOf: (type, shape) =>
      remember(
        keys,
        `${type} ${shape}`,
        () =>
          catalogue.lists.find((list) => (list.type === type || list.type === '*') && sameDepth(list.path, shape))?.key,
      ),
  };
}
