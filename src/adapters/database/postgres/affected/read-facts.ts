import { z } from 'zod';
import type { JsonValue } from '../../../../core/model/json.ts';
import { factText, type FactMap } from './fact.ts';
import { settingText } from './setting-value.ts';

const AffectedRow = z.object({
  key: z.string(),
  value: z.string(),
  source: z.string().nullable(),
  xmin: z.string().nullable(),
});

/** The facts of one snapshot, with the transaction that last wrote each catalog row they stand in. */
export interface AffectedState {
  readonly facts: FactMap;
  readonly rows: ReadonlyMap<string, string>;
}

const HAS_TARGET: ReadonlySet<string> = new Set(['acl', 'owner']);

function readKey(text: string): readonly string[] {
  const key = z.array(z.string()).parse(JSON.parse(text));
  if (!HAS_TARGET.has(key[0] ?? '')) return key;
  return key.map((part, index) => (index === 1 ? JSON.stringify(JSON.parse(part)) : part));
}

function readValue(key: readonly string[], text: string): JsonValue {
  const value = z.json().parse(JSON.parse(text));
  return key[0] === 'setting' && typeof value === 'string' ? settingText(value) : value;
}

/** Reads the rows of the one statement that looks at every subject. */
export function readFacts(rows: readonly unknown[]): AffectedState {
  const facts = new Map<string, JsonValue>();
  const stamps = new Map<string, string>();
  for (const row of rows) {
    const { key, value, source, xmin } = AffectedRow.parse(row);
    const parts = readKey(key);
    facts.set(factText(parts), readValue(parts, value));
    if (source !== null && xmin !== null) stamps.set(source, xmin);
  }
  return { facts, rows: stamps };
}
