import type { DefaultAclKind } from '../statements/privilege.ts';
import type { Write, WriteKind, WriteOf } from '../statements/schema.ts';
import { targetKey, type AclTarget } from '../statements/target.ts';

/** What is read before and after a write: everything the server keeps in the same rows. */
export type Subject =
  | { readonly kind: 'role'; readonly role: string }
  | { readonly kind: 'database'; readonly database: string }
  | { readonly kind: 'schema'; readonly schema: string }
  | { readonly kind: 'extension'; readonly extension: string }
  | { readonly kind: 'acl'; readonly target: AclTarget }
  | {
      readonly kind: 'default';
      readonly database: string;
      readonly owner: string;
      readonly schema: string | undefined;
      readonly objects: DefaultAclKind;
    };

type SubjectsOf<K extends WriteKind> = (write: WriteOf<K>) => readonly Subject[];

const role = (write: { readonly role: string }): readonly Subject[] => [{ kind: 'role', role: write.role }];
const database = (write: { readonly database: string }): readonly Subject[] => [
  { kind: 'database', database: write.database },
];
const schema = (write: { readonly database: string; readonly schema: string }): readonly Subject[] => [
  { kind: 'schema', schema: write.schema },
  { kind: 'acl', target: { kind: 'schema', database: write.database, schema: write.schema } },
];
const extension = (write: { readonly extension: string }): readonly Subject[] => [
  { kind: 'extension', extension: write.extension },
];
const member = (write: { readonly member: string }): readonly Subject[] => [{ kind: 'role', role: write.member }];
const acl = (write: { readonly target: AclTarget }): readonly Subject[] => [{ kind: 'acl', target: write.target }];
const defaults = (write: WriteOf<'default-grant'> | WriteOf<'default-revoke'>): readonly Subject[] => [
  { kind: 'default', database: write.database, owner: write.owner, schema: write.schema, objects: write.objects },
];

const SUBJECTS: { readonly [K in WriteKind]: SubjectsOf<K> } = {
  'role-attribute': role,
  'role-connection-limit': role,
  'role-valid-until': role,
  'role-create': role,
  'role-rename': (write) => [
    { kind: 'role', role: write.role },
    { kind: 'role', role: write.to },
  ],
  setting: (write) => [
    ...(write.role === undefined ? [] : role({ role: write.role })),
    ...(write.database === undefined ? [] : database({ database: write.database })),
  ],
  'membership-grant': member,
  'membership-revoke': member,
  'database-owner': (write) => [
    ...database(write),
    { kind: 'acl', target: { kind: 'database', database: write.database } },
  ],
  'database-connection-limit': database,
  'database-flag': database,
  'schema-create': schema,
  'schema-owner': schema,
  'extension-create': extension,
  'extension-update': extension,
  grant: acl,
  revoke: acl,
  'default-grant': defaults,
  'default-revoke': defaults,
};

function textOf(subject: Subject): string {
  return subject.kind === 'acl' ? `acl ${targetKey(subject.target)}` : JSON.stringify(subject);
}

/** Every subject of some writes, each once. */
export function subjectsOf(writes: readonly Write[]): readonly Subject[] {
  const subjects = new Map<string, Subject>();
  for (const write of writes) {
    const find = SUBJECTS[write.kind] as (write: Write) => readonly Subject[];
    for (const subject of find(write)) subjects.set(textOf(subject), subject);
  }
  return [...subjects.values()];
}
