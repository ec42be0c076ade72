import type { JsonValue } from '../../../../core/model/json.ts';
import { DEFAULT_ACL_FACTS, type AclKind } from '../statements/privilege.ts';
import type { Grantee, Write, WriteKind, WriteOf } from '../statements/schema.ts';
import { targetKey } from '../statements/target.ts';
import { ANY, EVERYBODY, type FactKey, type FactPattern } from './fact.ts';
import { settingText, validUntilText } from './setting-value.ts';

/** What one write must do to the facts, and all it may do. */
export type Change =
  | { readonly status: 'set'; readonly key: FactKey; readonly value: JsonValue }
  | { readonly status: 'removed'; readonly key: FactKey }
  /** No fact of this shape may be left. */
  | { readonly status: 'gone'; readonly pattern: FactPattern }
  /** A fact of this shape must be there; which grantor it carries is the server's choice. */
  | { readonly status: 'appeared'; readonly pattern: FactPattern; readonly value: JsonValue | undefined }
  /** Every target of the kind in the schema must carry the entry. */
  | {
      readonly status: 'covered';
      readonly scope: CoveredScope;
      readonly pattern: FactPattern;
      readonly value: JsonValue;
    }
  /** Facts whose keys begin so belong to what was made anew. */
  | { readonly status: 'free'; readonly prefix: FactKey }
  | { readonly status: 'renamed'; readonly from: string; readonly to: string }
  /** The server rewrites the entries of the old owner of a target to the new one. */
  | { readonly status: 'owned'; readonly target: string; readonly owner: string };

/** The targets one write covers. */
export interface CoveredScope {
  readonly kind: 'table' | 'sequence' | 'function';
  readonly schema: string;
}

const COVERED_KINDS: Readonly<Partial<Record<AclKind, CoveredScope['kind']>>> = {
  'all-tables': 'table',
  'all-sequences': 'sequence',
  'all-functions': 'function',
};

/** What a write depends on beyond itself. */
export interface ChangePlace {
  readonly major: number;
}

type ChangesOf<K extends WriteKind> = (write: WriteOf<K>, place: ChangePlace) => readonly Change[];

const granteeName = (grantee: Grantee): string => (grantee.kind === 'public' ? EVERYBODY : grantee.name);

function set(key: FactKey, value: JsonValue): readonly Change[] {
  return [{ status: 'set', key, value }];
}

function roleCreated(write: WriteOf<'role-create'>): readonly Change[] {
  const attributes = Object.entries(write.attributes).flatMap(([name, value]) =>
    set(['role', write.role, name], value),
  );
  const limit = write.connectionLimit;
  return [
    { status: 'appeared', pattern: ['role', write.role, 'oid'], value: undefined },
    ...attributes,
    ...(limit === undefined ? [] : set(['role', write.role, 'connectionLimit'], limit)),
    ...(write.validUntil === undefined
      ? []
      : set(['role', write.role, 'validUntil'], validUntilText(write.validUntil))),
    { status: 'free', prefix: ['role', write.role] },
    { status: 'free', prefix: ['member', write.role] },
  ];
}

function settingChanged(write: WriteOf<'setting'>): readonly Change[] {
  const key = ['setting', write.role ?? '', write.database ?? '', write.name.toLowerCase()];
  if (write.values === undefined) return [{ status: 'removed', key }];
  return set(key, settingText(write.values.join(', ')));
}

function edgeOptions(write: WriteOf<'membership-grant'>, major: number): JsonValue {
  if (major < 16) return { admin: write.admin };
  return { admin: write.admin, inherit: write.inherit ?? true, set: write.set ?? true };
}

function membershipGranted(write: WriteOf<'membership-grant'>, { major }: ChangePlace): readonly Change[] {
  const value = edgeOptions(write, major);
  if (major < 16) return set(['member', write.group, write.member, ''], value);
  if (write.grantor !== undefined) return set(['member', write.group, write.member, write.grantor], value);
  return [{ status: 'appeared', pattern: ['member', write.group, write.member, ANY], value }];
}

function membershipRevoked(write: WriteOf<'membership-revoke'>, { major }: ChangePlace): readonly Change[] {
  if (major >= 16 && write.grantor === undefined)
    return [{ status: 'gone', pattern: ['member', write.group, write.member, ANY] }];
  const key = ['member', write.group, write.member, major < 16 ? '' : (write.grantor ?? '')];
  return write.adminOnly ? set(key, { admin: false }) : [{ status: 'removed', key }];
}

function schemaCreated(write: WriteOf<'schema-create'>): readonly Change[] {
  const key = ['schema', write.database, write.schema];
  const target = targetKey({ kind: 'schema', database: write.database, schema: write.schema });
  return [
    { status: 'appeared', pattern: [...key, 'owner'], value: write.owner },
    { status: 'free', prefix: key },
    { status: 'free', prefix: ['owner', target] },
    { status: 'free', prefix: ['acl', target] },
  ];
}

function ownerSet(key: FactKey, target: string, owner: string): readonly Change[] {
  return [...set(key, owner), ...set(['owner', target], owner), { status: 'owned', target, owner }];
}

function extensionCreated(write: WriteOf<'extension-create'>): readonly Change[] {
  const key = ['extension', write.database, write.extension];
  return [
    { status: 'appeared', pattern: [...key, 'version'], value: write.version },
    { status: 'free', prefix: key },
  ];
}

/** The grantor part of an ACL key: the role the write acts as, or any where the server chooses. */
const grantorPart = (as: string | undefined): FactPattern[number] => as ?? ANY;

function aclKeys(write: WriteOf<'grant'> | WriteOf<'revoke'>): readonly FactPattern[] {
  const target = targetKey(write.target);
  const columns = write.columns.length === 0 ? [''] : write.columns;
  return columns.flatMap((column) =>
    write.privileges.map((privilege): FactPattern => [
      'acl',
      target,
      column,
      granteeName(write.grantee),
      grantorPart(write.as),
      privilege,
    ]),
  );
}

const isExact = (pattern: FactPattern): pattern is FactKey => pattern.every((part) => typeof part === 'string');

function granted(write: WriteOf<'grant'>): readonly Change[] {
  const kind = COVERED_KINDS[write.target.kind];
  if (kind !== undefined && 'schema' in write.target) {
    const scope = { kind, schema: write.target.schema };
    return aclKeys(write).map((pattern): Change => ({ status: 'covered', scope, pattern, value: write.grantOption }));
  }
  return aclKeys(write).map((pattern): Change => ({ status: 'appeared', pattern, value: write.grantOption }));
}

function revoked(write: WriteOf<'revoke'>): readonly Change[] {
  return aclKeys(write).map((pattern): Change => {
    if (!isExact(pattern)) throw new TypeError('a REVOKE needs the grantor whose entry it takes back');
    return write.optionOnly ? { status: 'set', key: pattern, value: false } : { status: 'removed', key: pattern };
  });
}

function defaultKeys(write: WriteOf<'default-grant'> | WriteOf<'default-revoke'>): readonly FactKey[] {
  const head = ['default', write.database, write.owner, write.schema ?? '', write.objects, granteeName(write.grantee)];
  const { privileges } = DEFAULT_ACL_FACTS[write.objects];
  return write.privileges.filter((each) => privileges.includes(each)).map((privilege) => [...head, privilege]);
}

const CHANGES: { readonly [K in WriteKind]: ChangesOf<K> } = {
  'role-attribute': (write) => set(['role', write.role, write.attribute], write.value),
  'role-connection-limit': (write) => set(['role', write.role, 'connectionLimit'], write.value),
  'role-valid-until': (write) => set(['role', write.role, 'validUntil'], validUntilText(write.value)),
  'role-rename': (write) => [{ status: 'renamed', from: write.role, to: write.to }],
  'role-create': roleCreated,
  setting: settingChanged,
  'membership-grant': membershipGranted,
  'membership-revoke': membershipRevoked,
  'database-owner': (write) =>
    ownerSet(
      ['database', write.database, 'owner'],
      targetKey({ kind: 'database', database: write.database }),
      write.owner,
    ),
  'database-connection-limit': (write) => set(['database', write.database, 'connectionLimit'], write.value),
  'database-flag': (write) => set(['database', write.database, write.flag], write.value),
  'schema-create': schemaCreated,
  'schema-owner': (write) =>
    ownerSet(
      ['schema', write.database, write.schema, 'owner'],
      targetKey({ kind: 'schema', database: write.database, schema: write.schema }),
      write.owner,
    ),
  'extension-create': extensionCreated,
  'extension-update': (write) => set(['extension', write.database, write.extension, 'version'], write.version),
  grant: granted,
  revoke: revoked,
  'default-grant': (write) => defaultKeys(write).flatMap((key) => set(key, write.grantOption)),
  'default-revoke': (write) =>
    defaultKeys(write).map((key) =>
      write.optionOnly ? { status: 'set', key, value: false } : { status: 'removed', key },
    ),
};

/** What a write must and may do to the facts of its subjects. */
export function changesOf(write: Write, place: ChangePlace): readonly Change[] {
  const find = CHANGES[write.kind] as (write: Write, place: ChangePlace) => readonly Change[];
  return find(write, place);
}
