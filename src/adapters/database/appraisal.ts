import type { Appraisal } from '../../core/model/catalogue.ts';
import type { Difference } from '../../core/model/difference.ts';
import { jsonText, isJsonObject, type JsonObject, type JsonValue } from '../../core/model/json.ts';
import type { ResourceObservation } from '../../core/model/observation.ts';
import type { PathState } from '../../core/model/plane-state.ts';
import { higherRisk, type Risk } from '../../core/model/vocabulary.ts';
import { EVERYBODY_RESOURCE } from './documents/resource-name.ts';
import { isSteering } from './postgres/settings.ts';
import { ALTER, NONE } from './offers.ts';

function valueOf(state: PathState): JsonObject {
  return state.status === 'present' && isJsonObject(state.value) ? state.value : {};
}

function words(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

const POWERS: ReadonlySet<string> = new Set(['superuser', 'createrole', 'replication', 'bypassrls']);
const LESSER_POWERS: ReadonlySet<string> = new Set(['login', 'inherit', 'createdb']);

/** A power that was lost and would be given back, and how strong it is. */
function lostPower(difference: Difference): Appraisal {
  const attribute = /^\/attributes\/(\w+)$/.exec(difference.path)?.[1];
  if (attribute === undefined || !(difference.desired.status === 'present' && difference.desired.value === true))
    return {};
  if (POWERS.has(attribute)) return { hints: ['POWER_LOST'], offer: { write: 'alter', care: ['returns-power'] } };
  return LESSER_POWERS.has(attribute) ? { offer: { write: 'alter', care: ['returns-login'] } } : {};
}

function reachText(difference: Difference, facts: JsonObject): string | undefined {
  const logins = Number(facts['logins'] ?? 0);
  if (difference.category !== 'privilege' || logins === 0) return undefined;
  const first = words(facts['firstLogins']);
  const named = first.length === 0 ? '' : `: ${first.join(', ')}${logins > first.length ? ', …' : ''}`;
  const what = difference.effect === 'narrows' ? 'lose' : 'gain';
  return `${logins} ${logins === 1 ? 'login' : 'logins'} ${what} it${named}`;
}

/** Superuser or as good as one, by what this very difference gave. */
function superuserReached(difference: Difference, facts: JsonObject): string | undefined {
  if (difference.effect === 'narrows' || difference.actual.status !== 'present') return undefined;
  if (difference.path === '/attributes/superuser') return 'SUPERUSER';
  if (
    difference.path === '/attributes/createrole' &&
    typeof facts['superuserBy'] === 'string' &&
    facts['superuserBy'].startsWith('CREATEROLE')
  )
    return facts['superuserBy'];
  const through = words(facts['superuserThrough']);
  const role = valueOf(difference.actual)['role'];
  if (
    /^\/(?:extraMemberOf|extraRoles|memberOf|roles)\//.test(difference.path) &&
    typeof role === 'string' &&
    through.includes(role)
  )
    return `through ${role}`;
  if (difference.path === '/' && typeof facts['superuserBy'] === 'string') return facts['superuserBy'];
  return undefined;
}

function givenPrivileges(difference: Difference): readonly string[] {
  const held = valueOf(difference.actual)['held'];
  return Array.isArray(held) ? (held as readonly JsonObject[]).map((each) => jsonText(each['privilege'])) : [];
}

const DANGEROUS: ReadonlySet<string> = new Set(['TRUNCATE', 'TRIGGER']);

function privilegeFloor(difference: Difference, resource: ResourceObservation): Risk | undefined {
  if (!/^\/(?:extraGrants|privileges|grants)\//.test(difference.path) || difference.effect === 'narrows')
    return undefined;
  const value = valueOf(difference.actual);
  const given = givenPrivileges(difference);
  const isPublic = resource.resource === EVERYBODY_RESOURCE;
  const onTable = value['kind'] === 'table' || value['kind'] === 'column';
  if (isPublic && ((value['kind'] === 'schema' && given.includes('CREATE')) || onTable)) return 'CRITICAL';
  const held = Array.isArray(value['held']) ? (value['held'] as readonly JsonObject[]) : [];
  if (held.some((each) => each['grantable'] === true) || given.some((privilege) => DANGEROUS.has(privilege)))
    return 'HIGH';
  if (value['schema'] === 'pg_catalog') return 'HIGH';
  return value['kind'] === 'parameter' ? 'HIGH' : undefined;
}

function raise(current: Risk | undefined, more: Risk | undefined): Risk | undefined {
  if (more === undefined) return current;
  return current === undefined ? more : higherRisk(current, more);
}

/** Row security that was there and is off, or a policy that went: a guard fell. One that came is no danger. */
function guardChange(difference: Difference): Appraisal {
  const isGuard = difference.path.startsWith('/rowSecurity/') || difference.path.startsWith('/triggers/');
  if (!isGuard) return {};
  const before = valueOf(difference.declared ? difference.desired : difference.recorded);
  const after = valueOf(difference.actual);
  if (difference.actual.status !== 'present') return { effect: 'widens' };
  const lost = words(before['policies']).filter((policy) => !words(after['policies']).includes(policy));
  const weakened =
    before['enabled'] !== after['enabled'] ||
    lost.length > 0 ||
    (before['forced'] === true && after['forced'] !== true);
  return weakened ? { effect: 'widens' } : { effect: 'narrows', floor: 'MEDIUM' };
}

function settingChange(difference: Difference): Appraisal {
  const name = /^\/settings\/(.+)$/.exec(difference.path)?.[1];
  if (name === undefined || !isSteering(name.replaceAll('~1', '/'))) return {};
  const guard = name.startsWith('pgaudit') || name.includes('preload_libraries');
  return { category: 'privilege', effect: 'unknown', floor: guard ? 'CRITICAL' : 'HIGH' };
}

/** What a missing schema or extension held, and whether it was ever applied. */
function missingPart(difference: Difference, resource: ResourceObservation): Appraisal {
  const isPart = /^\/(?:schemas|extensions)\/\[name=/.test(difference.path) && difference.actual.status === 'absent';
  if (!isPart) return {};
  const knew = difference.recorded.status === 'present';
  if (!knew) return { hints: ['NOT_CREATED'] };
  const held =
    words(resource.facts?.['schemasWithTables']).length > 0 || difference.path.startsWith('/extensions')
      ? 'data'
      : 'nothing';
  return held === 'data' ? { held, offer: NONE } : { held };
}

function versionChange(difference: Difference): Appraisal {
  if (!/^\/extensions\/\[name=[^\]]*\]\/version$/.test(difference.path)) return {};
  const wanted = difference.desired.status === 'present' ? jsonText(difference.desired.value) : '';
  const there = difference.actual.status === 'present' ? jsonText(difference.actual.value) : '';
  const isDowngrade = wanted.localeCompare(there, 'en', { numeric: true }) < 0;
  return isDowngrade ? { immutable: true, offer: NONE } : {};
}

function wholeResource(difference: Difference, resource: ResourceObservation): Appraisal {
  if (difference.path !== '/') return {};
  if (difference.relation === 'MISSING') {
    const isPrincipal = resource.type === 'user' || resource.type === 'role';
    return {
      floor: resource.type === 'database' ? 'CRITICAL' : 'HIGH',
      ...(isPrincipal && difference.recorded.status !== 'present' ? { hints: ['NOT_CREATED'] } : {}),
    };
  }
  if (difference.relation === 'UNMANAGED' && resource.type === 'role') {
    const canLogin = resource.facts?.['login'] === true;
    const power =
      typeof resource.facts?.['superuserBy'] === 'string' || words(valueOf(difference.actual)['memberOf']).length > 0;
    return {
      offer: NONE,
      category: 'privilege',
      ...(canLogin && power ? { floor: 'CRITICAL' as const } : canLogin ? { floor: 'HIGH' as const } : {}),
    };
  }
  return { offer: NONE };
}

function renameChange(difference: Difference): Appraisal {
  if (difference.path !== '/name') return {};
  return { immutable: false, offer: ALTER };
}

function grantOptionField(difference: Difference): Appraisal {
  if (!difference.path.startsWith('/grants/')) return {};
  const wanted = valueOf(difference.desired);
  const there = valueOf(difference.actual);
  const lacking = isJsonObject(there['lacking']) ? Number(there['lacking']['count']) : 0;
  if (lacking > 0) return { effect: 'narrows' };
  const samePrivileges = JSON.stringify(wanted['privileges']) === JSON.stringify(there['privileges']);
  return samePrivileges && wanted['grantOption'] !== there['grantOption']
    ? { field: difference.field?.replace(/\.missing$/, '.grantOption') ?? 'grants.grantOption' }
    : {};
}

/** Nobody took anything away: a table came later than the grant that is to cover it. */
function laterTable(difference: Difference, resource: ResourceObservation): Appraisal {
  const item = jsonText(valueOf(difference.desired)['on']);
  const isLater = difference.path.startsWith('/grants/') && words(resource.facts?.['laterTables']).includes(item);
  return isLater ? { hints: ['NEW_TABLE_NOT_COVERED'], cap: 'LOW' } : {};
}

function membershipFloor(difference: Difference): Risk | undefined {
  const isMembership = /^\/(?:memberOf|roles)\//.test(difference.path);
  return isMembership && valueOf(difference.actual)['admin'] === true ? 'HIGH' : undefined;
}

/** Facts that follow from values, and how far they reach. Never a class, an action or an approval. */
export function appraise(difference: Difference, resource: ResourceObservation): Appraisal {
  const facts = resource.facts ?? {};
  const parts = [lostPower, guardChange, settingChange, versionChange, renameChange, grantOptionField].map(
    (appraiser) => appraiser(difference),
  );
  const merged: Appraisal = Object.assign(
    {},
    ...parts,
    missingPart(difference, resource),
    wholeResource(difference, resource),
    laterTable(difference, resource),
  ) as Appraisal;
  const effect = merged.effect ?? difference.effect;
  const known = { ...difference, effect };
  const superuser = superuserReached(known, facts);
  let floor = merged.floor ?? difference.floor;
  if (effect === 'narrows' && merged.floor === undefined && difference.path !== '/') floor = undefined;
  floor = raise(floor, privilegeFloor(known, resource));
  floor = raise(floor, membershipFloor(known));
  if (difference.path === '/attributes/login' && effect === 'widens') floor = raise(floor, 'HIGH');
  if (superuser !== undefined) floor = 'CRITICAL';
  const reach = reachText(known, facts);
  return {
    ...merged,
    effect,
    ...(floor === undefined ? {} : { floor }),
    ...(reach === undefined && superuser === undefined
      ? {}
      : {
          details: {
            ...(reach === undefined ? {} : { reach }),
            ...(superuser === undefined ? {} : { superuserEquivalent: superuser }),
          },
        }),
  };
}
