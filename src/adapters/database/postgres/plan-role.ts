import { z } from 'zod';
import type { JsonValue } from '../../../core/model/json.ts';
import {
  actualValue,
  pathNames,
  propose,
  refuse,
  seenFact,
  wantedValue,
  type PlannedWrite,
  type PlanSubject,
  type Proposal,
} from './plan-subject.ts';
import { settingValues, validUntilText } from './affected/setting-value.ts';
import { ROLE_ATTRIBUTES, RoleAttribute } from './statements/schema.ts';

/** What taking an attribute away costs its holder. */
function attributeLoss(role: string, attribute: RoleAttribute, value: boolean): readonly string[] {
  return value ? [] : [`${attribute.toUpperCase()} of ${role}`];
}

export function planAttribute(subject: PlanSubject): Proposal {
  const { difference, resource } = subject;
  const attribute = RoleAttribute.safeParse(pathNames(difference)[1]);
  const value = wantedValue(difference);
  if (!attribute.success || typeof value !== 'boolean') return refuse('INADMISSIBLE', `${difference.path} is no attribute of a role`);
  const write: PlannedWrite = {
    write: { kind: 'role-attribute', role: resource.name, attribute: attribute.data, value },
    phase: value ? 'grant' : 'narrow',
    loses: attributeLoss(resource.name, attribute.data, value),
  };
  return propose([write], [seenFact(['role', resource.name, attribute.data], actualValue(difference))]);
}

export function planRoleConnectionLimit({ difference, resource }: PlanSubject): Proposal {
  const value = wantedValue(difference);
  if (typeof value !== 'number') return refuse('INADMISSIBLE', 'the declared connection limit is no number');
  return propose(
    [{ write: { kind: 'role-connection-limit', role: resource.name, value }, phase: 'limit', loses: [] }],
    [seenFact(['role', resource.name, 'connectionLimit'], actualValue(difference))],
  );
}

export function planValidUntil({ difference, resource }: PlanSubject): Proposal {
  const value = wantedValue(difference) ?? 'infinity';
  const actual = actualValue(difference) ?? 'infinity';
  if (typeof value !== 'string' || typeof actual !== 'string') return refuse('INADMISSIBLE', 'validUntil is no instant');
  return propose(
    [{ write: { kind: 'role-valid-until', role: resource.name, value }, phase: 'limit', loses: [] }],
    [seenFact(['role', resource.name, 'validUntil'], validUntilText(actual))],
  );
}

/** A setting's text from a value of the tree: text, or a list of names. */
function toSettingValues(name: string, value: JsonValue): readonly string[] | undefined {
  if (typeof value === 'string') return settingValues(name, value);
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)];
  const list = z.array(z.string()).safeParse(value);
  return list.success && list.data.length > 0 ? list.data : undefined;
}

/** Settings of a role, of a database, and of a role in one database (`<name>` or `<database>/<name>`). */
export function planSetting({ difference, resource }: PlanSubject): Proposal {
  const [, name = '', within] = pathNames(difference);
  const value = wantedValue(difference);
  const values = value === undefined ? undefined : toSettingValues(name, value);
  if (within !== undefined || (value !== undefined && values === undefined)) {
    return refuse('INADMISSIBLE', `${difference.path} has no value that a statement can set`);
  }
  const place = resource.type === 'database' ? { database: resource.name } : { role: resource.name };
  const write: PlannedWrite = {
    write: { kind: 'setting', ...place, name, ...(values === undefined ? {} : { values: [...values] }) },
    phase: 'limit',
    loses: [],
  };
  return propose([write], []);
}

const CREATED = z.object({
  attributes: z.partialRecord(RoleAttribute, z.boolean()).optional(),
  connectionLimit: z.number().optional(),
  validUntil: z.string().optional(),
});

/** A role that is not there, with its own attributes; what it was granted comes with the next look. */
export function planRoleCreate({ difference, resource }: PlanSubject): Proposal {
  const state = resource.planes.desired;
  if (state.status !== 'present') return refuse('INADMISSIBLE', `no document declares ${resource.resource}`);
  const declared = CREATED.parse(state.value);
  const attributes = Object.fromEntries(
    ROLE_ATTRIBUTES.flatMap((name) => {
      const value = declared.attributes?.[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const login = resource.type === 'user' && attributes['login'] === undefined ? { login: true } : {};
  const write: PlannedWrite = {
    write: {
      kind: 'role-create',
      role: resource.name,
      attributes: { ...attributes, ...login },
      ...(declared.connectionLimit === undefined ? {} : { connectionLimit: declared.connectionLimit }),
      ...(declared.validUntil === undefined ? {} : { validUntil: declared.validUntil }),
    },
    phase: 'create',
    loses: [],
  };
  return difference.path === '/' ? propose([write], [seenFact(['role', resource.name, 'oid'], undefined)]) : refuse('INADMISSIBLE', 'only a whole role is created');
}

/** Undoes a rename, which only the recorded oid proves. */
export function planRename({ difference, resource }: PlanSubject): Proposal {
  const to = wantedValue(difference);
  const from = actualValue(difference);
  const oid = resource.facts?.['nativeId'];
  if (typeof to !== 'string' || typeof from !== 'string' || typeof oid !== 'string') {
    return refuse('IMMUTABLE', 'no recorded oid proves that this is the renamed role');
  }
  return propose(
    [{ write: { kind: 'role-rename', role: from, to }, phase: 'name', loses: [`the name ${from}`] }],
    [seenFact(['role', from, 'oid'], oid), seenFact(['role', to, 'oid'], undefined)],
  );
}
