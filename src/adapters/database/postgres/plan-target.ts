import { z } from 'zod';
import type { JsonObject } from '../../../core/model/json.ts';
import type { TargetKind } from './state.ts';
import { readArgumentTypes } from './statements/argument-types.ts';
import { AclTarget } from './statements/target.ts';

/** A target as the compared trees hold it. */
const TargetParts = z.object({
  on: z.string(),
  kind: z.string(),
  database: z.string().optional(),
  schema: z.string().optional(),
  name: z.string().optional(),
  column: z.string().optional(),
  arguments: z.string().optional(),
  owner: z.string().optional(),
  overloads: z.array(z.string()).optional(),
  /** Only rules about every table (sequence, function) of a schema lack something: a real table may be called `*` too. */
  lacking: z.unknown().optional(),
});

/** What a statement names: a target and, for column privileges, its columns. */
export interface PlanTarget {
  readonly on: string;
  readonly target: AclTarget;
  readonly columns: readonly string[];
  readonly owner: string | undefined;
}

type Parts = z.infer<typeof TargetParts>;

const ALL_KINDS: Readonly<Record<string, string>> = {
  table: 'all-tables',
  sequence: 'all-sequences',
  function: 'all-functions',
};

const WITH_ARGUMENTS = /^(.*)\((.*)\)$/;

function functionParts({ database, schema, name = '', arguments: types }: Parts): unknown {
  const [, bare = name, listed = types] = types === undefined ? (WITH_ARGUMENTS.exec(name) ?? []) : [];
  return {
    kind: 'function',
    database,
    schema,
    name: bare,
    arguments: listed === undefined ? undefined : readArgumentTypes(listed),
  };
}

function withName(parts: Parts): unknown {
  const { database, schema, name } = parts;
  if (name === '*' && parts.lacking !== undefined) return { kind: ALL_KINDS[parts.kind], database, schema };
  return parts.kind === 'function' ? functionParts(parts) : { kind: parts.kind, database, schema, name };
}

const BUILDERS: Readonly<Record<TargetKind, (parts: Parts) => unknown>> = {
  database: ({ database }) => ({ kind: 'database', database }),
  schema: ({ database, schema }) => ({ kind: 'schema', database, schema }),
  table: withName,
  sequence: withName,
  function: withName,
  type: withName,
  column: ({ database, schema, name }) => ({ kind: 'table', database, schema, name }),
  tablespace: ({ name }) => ({ kind: 'tablespace', name }),
  parameter: ({ name }) => ({ kind: 'parameter', name }),
  largeobject: ({ database, name }) => ({ kind: 'large-object', database, oid: name }),
  language: () => undefined,
  server: () => undefined,
  wrapper: () => undefined,
};

/** The typed target of an item; undefined where no statement is offered for its kind or a part is missing. */
export function planTarget(item: JsonObject): PlanTarget | undefined {
  const parsed = TargetParts.safeParse(item);
  if (!parsed.success) return undefined;
  const parts = parsed.data;
  const build = Object.hasOwn(BUILDERS, parts.kind) ? BUILDERS[parts.kind as TargetKind] : undefined;
  const target = AclTarget.safeParse(build?.(parts));
  if (!target.success) return undefined;
  const columns = parts.kind === 'column' && parts.column !== undefined ? [parts.column] : [];
  return { on: parts.on, target: target.data, columns, owner: parts.owner };
}

/** Every target an item stands for: a function named without arguments stands for its overloads. */
export function planTargets(item: JsonObject): readonly PlanTarget[] {
  const parsed = TargetParts.safeParse(item);
  const overloads = parsed.success ? parsed.data.overloads : undefined;
  const items =
    overloads === undefined ? [item] : overloads.map((types): JsonObject => ({ ...item, arguments: types }));
  const targets = items.map(planTarget);
  return targets.every((target) => target !== undefined) ? targets : [];
}
