import { EVERYBODY, parseFactText, type FactKey, type FactMap } from './affected/fact.ts';
import { Privilege } from './statements/privilege.ts';
import type { Grantee, Write, WriteOf } from './statements/schema.ts';
import { targetKey } from './statements/target.ts';

interface Looks {
  readonly before: FactMap;
  readonly after: FactMap;
}

const granteeOf = (name: string): Grantee => (name === EVERYBODY ? { kind: 'public' } : { kind: 'role', name });

/** Whether a table-level REVOKE of these writes took this entry with it. */
function takenBy(writes: readonly Write[], key: FactKey): WriteOf<'revoke'> | undefined {
  const [, target, , grantee, , privilege] = key;
  return writes.find(
    (write): write is WriteOf<'revoke'> =>
      write.kind === 'revoke' &&
      write.columns.length === 0 &&
      targetKey(write.target) === target &&
      (write.grantee.kind === 'public' ? EVERYBODY : write.grantee.name) === grantee &&
      write.privileges.some((each) => each === privilege),
  );
}

/**
 * The grants that put back what a table-level REVOKE took from columns: the server drops column grants of the same privilege with it.
 * None when something else moved too, because then nothing may be kept.
 */
export function columnGrantsLost(writes: readonly Write[], moved: readonly string[], looks: Looks): readonly Write[] {
  const grants: Write[] = [];
  for (const text of moved) {
    const key = parseFactText(text);
    const [kind, , column, grantee, grantor, privilege] = key;
    const revoke = kind === 'acl' ? takenBy(writes, key) : undefined;
    const was = looks.before.get(text);
    if (revoke === undefined || column === undefined || column === '' || was === undefined) return [];
    grants.push({
      kind: 'grant',
      target: revoke.target,
      columns: [column],
      privileges: [Privilege.parse(privilege)],
      grantee: granteeOf(grantee ?? ''),
      grantOption: was === true,
      as: grantor,
    });
  }
  return grants;
}
