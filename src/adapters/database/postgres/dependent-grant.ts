import { EVERYBODY, parseFactText, type FactMap } from './affected/fact.ts';
import type { Write } from './statements/schema.ts';
import { targetKey } from './statements/target.ts';

function entriesGivenBy(
  grantor: string,
  target: string,
  privilege: string,
  facts: FactMap,
): readonly (readonly string[])[] {
  return [...facts.keys()]
    .map(parseFactText)
    .filter(
      (key) =>
        key[0] === 'acl' && key[1] === target && key[4] === grantor && key[5] === privilege && key[3] !== grantor,
    );
}

function follow(
  grantor: string,
  target: string,
  privilege: string,
  search: { readonly facts: FactMap; readonly seen: Set<string> },
): void {
  for (const key of entriesGivenBy(grantor, target, privilege, search.facts)) {
    const [, , column, grantee] = key;
    const text = `${privilege}${column === '' ? '' : ` (${column ?? ''})`} of ${grantee === EVERYBODY ? 'PUBLIC' : (grantee ?? '')}, given by ${grantor}`;
    if (search.seen.has(text)) continue;
    search.seen.add(text);
    if (grantee !== undefined && grantee !== EVERYBODY) follow(grantee, target, privilege, search);
  }
}

/** Everything that hangs on what a REVOKE takes: grants its grantee gave on, and what was given from those. */
export function dependentsOf(write: Write, facts: FactMap): readonly string[] {
  if (write.kind !== 'revoke' || write.grantee.kind === 'public') return [];
  const search = { facts, seen: new Set<string>() };
  for (const privilege of write.privileges) follow(write.grantee.name, targetKey(write.target), privilege, search);
  return [...search.seen];
}
