import type { Principal } from '../../model/approval-record.ts';

/** People by every name they go by: who is who decides separation of duties. */
export interface PeopleIndex {
  /** The one name of a person, whichever of the names was given. */
  canonical(name: string): string;
}

/** A directory of aliases: a name stands for its aliases and each alias for the name. Comparison ignores case. */
export function indexPeople(aliases: Readonly<Record<string, readonly string[]>>): PeopleIndex {
  const canonical = new Map<string, string>();
  for (const [name, others] of Object.entries(aliases)) {
    for (const each of [name, ...others]) canonical.set(each.toLowerCase(), name.toLowerCase());
  }
  return { canonical: (name) => canonical.get(name.toLowerCase()) ?? name.toLowerCase() };
}

/** The names under which a principal may appear: its id, its name and, for a local claim, the account alone. */
export function namesOf(principal: Principal): readonly string[] {
  const account = /^local:([^@]+)@/.exec(principal.id)?.[1];
  return [principal.id, principal.name, ...(account === undefined ? [] : [account, `local:${account}`])];
}

/** Whether two sets of names meet in one person. */
export function samePerson(people: PeopleIndex, left: readonly string[], right: readonly string[]): boolean {
  const known = new Set(left.map((name) => people.canonical(name)));
  return right.some((name) => known.has(people.canonical(name)));
}
