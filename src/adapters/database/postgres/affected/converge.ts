import type { JsonValue } from '../../../../core/model/json.ts';
import type { Change, CoveredScope } from './change.ts';
import {
  factText,
  factsMatching,
  matchesFact,
  parseFactText,
  sameValue,
  type FactKey,
  type FactMap,
  type FactPattern,
} from './fact.ts';

/** How the facts after a write stand to what was intended. */
export interface Convergence {
  /** Intended changes that are not there. */
  readonly missed: readonly string[];
  /** Facts that moved although no write was to move them. */
  readonly moved: readonly string[];
}

/** Places in the key of an ACL entry; the target's own key ends with its schema. */
const TARGET = 1;
const GRANTEE = 3;
const GRANTOR = 4;

/** Facts of these kinds name roles in their key from the second part on; in a setting's only the second does. */
const ROLE_PARTS: Readonly<Record<string, readonly number[]>> = { role: [1], member: [1, 2, 3], setting: [1] };

function renameFacts(facts: ReadonlyMap<string, JsonValue>, from: string, to: string): Map<string, JsonValue> {
  return new Map(
    [...facts].map(([text, value]) => {
      const key = parseFactText(text);
      const parts = ROLE_PARTS[key[0] ?? ''] ?? [];
      return [factText(key.map((part, index) => (parts.includes(index) && part === from ? to : part))), value];
    }),
  );
}

function reownKey(
  key: FactKey,
  target: string,
  owners: { readonly before: JsonValue; readonly after: string },
): FactKey {
  if (key[0] !== 'acl' || key[1] !== target) return key;
  return key.map((part, index) =>
    (index === GRANTEE || index === GRANTOR) && part === owners.before ? owners.after : part,
  );
}

/** Two entries that become one keep the grant option of either, as the server does. */
function reown(facts: ReadonlyMap<string, JsonValue>, target: string, owner: string): Map<string, JsonValue> {
  const before = facts.get(factText(['owner', target]));
  if (before === undefined) return new Map(facts);
  const next = new Map<string, JsonValue>();
  for (const [text, value] of facts) {
    const place = factText(reownKey(parseFactText(text), target, { before, after: owner }));
    next.set(place, next.get(place) === true ? true : value);
  }
  return next;
}

/** The facts that must stand after the changes, apart from those whose keys the server chooses. */
function expectedFacts(before: FactMap, changes: readonly Change[]): Map<string, JsonValue> {
  let facts = new Map(before);
  for (const change of changes) {
    if (change.status === 'renamed') facts = renameFacts(facts, change.from, change.to);
    if (change.status === 'owned') facts = reown(facts, change.target, change.owner);
  }
  for (const change of changes) {
    if (change.status === 'removed') facts.delete(factText(change.key));
    if (change.status === 'gone') for (const [text] of factsMatching(change.pattern, facts)) facts.delete(text);
    if (change.status === 'set') facts.set(factText(change.key), change.value);
  }
  return facts;
}

type Appeared = Extract<Change, { readonly status: 'appeared' }>;

function targetsIn(scope: CoveredScope, facts: FactMap): readonly string[] {
  return [...facts.keys()]
    .map(parseFactText)
    .filter((key) => key[0] === 'owner')
    .map((key) => key[TARGET] ?? '')
    .filter((text) => {
      const parts = JSON.parse(text) as readonly unknown[];
      return parts.at(-3) === scope.kind && parts.at(-1) === scope.schema;
    });
}

function findAppeared(change: Appeared, after: FactMap): string | undefined {
  for (const [text, value] of after) {
    if (!matchesFact(change.pattern, parseFactText(text))) continue;
    if (change.value === undefined || value === true || sameValue(value, change.value)) return text;
  }
  return undefined;
}

/** A change that covers a schema is one appearance on each of its targets. */
function toAppearances(change: Change, after: FactMap): readonly Appeared[] {
  if (change.status === 'appeared') return [change];
  if (change.status !== 'covered') return [];
  return targetsIn(change.scope, after).map((target) => ({
    status: 'appeared',
    pattern: change.pattern.map((part, index) => (index === TARGET ? target : part)),
    value: change.value,
  }));
}

function intendedTexts(change: Change, before: FactMap): readonly string[] {
  if (change.status === 'set' || change.status === 'removed') return [factText(change.key)];
  return change.status === 'gone' ? factsMatching(change.pattern, before).map(([text]) => text) : [];
}

/** What was to be taken away and never stood there: a statement that takes nothing is no correction. */
function neverThere(change: Change, before: FactMap): readonly string[] {
  if (change.status === 'removed')
    return before.has(factText(change.key)) ? [] : [`${change.key.join(' ')} (was not there)`];
  if (change.status !== 'gone') return [];
  return factsMatching(change.pattern, before).length > 0 ? [] : [`${showPattern(change.pattern)} (was not there)`];
}

const startsWith = (key: FactKey, prefix: FactKey): boolean => prefix.every((part, index) => key[index] === part);

function showPattern(pattern: FactPattern): string {
  return pattern.map((part) => (typeof part === 'string' ? part : '*')).join(' ');
}

const showText = (text: string): string => parseFactText(text).join(' ');

/**
 * Whether every intended change is there and nothing else of the subjects moved. The server's own word counts for nothing here:
 * it says REVOKE to statements that revoked nothing.
 */
export function converge(before: FactMap, changes: readonly Change[], after: FactMap): Convergence {
  const expected = expectedFacts(before, changes);
  const intended = new Set(changes.flatMap((change) => intendedTexts(change, before)));
  const free = changes.flatMap((change) => (change.status === 'free' ? [change.prefix] : []));
  const missed: string[] = changes.flatMap((change) => neverThere(change, before));
  const appeared = new Set<string>();
  for (const wanted of changes.flatMap((change) => toAppearances(change, after))) {
    const found = findAppeared(wanted, after);
    if (found === undefined) missed.push(showPattern(wanted.pattern));
    else appeared.add(found);
  }
  const moved: string[] = [];
  for (const text of new Set([...expected.keys(), ...after.keys()])) {
    if (sameValue(expected.get(text), after.get(text)) || appeared.has(text)) continue;
    if (intended.has(text)) missed.push(showText(text));
    else if (!free.some((prefix) => startsWith(parseFactText(text), prefix))) moved.push(text);
  }
  return { missed, moved };
}
