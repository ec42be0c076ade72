import { jsonText, type JsonObject } from '../../../core/model/json.ts';
import type { Judgement, OperatorSwitch, ResourceObservation } from '../../../core/model/observation.ts';
import type { PlaneGap, PlaneState } from '../../../core/model/plane-state.ts';
import type { Snapshot } from '../../../core/model/snapshot.ts';
import type { ObserveRequest } from '../../../ports/observer.ts';
import { hasAnnotation, type Declarations, type Declared } from '../documents/declarations.ts';
import { roleResource } from '../documents/resource-name.ts';
import { type Reach } from './closure.ts';
import type { ServerLook } from './look.ts';
import { includesDatabase, type DatabaseBlock } from '../unit-block.ts';
import { withoutDatabases } from './unsettled-databases.ts';
import type { Role } from './server-catalog.ts';
import type { TreeSource } from './tree-source.ts';

/** Bumped when a rule of meaning reads the same catalogs as another tree. */
export const NORMALIZER_VERSION = 1;

export type Snapshots = ObserveRequest['snapshots'];

export interface Assembly {
  readonly source: TreeSource;
  readonly look: ServerLook;
  readonly reach: Reach;
  readonly snapshots: Snapshots;
  /** As they were stored, with what is kept beside the compared values. */
  readonly rawSnapshots: Snapshots;
  readonly instanceName: string;
  /** Databases that were recorded and are gone, or are others under the name: what was held in them is theirs to tell. */
  readonly unsettled: ReadonlySet<string>;
  readonly block: DatabaseBlock;
  /** Resources that a document speaks of. */
  readonly spokenOf: ReadonlySet<string>;
  /** Role names that some resource already stands for. */
  readonly taken: Set<string>;
}

export const ABSENT: PlaneState = { status: 'absent' };
export const NOT_APPLICABLE: PlaneState = { status: 'not-applicable' };

export function present(value: JsonObject, gaps: readonly PlaneGap[] = []): PlaneState {
  return gaps.length === 0 ? { status: 'present', value } : { status: 'present', value, gaps };
}

export function snapshotOf(assembly: Assembly, resource: string): Snapshot | undefined {
  return assembly.snapshots.status === 'read' ? assembly.snapshots.byResource.get(resource) : undefined;
}

/** The recorded plane: the snapshot, or, where a set of snapshots exists without it, that it was not there. */
export function recordedPlane(assembly: Assembly, resource: string): PlaneState {
  if (assembly.snapshots.status === 'unreadable')
    return {
      status: 'unknown',
      reason: 'INTERNAL',
      detail: `the snapshots cannot be read: ${assembly.snapshots.detail}`,
    };
  const snapshot = assembly.snapshots.byResource.get(resource);
  if (snapshot !== undefined)
    return snapshot.normalizerVersion === NORMALIZER_VERSION
      ? present(withoutDatabases(snapshot.value, assembly.unsettled), snapshot.gaps)
      : NOT_APPLICABLE;
  return assembly.snapshots.byResource.size === 0 ? NOT_APPLICABLE : ABSENT;
}

/** A declared resource that the last look did not know yet is new as a declaration, not as a fact: nothing is recorded of it. */
export function recordedOfDeclared(assembly: Assembly, resource: string): PlaneState {
  const plane = recordedPlane(assembly, resource);
  return plane.status === 'absent' ? NOT_APPLICABLE : plane;
}

function judgementOf(declared: Declared<unknown>): Judgement {
  if (hasAnnotation(declared, 'skip-reconcile'))
    return { status: 'skipped', by: `${declared.kind} ${declared.name}: annotation skip-reconcile` };
  if (declared.policy.mode === 'ignore')
    return { status: 'ignored', by: `${declared.policy.modeOrigin} driftPolicy.mode: ignore` };
  return { status: 'judged' };
}

function switchOf(declared: Declared<unknown>): OperatorSwitch {
  return {
    heals: declared.policy.mode === 'correct',
    allowsDestructive: hasAnnotation(declared, 'allow-destructive-drift'),
    minimumAge: 0,
    origin: `${declared.policy.modeOrigin} driftPolicy.mode: ${declared.policy.mode}`,
  };
}

export function common(
  declared: Declared<unknown>,
  type: string,
  name: string,
): Omit<ResourceObservation, 'planes' | 'facts'> {
  return {
    resource: declared.resource,
    type,
    name,
    kind: declared.kind,
    labels: declared.labels,
    judgement: judgementOf(declared),
    operatorSwitch: switchOf(declared),
    declaredAt: declared.declaredAt,
    ...(declared.namespace === undefined ? {} : { namespace: declared.namespace }),
  };
}

/** Another oid under the name: what it was is gone, and nothing else of it is judged before the record is refreshed. */
export function recreated(
  assembly: Assembly,
  resource: string,
  oid: string,
): Pick<ResourceObservation, 'planes'> | undefined {
  const before = snapshotOf(assembly, resource)?.value['$identity'];
  if (before === undefined || before === oid) return undefined;
  const others: readonly PlaneGap[] = [
    'name',
    'attributes',
    'connectionLimit',
    'validUntil',
    'settings',
    'memberOf',
    'extraMemberOf',
    'grants',
    'extraGrants',
    'privileges',
    'defaults',
    'extraDefaults',
    'owner',
    'allowConnections',
    'isTemplate',
    'tablespace',
    'locale',
    'template',
    'extensions',
    'schemas',
    'owners',
    'definers',
    'rowSecurity',
    'triggers',
    'languages',
    'servers',
  ].map((root) => ({ path: `/${root}`, status: 'not-applicable' }));
  return {
    planes: {
      desired: present({}),
      recorded: present({ $identity: before }),
      actual: present({ $identity: oid }, others),
    },
  };
}

export function reachFacts(assembly: Assembly, role: Role | undefined): JsonObject {
  if (role === undefined) return {};
  const { reach } = assembly;
  const superuser = reach.superuserBy(role.name);
  const logins = reach.loginsOf(role.name);
  const through = assembly.source.index
    .membershipsOf(role.name)
    .filter((each) => reach.superuserBy(each.role) !== undefined)
    .map((each) => each.role);
  return {
    nativeId: role.oid,
    login: role.attributes.login,
    logins: logins.length,
    firstLogins: logins.slice(0, 5),
    ...(superuser === undefined ? {} : { superuserBy: superuser }),
    superuserThrough: [...new Set(through)].sort(),
  };
}

/** A gap for every declared privilege in a database that could not be read, or that the unit excludes. */
export function databaseGaps(assembly: Assembly, tree: JsonObject): readonly PlaneGap[] {
  const gaps: PlaneGap[] = [];
  for (const root of ['grants', 'extraGrants', 'defaults', 'extraDefaults', 'privileges']) {
    const items = tree[root];
    for (const item of (Array.isArray(items) ? items : []) as readonly JsonObject[]) {
      const path = itemPath(root, item);
      const database = item['database'] === undefined ? undefined : jsonText(item['database']);
      const failure = assembly.look.failed.get(database ?? '');
      if (database !== undefined && !includesDatabase(assembly.block, database))
        gaps.push({ path, status: 'not-applicable' });
      else if (failure !== undefined && item['kind'] !== 'database')
        gaps.push({ path, status: 'unknown', reason: failure.reason, detail: failure.detail });
    }
  }
  return gaps;
}

const INSIDE = [
  'extensions',
  'schemas',
  'defaults',
  'extraDefaults',
  'owners',
  'definers',
  'rowSecurity',
  'triggers',
  'languages',
  'servers',
];

/** A gap for everything inside a database that was not read: unknown when it should have been. */
export function insideGaps(assembly: Assembly, name: string): readonly PlaneGap[] {
  const failure = assembly.look.failed.get(name);
  if (failure !== undefined)
    return INSIDE.map((root) => ({
      path: `/${root}`,
      status: 'unknown',
      reason: failure.reason,
      detail: failure.detail,
    }));
  return assembly.source.databases.has(name)
    ? []
    : INSIDE.map((root) => ({ path: `/${root}`, status: 'not-applicable' }));
}

/**
 * A gap for everything that was recorded of an unread database in lists of things of every database: whether it is still there is
 * not known. What of the others was read is compared as ever, and nothing closes by such a look.
 */
export function undeclaredGaps(
  assembly: Assembly,
  recorded: PlaneState,
  roots: readonly string[],
): readonly PlaneGap[] {
  const { failed } = assembly.look;
  if (failed.size === 0 || recorded.status !== 'present') return [];
  return roots.flatMap((root) => {
    const items = recorded.value[root];
    if (!Array.isArray(items)) return [];
    return (items as readonly JsonObject[]).flatMap((item): PlaneGap[] => {
      const fault = failed.get(jsonText(item['database']));
      const isInside = item['kind'] !== 'database';
      return fault === undefined || !isInside
        ? []
        : [{ path: itemPath(root, item), status: 'unknown', reason: fault.reason, detail: fault.detail }];
    });
  });
}

function itemPath(root: string, item: JsonObject): string {
  return `/${root}/[on=${jsonText(item['on']).replaceAll('~', '~0').replaceAll('/', '~1')}]`;
}

export function roleOf(assembly: Assembly, resource: string, name: string): Role | undefined {
  const { roles } = assembly.source.cluster;
  const byName = roles.get(name);
  if (byName !== undefined) return byName;
  const oid = snapshotOf(assembly, resource)?.value['$identity'];
  return [...roles.values()].find(
    (role) => role.oid === oid && !assembly.taken.has(role.name) && !isDeclared(assembly, role.name),
  );
}

/** Whether some document speaks of a role, be it a refused one. */
export function isDeclared(assembly: Assembly, name: string): boolean {
  return assembly.spokenOf.has(`user/${name}`) || assembly.spokenOf.has(roleResource(name));
}

/** Every resource that a document speaks of, be it a refused one. */
export function spokenResources({ users, roles, databases, refused }: Declarations): ReadonlySet<string> {
  return new Set([...users, ...roles, ...databases, ...refused].map((each) => each.resource));
}
