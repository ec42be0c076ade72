import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACL_FACTS, DEFAULT_ACL_FACTS, DEFAULT_ACL_KINDS, type Privilege } from './privilege.ts';
import { ROLE_ATTRIBUTES, Write, type WriteKind } from './schema.ts';
import { databaseOfWrite, renderMessage, renderStatement } from './statement.ts';
import type { AclTarget } from './target.ts';

const name = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 20 })
  .filter((text) => !text.includes('\0') && text.isWellFormed() && Buffer.byteLength(text) <= 63);
const grantee = fc.oneof(
  fc.constant({ kind: 'public' } as const),
  name.map((role) => ({ kind: 'role', name: role }) as const),
);
const limit = fc.integer({ min: -1, max: 10_000 });
const flag = fc.boolean();

const target: fc.Arbitrary<AclTarget> = fc.oneof(
  fc.record({ kind: fc.constant('database' as const), database: name }),
  fc.record({
    kind: fc.constantFrom('schema' as const, 'all-tables' as const, 'all-sequences' as const, 'all-functions' as const),
    database: name,
    schema: name,
  }),
  fc.record({
    kind: fc.constantFrom('table' as const, 'sequence' as const, 'type' as const),
    database: name,
    schema: name,
    name,
  }),
  fc.record({
    kind: fc.constant('function' as const),
    database: name,
    schema: name,
    name,
    arguments: fc.array(fc.record({ schema: name, name }), { maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('tablespace' as const), name }),
  fc.record({ kind: fc.constant('large-object' as const), database: name, oid: fc.nat().map(String) }),
);

const acl = target.chain((on) =>
  fc.record({
    target: fc.constant(on),
    columns: fc.constant([]),
    privileges: fc.subarray([...ACL_FACTS[on.kind].privileges], { minLength: 1 }),
    grantee,
  }),
);
const defaults = fc.constantFrom(...DEFAULT_ACL_KINDS).chain((objects) =>
  fc.record({
    database: name,
    owner: name,
    objects: fc.constant(objects),
    privileges: fc.subarray([...DEFAULT_ACL_FACTS[objects].privileges] as Privilege[], { minLength: 1 }),
    grantee,
  }),
);

const WRITES: { readonly [K in WriteKind]: fc.Arbitrary<object> } = {
  'role-attribute': fc.record({ role: name, attribute: fc.constantFrom(...ROLE_ATTRIBUTES), value: flag }),
  'role-connection-limit': fc.record({ role: name, value: limit }),
  'role-valid-until': fc.record({ role: name, value: fc.constantFrom('infinity', "2031-01-01'; --") }),
  'role-rename': fc.record({ role: name, to: name }),
  'role-create': fc.record({
    role: name,
    attributes: fc.record({ login: flag, superuser: flag }),
    connectionLimit: limit,
  }),
  setting: fc.record({
    role: name,
    database: name,
    name: fc.constantFrom('work_mem', 'pgaudit.log'),
    values: fc.array(name, { minLength: 1, maxLength: 3 }),
  }),
  'membership-grant': fc.record({ group: name, member: name, admin: flag, inherit: flag, set: flag, grantor: name }),
  'membership-revoke': fc.record({ group: name, member: name, grantor: name, adminOnly: flag }),
  'database-owner': fc.record({ database: name, owner: name }),
  'database-connection-limit': fc.record({ database: name, value: limit }),
  'database-flag': fc.record({ database: name, flag: fc.constantFrom('isTemplate', 'allowConnections'), value: flag }),
  'schema-create': fc.record({ database: name, schema: name, owner: name }),
  'schema-owner': fc.record({ database: name, schema: name, owner: name }),
  'extension-create': fc.record({ database: name, extension: name, schema: name, version: name }),
  'extension-update': fc.record({ database: name, extension: name, version: name }),
  grant: acl.chain((parts) => fc.record({ grantOption: flag, as: name }).map((more) => ({ ...parts, ...more }))),
  revoke: acl.chain((parts) => fc.record({ optionOnly: flag, as: name }).map((more) => ({ ...parts, ...more }))),
  'default-grant': defaults.map((parts) => ({ ...parts, grantOption: false })),
  'default-revoke': defaults.map((parts) => ({ ...parts, optionOnly: false })),
};

const KINDS = Object.keys(WRITES) as WriteKind[];
const anyWrite = fc
  .constantFrom(...KINDS)
  .chain((kind) => WRITES[kind].map((parts) => Write.parse({ kind, ...parts })));

/** The statement with everything quoted taken out: what is left is Kedge's own. */
function withoutQuoted(statement: string): string {
  return statement.replaceAll(/"(?:[^"]|"")*"/gs, 'N').replaceAll(/'(?:[^']|'')*'/gs, 'V');
}

describe('renderStatement', () => {
  it('never says what is never written, whatever the names are', () => {
    fc.assert(
      fc.property(anyWrite, fc.constantFrom(14, 15, 16, 17, 18), (write, major) => {
        if ('objects' in write && write.objects === 'large-objects' && major < 18) return;
        const bare = withoutQuoted(renderStatement(write, major));

        expect(bare).not.toMatch(
          /\b(DROP|TRUNCATE (?!ON)|REASSIGN|INSERT INTO|UPDATE SET|DELETE FROM|CASCADE|COPY|DO)\b/,
        );
        expect(bare).not.toMatch(/REVOKE ALL|^ALTER SYSTEM|ALTER TABLE|;|--|\n/);
      }),
      { numRuns: 600 },
    );
  });

  it('leaves nothing of a name outside its quotes', () => {
    fc.assert(
      fc.property(anyWrite, (write) => {
        if ('objects' in write && write.objects === 'large-objects') return;
        expect(withoutQuoted(renderMessage(write, 18))).toMatch(/^[A-Za-z0-9 .,;()_-]*$/);
      }),
      { numRuns: 400 },
    );
  });

  it('names a grantor only where the server knows one', () => {
    const write = Write.parse({ kind: 'membership-revoke', group: 'g', member: 'm', grantor: 'x', adminOnly: false });

    expect(renderStatement(write, 18)).toBe('REVOKE "g" FROM "m" GRANTED BY "x"');
    expect(renderStatement(write, 15)).toBe('REVOKE "g" FROM "m"');
  });

  it('refuses a privilege that the target does not have', () => {
    const write = Write.parse({
      kind: 'grant',
      target: { kind: 'schema', database: 'd', schema: 's' },
      columns: [],
      privileges: ['SELECT'],
      grantee: { kind: 'public' },
      grantOption: false,
    });

    expect(() => renderStatement(write, 18)).toThrow('SELECT is no privilege on a schema');
  });

  it('runs a revoke as the grantor and comes back', () => {
    const write = Write.parse({
      kind: 'revoke',
      target: { kind: 'table', database: 'd', schema: 's', name: 't' },
      columns: ['a', 'b'],
      privileges: ['SELECT', 'UPDATE'],
      grantee: { kind: 'public' },
      optionOnly: false,
      as: 'lead',
    });

    expect(renderMessage(write, 18)).toBe(
      'SET LOCAL ROLE "lead"; REVOKE SELECT ("a", "b"), UPDATE ("a", "b") ON TABLE "s"."t" FROM PUBLIC; SET LOCAL ROLE NONE;',
    );
    expect(databaseOfWrite(write)).toBe('d');
  });

  it('says where the whole server is concerned', () => {
    expect(databaseOfWrite(Write.parse({ kind: 'role-rename', role: 'a', to: 'b' }))).toBeUndefined();
    expect(databaseOfWrite(Write.parse({ kind: 'database-owner', database: 'd', owner: 'b' }))).toBeUndefined();
    expect(databaseOfWrite(Write.parse({ kind: 'schema-owner', database: 'd', schema: 's', owner: 'b' }))).toBe('d');
  });
});
