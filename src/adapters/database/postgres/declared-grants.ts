import { databaseKey, everyKey } from './object-key.ts';
import { digestJson } from '../../../core/model/digest.ts';
import type { DeclaredPrivilege } from '../documents/schema.ts';
import { declaredTargets, expandPrivileges, type DeclaredTarget } from './privilege-words.ts';
import type { Holding, PrivilegeIndex } from './privilege-index.ts';
import type { GrantItem, HeldItem, HeldPrivilege, Target } from './state.ts';

const NAMES_SHOWN = 20;

/** Declared privileges of one document, each target once. */
export interface DeclaredGrants {
  readonly items: readonly GrantItem[];
}

function onText(target: DeclaredTarget): string {
  if (target.kind === 'database') return databaseKey(target.database);
  if (target.kind === 'schema') return databaseKey(target.database, target.schema ?? '');
  const { database, schema = '', kind, name = '' } = target;
  if (name === '*') return everyKey(database, schema, kind);
  const [, bare = name, listed] = kind === 'function' ? (/^(.*?)(\(.*\))$/.exec(name) ?? []) : [];
  return `${databaseKey(database, schema, kind, bare)}${listed ?? ''}`;
}

function toItem(target: DeclaredTarget, grantOption: boolean, version: number): GrantItem {
  return {
    on: onText(target),
    kind: target.kind,
    database: target.database,
    ...(target.schema === undefined ? {} : { schema: target.schema }),
    ...(target.name === undefined ? {} : { name: target.name }),
    privileges: [...expandPrivileges(target.privileges, target.kind, version)].sort(),
    grantOption,
    ...(target.name === '*' ? { lacking: { count: 0, names: [], digest: digestJson([]) } } : {}),
  };
}

function merge(left: GrantItem, right: GrantItem): GrantItem {
  return {
    ...left,
    privileges: [...new Set([...left.privileges, ...right.privileges])].sort(),
    grantOption: left.grantOption || right.grantOption,
  };
}

/** What a document declares, one item a target; two lines on one target add up. */
export function toGrantItems(declared: readonly DeclaredPrivilege[], version: number): readonly GrantItem[] {
  const items = new Map<string, GrantItem>();
  for (const each of declared) {
    for (const target of declaredTargets(each)) {
      const item = toItem(target, each.withGrantOption, version);
      const before = items.get(item.on);
      items.set(item.on, before === undefined ? item : merge(before, item));
    }
  }
  return [...items.values()].sort((left, right) => (left.on < right.on ? -1 : 1));
}

/** A function name without arguments covers its overloads. */
function coversFunction(item: GrantItem, target: Target): boolean {
  if (
    item.kind !== 'function' ||
    target.kind !== 'function' ||
    item.database !== target.database ||
    item.schema !== target.schema
  )
    return false;
  return item.name === target.name || item.name === `${target.name ?? ''}(${target.arguments ?? ''})`;
}

function targetsOf(item: GrantItem, index: PrivilegeIndex): readonly Target[] {
  const { database = '', schema = '', kind } = item;
  if (item.name === '*') return index.objectsIn(database, schema, kind);
  if (kind === 'function')
    return index.objectsIn(database, schema, 'function').filter((target) => coversFunction(item, target));
  return [item];
}

function meets(
  item: GrantItem,
  grantee: string,
  target: Target,
  holdings: ReadonlyMap<string, Holding>,
  index: PrivilegeIndex,
): readonly string[] {
  if (index.ownerOf(target.on) === grantee) return item.privileges;
  const held = holdings.get(target.on)?.held ?? [];
  return item.privileges.filter((privilege) =>
    held.some((each) => each.privilege === privilege && (!item.grantOption || each.grantable)),
  );
}

/** What a declared item covers and the grantee does not hold. */
export function lackingTargets(item: GrantItem, grantee: string, index: PrivilegeIndex): readonly Target[] {
  const holdings = index.of(grantee);
  return targetsOf(item, index).filter(
    (target) => meets(item, grantee, target, holdings, index).length < item.privileges.length,
  );
}

/** The actual plane of one declared item; undefined when nothing of it is there. */
export function actualGrant(item: GrantItem, grantee: string, index: PrivilegeIndex): GrantItem | undefined {
  const holdings = index.of(grantee);
  const targets = targetsOf(item, index);
  if (item.lacking === undefined) {
    const [target] = targets;
    if (target === undefined) return undefined;
    const onAll = (asked: GrantItem): readonly string[] =>
      item.privileges.filter((privilege) =>
        targets.every((each) => meets(asked, grantee, each, holdings, index).includes(privilege)),
      );
    const held = onAll({ ...item, grantOption: false });
    if (held.length === 0 && item.privileges.length > 0) return undefined;
    return { ...item, privileges: held, grantOption: item.grantOption && onAll(item).length === held.length };
  }
  const names = lackingTargets(item, grantee, index)
    .map((target) => target.name ?? target.on)
    .sort();
  return { ...item, lacking: { count: names.length, names: names.slice(0, NAMES_SHOWN), digest: digestJson(names) } };
}

/** The parts of a server that documents speak of for one grantee: extra privileges are judged only inside. */
function scopeKey(target: Pick<Target, 'kind' | 'database' | 'schema'>): string {
  return JSON.stringify([target.database ?? '', target.schema ?? '', target.kind]);
}

function declaredOn(
  items: readonly GrantItem[],
  target: Target,
): readonly { readonly privilege: string; readonly grantOption: boolean }[] {
  return items
    .filter(
      (item) =>
        item.on === target.on ||
        (item.name === '*' && scopeKey(item) === scopeKey(target)) ||
        coversFunction(item, target),
    )
    .flatMap((item) => item.privileges.map((privilege) => ({ privilege, grantOption: item.grantOption })));
}

function beyond(held: readonly HeldPrivilege[], declared: ReturnType<typeof declaredOn>): readonly HeldPrivilege[] {
  return held.filter(
    (each) => !declared.some((own) => own.privilege === each.privilege && (own.grantOption || !each.grantable)),
  );
}

/** What a grantee holds beyond every document, split by whether some document speaks of that part of the server. */
export function extraHoldings(
  grantee: string,
  documents: readonly { readonly resource: string; readonly items: readonly GrantItem[] }[],
  index: PrivilegeIndex,
): {
  readonly extra: ReadonlyMap<string, readonly HeldItem[]>;
  readonly undeclared: readonly HeldItem[];
} {
  const all = documents.flatMap((document) => document.items);
  const scopes = new Map<string, string>();
  for (const document of [...documents].sort((left, right) => (left.resource < right.resource ? -1 : 1))) {
    for (const item of document.items) if (!scopes.has(scopeKey(item))) scopes.set(scopeKey(item), document.resource);
  }
  const extra = new Map<string, HeldItem[]>();
  const undeclared: HeldItem[] = [];
  for (const { target, held } of index.of(grantee).values()) {
    const more = [...beyond(held, declaredOn(all, target))].sort((left, right) =>
      JSON.stringify(left) < JSON.stringify(right) ? -1 : 1,
    );
    if (more.length === 0) continue;
    const { owner: _, ...plain } = target;
    const item: HeldItem = { ...plain, held: more };
    const document = scopes.get(scopeKey(target));
    if (document === undefined) undeclared.push(item);
    else extra.set(document, [...(extra.get(document) ?? []), item]);
  }
  return { extra, undeclared };
}
