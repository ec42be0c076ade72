import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../../core/model/json.ts';
import { Write } from '../statements/schema.ts';
import { targetKey } from '../statements/target.ts';
import { changesOf } from './change.ts';
import { converge } from './converge.ts';
import { factText, type FactMap } from './fact.ts';

function facts(...entries: readonly (readonly [readonly string[], JsonValue])[]): FactMap {
  return new Map(entries.map(([key, value]) => [factText(key), value]));
}

const TABLE = { kind: 'table', database: 'd', schema: 's', name: 't' } as const;
const T = targetKey(TABLE);
const place = { major: 18 };

const revoke = Write.parse({
  kind: 'revoke',
  target: TABLE,
  columns: [],
  privileges: ['SELECT'],
  grantee: { kind: 'role', name: 'r' },
  optionOnly: false,
  as: 'lead',
});
const grant = Write.parse({
  kind: 'grant',
  target: TABLE,
  columns: [],
  privileges: ['SELECT'],
  grantee: { kind: 'role', name: 'r' },
  grantOption: false,
});

describe('converge', () => {
  it('does not believe a REVOKE after which the entry stands', () => {
    const before = facts([['acl', T, '', 'r', 'lead', 'SELECT'], false]);

    expect(converge(before, changesOf(revoke, place), before).missed).toEqual([`acl ${T}  r lead SELECT`]);
    expect(converge(before, changesOf(revoke, place), facts())).toEqual({ missed: [], moved: [] });
  });

  it('does not call it a correction when there was nothing to take back', () => {
    expect(converge(facts(), changesOf(revoke, place), facts()).missed).toHaveLength(1);
    const membership = Write.parse({ kind: 'membership-revoke', group: 'g', member: 'm', adminOnly: false });
    expect(converge(facts(), changesOf(membership, place), facts()).missed).toHaveLength(1);
  });

  it('sees what moved beside the intended change', () => {
    const column = ['acl', T, 'id', 'r', 'lead', 'SELECT'];
    const before = facts([['acl', T, '', 'r', 'lead', 'SELECT'], false], [column, false]);

    expect(converge(before, changesOf(revoke, place), facts())).toEqual({ missed: [], moved: [factText(column)] });
  });

  it('takes a grant by whatever grantor the server chose', () => {
    const after = facts([['acl', T, '', 'r', 'owner', 'SELECT'], false]);

    expect(converge(facts(), changesOf(grant, place), after)).toEqual({ missed: [], moved: [] });
    expect(converge(facts(), changesOf(grant, place), facts()).missed).toHaveLength(1);
  });

  it('wants every table of a schema covered', () => {
    const other = targetKey({ ...TABLE, name: 'u' });
    const all = Write.parse({ ...grant, target: { kind: 'all-tables', database: 'd', schema: 's' } });
    const owners = [
      [['owner', T], 'o'],
      [['owner', other], 'o'],
    ] as const;
    const one = facts(...owners, [['acl', T, '', 'r', 'o', 'SELECT'], false]);
    const both = facts(
      ...owners,
      [['acl', T, '', 'r', 'o', 'SELECT'], false],
      [['acl', other, '', 'r', 'o', 'SELECT'], false],
    );

    expect(converge(facts(...owners), changesOf(all, place), one).missed).toHaveLength(1);
    expect(converge(facts(...owners), changesOf(all, place), both)).toEqual({ missed: [], moved: [] });
  });

  it('expects the entries of the old owner under the new one', () => {
    const database = targetKey({ kind: 'database', database: 'd' });
    const write = Write.parse({ kind: 'database-owner', database: 'd', owner: 'new' });
    const before = facts(
      [['database', 'd', 'owner'], 'old'],
      [['owner', database], 'old'],
      [['acl', database, '', 'r', 'old', 'CONNECT'], false],
      [['acl', database, '', 'old', 'old', 'CREATE'], false],
    );
    const after = facts(
      [['database', 'd', 'owner'], 'new'],
      [['owner', database], 'new'],
      [['acl', database, '', 'r', 'new', 'CONNECT'], false],
      [['acl', database, '', 'new', 'new', 'CREATE'], false],
    );

    expect(converge(before, changesOf(write, place), after)).toEqual({ missed: [], moved: [] });
  });

  it('follows a renamed role through its facts', () => {
    const write = Write.parse({ kind: 'role-rename', role: 'mallory', to: 'app' });
    const before = facts(
      [['role', 'mallory', 'oid'], '1'],
      [['member', 'team', 'mallory', 'postgres'], { admin: false }],
      [['setting', 'mallory', '', 'work_mem'], '8MB'],
    );
    const after = facts(
      [['role', 'app', 'oid'], '1'],
      [['member', 'team', 'app', 'postgres'], { admin: false }],
      [['setting', 'app', '', 'work_mem'], '8MB'],
    );

    expect(converge(before, changesOf(write, place), after)).toEqual({ missed: [], moved: [] });
    expect(converge(before, changesOf(write, place), before).moved.length).toBeGreaterThan(0);
  });

  it('lets a role that was made bring its own facts', () => {
    const write = Write.parse({ kind: 'role-create', role: 'new', attributes: { login: true }, connectionLimit: 3 });
    const after = facts(
      [['role', 'new', 'oid'], '9'],
      [['role', 'new', 'login'], true],
      [['role', 'new', 'connectionLimit'], 3],
      [['role', 'new', 'inherit'], true],
      [['member', 'new', 'kedge', 'postgres'], { admin: true }],
    );

    expect(converge(facts(), changesOf(write, place), after)).toEqual({ missed: [], moved: [] });
    expect(converge(facts(), changesOf(write, place), facts()).missed.length).toBeGreaterThan(0);
  });
});
