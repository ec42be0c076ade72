import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roleResource, EVERYBODY_RESOURCE } from '../documents/resource-name.ts';
import { join } from '../../../core/compare/path.ts';
import { databaseKey, databaseOfPath, everyKey, serverKey, typeKey } from './object-key.ts';

const name = fc.oneof(
  fc.string({ minLength: 1, maxLength: 6 }),
  fc
    .array(fc.constantFrom('a', '.', '"', '(', ')', '*', 'table'), { minLength: 1, maxLength: 4 })
    .map((all) => all.join('')),
  fc.constantFrom('tablespace', 'parameter', 'PUBLIC', '"PUBLIC"', '""PUBLIC""'),
);
const names = fc.array(name, { minLength: 1, maxLength: 5 }) as fc.Arbitrary<[string, ...string[]]>;

describe('keys of things on a server', () => {
  it('are the same only for the same names', () => {
    fc.assert(
      fc.property(names, names, (left, right) => {
        fc.pre(JSON.stringify(left) !== JSON.stringify(right));
        expect(databaseKey(...left)).not.toBe(databaseKey(...right));
      }),
      { numRuns: 2_000 },
    );
  });

  it('tell what no database holds from a database of that name', () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        expect(serverKey('tablespace', one)).not.toBe(databaseKey('tablespace', other));
        expect(serverKey('parameter', one)).not.toBe(databaseKey('parameter', other));
      }),
    );
  });

  it('tell functions apart by types of any name', () => {
    const types = fc.array(fc.oneof(name, fc.constantFrom('a', 'b', 'a.b', 'a, b', 'int4')), {
      minLength: 1,
      maxLength: 2,
    });
    const list = (all: readonly (readonly string[])[]): string => all.map((each) => typeKey(...each)).join(', ');
    const lists = fc.array(types, { maxLength: 3 });
    fc.assert(
      fc.property(lists, lists, (left, right) => {
        fc.pre(JSON.stringify(left) !== JSON.stringify(right));
        expect(list(left)).not.toBe(list(right));
      }),
      { numRuns: 2_000 },
    );
    expect(list([['int4'], ['shop', 'money']])).toBe('int4, shop.money');
  });

  it('give back the database that their path is about', () => {
    fc.assert(
      fc.property(names, ([database, ...rest]) => {
        const path = join(
          '/privileges',
          `[on=${databaseKey(database, ...rest)
            .replaceAll('~', '~0')
            .replaceAll('/', '~1')}]`,
        );
        expect(databaseOfPath(path)).toBe(database);
      }),
      { numRuns: 2_000 },
    );
    expect(databaseOfPath('/privileges/[on=tablespace.fast]')).toBeUndefined();
    expect(databaseOfPath('/attributes/login')).toBeUndefined();
  });

  it('tell a rule about every table from a table of any name', () => {
    fc.assert(
      fc.property(name, name, name, (database, schema, table) => {
        expect(everyKey(database, schema, 'table')).not.toBe(databaseKey(database, schema, 'table', table));
      }),
    );
    expect(everyKey('shop', 'app', 'table')).toBe('shop.app.table.*');
    expect(databaseKey('shop', 'app', 'table', '*')).toBe('shop.app.table."*"');
  });

  it('read as the names do, where they are plain', () => {
    expect(databaseKey('shop', 'app', 'table', 'orders')).toBe('shop.app.table.orders');
    expect(databaseKey('shop', 's.table.t', 'table', 'u')).toBe('shop."s.table.t".table.u');
    expect(serverKey('tablespace', 'fast')).toBe('tablespace.fast');
  });

  it('name each role by itself, and none of them everybody', () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        expect(roleResource(one)).not.toBe(EVERYBODY_RESOURCE);
        if (one !== other) expect(roleResource(one)).not.toBe(roleResource(other));
      }),
      { numRuns: 2_000 },
    );
  });
});
