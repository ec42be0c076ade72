import { z } from 'zod';
import type { JsonValue } from '../../../core/model/json.ts';
import {
  actualValue,
  liveName,
  pathNames,
  propose,
  refuse,
  seenFact,
  wantedValue,
  type PlannedWrite,
  type PlanSubject,
  type Proposal,
} from './plan-subject.ts';
import { settingText, settingValues, validUntilText } from './affected/setting-value.ts';
import { ROLE_ATTRIBUTES, RoleAttribute } from './statements/schema.ts';

/** What taking an attribute away costs its holder. */
function attributeLoss(role: string, attribute: RoleAttribute, value: boolean): readonly string[] {
  return value ? [] : [`${attribute.toUpperCase()} of ${role}`];
}

export function planAttribute(subject: PlanSubject): Proposal {
  const { difference, resource } = subject;
  const attribute = RoleAttribute.safeParse(pathNames(difference)[1]);
  const value = wantedValue(difference);
  if (!attribute.success || typeof value !== 'boolean')
    return refuse('INADMISSIBLE', `${difference.path} is no attribute of a role`);
  const write: PlannedWrite = {
    write: { kind: 'role-attribute', role: liveName(resource), attribute: attribute.data, value },
    phase: value ? 'grant' : 'narrow',
    loses: attributeLoss(liveName(resource), attribute.data, value),
  };
  return propose([write], [seenFact(['role', liveName(resource), attribute.data], actualValue(difference))]);
}

export function planRoleConnectionLimit({ difference, resource }: PlanSubject): Proposal {
  const value = wantedValue(difference);
  if (typeof value !== 'number') return refuse('INADMISSIBLE', 'the declared connection limit is no number');
  return propose(
    [{ write: { kind: 'role-connection-limit', role: liveName(resource), value }, phase: 'limit', loses: [] }],
    [seenFact(['role', liveName(resource), 'connectionLimit'], actualValue(difference))],
  );
}

export function planValidUntil({ difference, resource }: PlanSubject): Proposal {
  const value = wantedValue(difference) ?? 'infinity';
  const actual = actualValue(difference) ?? 'infinity';
  if (typeof value !== 'string' || typeof actual !== 'string')
    return refuse('INADMISSIBLE', 'validUntil is no instant');
  return propose(
    [{ write: { kind: 'role-valid-until', role: liveName(resource), value }, phase: 'limit', loses: [] }],
    [seenFact(['role', liveName(resource), 'validUntil'], validUntilText(actual))],
  );
}

/** A setting's text from a value of the tree: text, or a list of names. */
function toSettingValues(name: string, value: JsonValue): readonly string[] | undefined {
  if (typeof value === 'string') return settingValues(name, value);
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)];
  const list = z.array(z.string()).safeParse(value);
  return list.success && list.data.length > 0 ? list.data : undefined;
}

/** A setting's place and name: `<name>`, or `<database>:<name>` for a role in one database. */
function settingPlace({ difference, resource }: PlanSubject): {
  readonly role?: string;
  readonly database?: string;
  readonly name: string;
} {
  const [, text = ''] = pathNames(difference);
  const colon = text.lastIndexOf(':');
  const name = text.slice(colon + 1);
  if (resource.type === 'database') return { database: resource.name, name };
  return { role: liveName(resource), ...(colon === -1 ? {} : { database: text.slice(0, colon) }), name };
}

function settingState(value: JsonValue | undefined): JsonValue | undefined {
  return typeof value === 'string' ? settingText(value) : value;
}

export function planSetting(subject: PlanSubject): Proposal {
  const { difference } = subject;
  const place = settingPlace(subject);
  const value = wantedValue(difference);
  const values = value === undefined ? undefined : toSettingValues(place.name, value);
  if (value !== undefined && values === undefined)
    return refuse('INADMISSIBLE', `${difference.path} has no value that a statement can set`);
  const write: PlannedWrite = {
    write: { kind: 'setting', ...place, ...(values === undefined ? {} : { values: [...values] }) },
    phase: 'limit',
    loses: [],
  };
  const key = ['setting', place.role ?? '', place.database ?? '', place.name.toLowerCase()];
  return propose([write], [seenFact(key, settingState(actualValue(difference)))]);
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
  return difference.path === '/'
    ? propose([write], [seenFact(['role', resource.name, 'oid'], undefined)])
    : refuse('INADMISSIBLE', 'only a whole role is created');
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
