import { z } from 'zod';
import type { Plane } from '../../../core/model/vocabulary.ts';
import {
  itemOf,
  propose,
  referencePlane,
  refuse,
  toGrantee,
  type PlannedWrite,
  type PlanSubject,
  type Proposal,
} from './plan-subject.ts';
import { EVERYBODY } from './affected/fact.ts';
import { PUBLIC } from './state.ts';
import { Privilege } from './statements/privilege.ts';

const DefaultItem = z.object({
  on: z.string(),
  database: z.string(),
  schema: z.string().optional(),
  objectType: z.enum(['tables', 'sequences', 'functions', 'types', 'schemas', 'largeobjects']),
  owner: z.string(),
  grantee: z.string(),
  privileges: z.array(Privilege),
});
type DefaultItem = z.infer<typeof DefaultItem>;

function defaultOf(subject: PlanSubject, plane: Plane): DefaultItem | undefined {
  const parsed = DefaultItem.safeParse(itemOf(subject, plane));
  return parsed.success ? parsed.data : undefined;
}

function place(item: DefaultItem): {
  database: string;
  owner: string;
  schema?: string;
  objects: Exclude<DefaultItem['objectType'], 'largeobjects'> | 'large-objects';
  grantee: ReturnType<typeof toGrantee>;
} {
  return {
    database: item.database,
    owner: item.owner,
    ...(item.schema === undefined ? {} : { schema: item.schema }),
    objects: item.objectType === 'largeobjects' ? 'large-objects' : item.objectType,
    grantee: toGrantee(item.grantee),
  };
}

const without = (left: readonly Privilege[], right: readonly Privilege[]): Privilege[] =>
  left.filter((privilege) => !right.includes(privilege));

const privilegesOf = (item: DefaultItem | undefined): readonly Privilege[] => item?.privileges ?? [];

function factKey({ database, owner, schema, objectType, grantee }: DefaultItem): readonly string[] {
  const objects = objectType === 'largeobjects' ? 'large-objects' : objectType;
  return ['default', database, owner, schema ?? '', objects, grantee === PUBLIC ? EVERYBODY : grantee];
}

/** Privileges on what a role will create: the missing are given, the rest is taken back. */
export function planDefault(subject: PlanSubject): Proposal {
  const wanted = defaultOf(subject, referencePlane(subject.difference));
  const actual = defaultOf(subject, 'actual');
  const item = wanted ?? actual;
  if (item === undefined) return refuse('INADMISSIBLE', `${subject.difference.path} names no default privileges`);
  const missing = without(privilegesOf(wanted), privilegesOf(actual));
  const extra = without(privilegesOf(actual), privilegesOf(wanted));
  return propose(
    defaultWrites(item, missing, extra),
    missing.map((privilege) => ({ pattern: [...factKey(item), privilege], facts: [] })),
  );
}

function defaultWrites(item: DefaultItem, missing: Privilege[], extra: Privilege[]): readonly PlannedWrite[] {
  const writes: PlannedWrite[] = [];
  if (missing.length > 0) {
    writes.push({
      write: { kind: 'default-grant', ...place(item), privileges: missing, grantOption: false },
      phase: 'default',
      loses: [],
    });
  }
  if (extra.length > 0) {
    writes.push({
      write: { kind: 'default-revoke', ...place(item), privileges: extra, optionOnly: false },
      phase: 'default',
      loses: [`${extra.join(', ')} of ${item.grantee} on ${item.objectType} that ${item.owner} will create`],
    });
  }
  return writes;
}
