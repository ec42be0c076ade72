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

/** Privileges on what a role will create: the missing are given, the rest is taken back. */
export function planDefault(subject: PlanSubject): Proposal {
  const wanted = defaultOf(subject, referencePlane(subject.difference));
  const actual = defaultOf(subject, 'actual');
  const item = wanted ?? actual;
  if (item === undefined) return refuse('INADMISSIBLE', `${subject.difference.path} names no default privileges`);
  const missing = without(wanted?.privileges ?? [], actual?.privileges ?? []);
  const extra = without(actual?.privileges ?? [], wanted?.privileges ?? []);
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
  const key = [
    'default',
    item.database,
    item.owner,
    item.schema ?? '',
    item.objectType === 'largeobjects' ? 'large-objects' : item.objectType,
  ];
  const grantee = item.grantee === PUBLIC ? EVERYBODY : item.grantee;
  return propose(
    writes,
    missing.map((privilege) => ({ pattern: [...key, grantee, privilege], facts: [] })),
  );
}
