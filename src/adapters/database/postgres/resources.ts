import type { JsonObject, JsonValue } from '../../../core/model/json.ts';
import type { Judgement, OperatorSwitch, ResourceObservation } from '../../../core/model/observation.ts';
import type { PlaneGap, PlaneState } from '../../../core/model/plane-state.ts';
import type { Snapshot } from '../../../core/model/snapshot.ts';
import type { ObserveRequest } from '../../../ports/observer.ts';
import { hasAnnotation, type Declared, type Declarations } from '../documents/declarations.ts';
import { globMatches } from '../glob.ts';
import type { DatabaseBlock } from '../unit-block.ts';
import { reachOf, type Reach } from './closure.ts';
import type { ServerLook } from './look.ts';
import { indexPrivileges } from './privilege-index.ts';
import type { Role } from './server-catalog.ts';
import {
  actualDatabase,
  actualGrantTree,
  actualPrincipal,
  actualPublic,
  databaseName,
  desiredDatabase,
  desiredGrant,
  desiredPrincipal,
  instanceTrees,
  type TreeSource,
} from './trees.ts';
import { PUBLIC } from './state.ts';

/** Bumped when a rule of meaning reads the same catalogs as another tree. */
export const NORMALIZER_VERSION = 1;

type Snapshots = ObserveRequest['snapshots'];

interface Assembly {
  readonly source: TreeSource;
  readonly look: ServerLook;
  readonly reach: Reach;
  readonly snapshots: Snapshots;
  readonly instanceName: string;
  /** Role names that some resource already stands for. */
  readonly taken: Set<string>;
}

const ABSENT: PlaneState = { status: 'absent' };
const NOT_APPLICABLE: PlaneState = { status: 'not-applicable' };

function present(value: JsonObject, gaps: readonly PlaneGap[] = []): PlaneState {
  return gaps.length === 0 ? { status: 'present', value } : { status: 'present', value, gaps };
}

function snapshotOf(assembly: Assembly, resource: string): Snapshot | undefined {
  return assembly.snapshots.status === 'read' ? assembly.snapshots.byResource.get(resource) : undefined;
}

/** The recorded plane: the snapshot, or, where a set of snapshots exists without it, that it was not there. */
function recordedPlane(assembly: Assembly, resource: string): PlaneState {
  if (assembly.snapshots.status === 'unreadable')
    return {
      status: 'unknown',
      reason: 'INTERNAL',
      detail: `the snapshots cannot be read: ${assembly.snapshots.detail}`,
    };
  const snapshot = assembly.snapshots.byResource.get(resource);
  if (snapshot !== undefined)
    return snapshot.normalizerVersion === NORMALIZER_VERSION ? present(snapshot.value, snapshot.gaps) : NOT_APPLICABLE;
  return assembly.snapshots.byResource.size === 0 ? NOT_APPLICABLE : ABSENT;
}

/** A declared resource that the last look did not know yet is new as a declaration, not as a fact: nothing is recorded of it. */
function recordedOfDeclared(assembly: Assembly, resource: string): PlaneState {
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

function common(
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
function recreated(assembly: Assembly, resource: string, oid: string): Pick<ResourceObservation, 'planes'> | undefined {
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

function reachFacts(assembly: Assembly, role: Role | undefined): JsonObject {
  if (role === undefined) return {};
  const { reach } = assembly;
  const superuser = reach.superuserBy(role.name);
  const logins = reach.loginsOf(role.name);
  const through = assembly.source.cluster.memberships
    .filter((each) => each.member === role.name && reach.superuserBy(each.role) !== undefined)
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

/** A gap for every declared privilege in a database that could not be read. */
function databaseGaps(assembly: Assembly, tree: JsonObject): readonly PlaneGap[] {
  const gaps: PlaneGap[] = [];
  for (const root of ['grants', 'extraGrants', 'defaults', 'extraDefaults', 'privileges']) {
    const items = tree[root];
    if (!Array.isArray(items) && assembly.look.failed.size === 0) continue;
    for (const item of (Array.isArray(items) ? items : []) as readonly JsonObject[]) {
      const failure = assembly.look.failed.get(String(item['database']));
      if (failure !== undefined && item['kind'] !== 'database')
        gaps.push({
          path: `/${root}/[on=${String(item['on']).replaceAll('~', '~0').replaceAll('/', '~1')}]`,
          status: 'unknown',
          reason: failure.reason,
          detail: failure.detail,
        });
    }
  }
  return gaps;
}

/** Roots that list things of every database: incomplete while any database is unread. */
function undeclaredGaps(assembly: Assembly, roots: readonly string[]): readonly PlaneGap[] {
  const [first] = assembly.look.failed.values();
  return first === undefined
    ? []
    : roots.map((root) => ({
        path: `/${root}`,
        status: 'unknown',
        reason: first.reason,
        detail: `not every database was read: ${first.detail}`,
      }));
}

function roleOf(assembly: Assembly, resource: string, name: string): Role | undefined {
  const { roles } = assembly.source.cluster;
  const byName = roles.get(name);
  if (byName !== undefined) return byName;
  const oid = snapshotOf(assembly, resource)?.value['$identity'];
  return [...roles.values()].find(
    (role) => role.oid === oid && !assembly.taken.has(role.name) && !isDeclared(assembly, role.name),
  );
}

function isDeclared(assembly: Assembly, name: string): boolean {
  const { users, roles } = assembly.source.declarations;
  return users.some((each) => each.spec.username === name) || roles.some((each) => each.spec.roleName === name);
}

function principal(
  assembly: Assembly,
  declared: Declarations['users'][number] | Declarations['roles'][number],
): ResourceObservation {
  const isUser = 'username' in declared.spec;
  const name = 'username' in declared.spec ? declared.spec.username : declared.spec.roleName;
  const head = common(declared, isUser ? 'user' : 'role', name);
  const role = roleOf(assembly, declared.resource, name);
  const desiredTree = desiredPrincipal(declared, assembly.source);
  if (role === undefined)
    return {
      ...head,
      planes: {
        desired: present(desiredTree),
        recorded: recordedOfDeclared(assembly, declared.resource),
        actual: ABSENT,
      },
      facts: {},
    };
  assembly.taken.add(role.name);
  const facts = reachFacts(assembly, role);
  const other = recreated(assembly, declared.resource, role.oid);
  if (other !== undefined) return { ...head, ...other, facts };
  const actualTree = actualPrincipal(declared.resource, role, assembly.source, declared);
  const gaps = [
    ...databaseGaps(assembly, desiredTree),
    ...undeclaredGaps(assembly, ['privileges', 'extraGrants', 'defaults']),
  ];
  return {
    ...head,
    planes: {
      desired: present(desiredTree),
      recorded: recordedOfDeclared(assembly, declared.resource),
      actual: present(actualTree, gaps),
    },
    facts,
  };
}

function grant(assembly: Assembly, declared: Declarations['grants'][number]): ResourceObservation {
  const head = common(declared, 'grant', declared.name);
  const role = assembly.source.cluster.roles.get(declared.grantee);
  const facts = { ...reachFacts(assembly, role), grantee: declared.grantee };
  const desiredTree = desiredGrant(declared, assembly.source);
  const gaps = [...databaseGaps(assembly, desiredTree), ...undeclaredGaps(assembly, ['extraGrants', 'extraDefaults'])];
  const actual =
    role === undefined
      ? present({ roles: [], extraRoles: [], grants: [], extraGrants: [], defaults: [], extraDefaults: [] }, gaps)
      : present(actualGrantTree(declared, assembly.source), gaps);
  return {
    ...head,
    planes: { desired: present(desiredTree), recorded: recordedOfDeclared(assembly, declared.resource), actual },
    facts,
  };
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

function insideGaps(assembly: Assembly, name: string): readonly PlaneGap[] {
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

/** The template is not stored by the server: what was declared is compared with what was recorded. */
function withTemplate(tree: JsonObject, desired: JsonObject, recorded: PlaneState): JsonObject {
  if (desired['template'] === undefined) return tree;
  const before = recorded.status === 'present' ? recorded.value['template'] : undefined;
  return { ...tree, template: (before ?? desired['template']) as JsonValue };
}

function holdsFacts(assembly: Assembly, name: string): JsonObject {
  const catalog = assembly.source.databases.get(name);
  return {
    schemasWithTables: (catalog?.schemas ?? []).filter((each) => each.holdsTables).map((each) => each.name),
    availableVersions: Object.fromEntries(catalog?.availableVersions ?? []),
    ...(snapshotOf(assembly, `database/${name}`) === undefined ? {} : { known: true }),
  };
}

function database(assembly: Assembly, declared: Declarations['databases'][number]): ResourceObservation {
  const name = databaseName(declared);
  const head = common(declared, 'database', name);
  const listed = assembly.source.cluster.databases.find((each) => each.name === name);
  const desiredTree = desiredDatabase(declared, assembly.source);
  const recorded = recordedOfDeclared(assembly, declared.resource);
  if (listed === undefined)
    return { ...head, planes: { desired: present(desiredTree), recorded, actual: ABSENT }, facts: {} };
  const facts = { nativeId: listed.oid, ...holdsFacts(assembly, name) };
  const other = recreated(assembly, declared.resource, listed.oid);
  if (other !== undefined) return { ...head, ...other, facts };
  const actualTree = withTemplate(actualDatabase(name, assembly.source, declared) ?? {}, desiredTree, recorded);
  return {
    ...head,
    planes: { desired: present(desiredTree), recorded, actual: present(actualTree, insideGaps(assembly, name)) },
    facts,
  };
}

function undeclared(
  assembly: Assembly,
  parts: {
    readonly resource: string;
    readonly type: string;
    readonly name: string;
    readonly actual: PlaneState;
    readonly facts: JsonObject;
  },
): ResourceObservation {
  const { resource, type, name, actual, facts } = parts;
  return {
    resource,
    type,
    name,
    kind: type,
    judgement: { status: 'judged' },
    planes: { desired: NOT_APPLICABLE, recorded: recordedPlane(assembly, resource), actual },
    facts,
  };
}

function undeclaredDatabases(assembly: Assembly): readonly ResourceObservation[] {
  const declared = new Set(assembly.source.declarations.databases.map(databaseName));
  return [...assembly.source.databases.keys()]
    .filter((name) => !declared.has(name))
    .sort()
    .flatMap((name): readonly ResourceObservation[] => {
      const tree = actualDatabase(name, assembly.source, undefined);
      return tree === undefined
        ? []
        : [
            undeclared(assembly, {
              resource: `database/${name}`,
              type: 'database',
              name,
              actual: present(tree),
              facts: { nativeId: String(tree['$identity']) },
            }),
          ];
    });
}

function hasPower(tree: JsonObject): boolean {
  const attributes = tree['attributes'] as JsonObject;
  const lists = ['extraMemberOf', 'privileges', 'defaults'].some(
    (root) => (tree[root] as readonly unknown[]).length > 0,
  );
  const powers = Object.entries(attributes).some(([name, value]) => value === true && name !== 'inherit');
  return lists || powers || Object.keys(tree['settings'] as JsonObject).length > 0;
}

function undeclaredRoles(assembly: Assembly, block: DatabaseBlock): readonly ResourceObservation[] {
  const resources: ResourceObservation[] = [];
  for (const role of [...assembly.source.cluster.roles.values()].sort((left, right) =>
    left.name < right.name ? -1 : 1,
  )) {
    if (
      assembly.taken.has(role.name) ||
      isDeclared(assembly, role.name) ||
      block.roles.exclude.some((glob) => globMatches(glob, role.name))
    )
      continue;
    const resource = `role/${role.name}`;
    const tree = actualPrincipal(resource, role, assembly.source, undefined);
    if (!hasPower(tree) && snapshotOf(assembly, resource) === undefined) continue;
    const other = recreated(assembly, resource, role.oid);
    const made = undeclared(assembly, {
      resource,
      type: 'role',
      name: role.name,
      actual: present(tree, undeclaredGaps(assembly, ['privileges', 'defaults'])),
      facts: reachFacts(assembly, role),
    });
    resources.push(other === undefined ? made : { ...made, planes: { ...other.planes, desired: NOT_APPLICABLE } });
  }
  resources.push(
    undeclared(assembly, {
      resource: `role/${PUBLIC}`,
      type: 'role',
      name: PUBLIC,
      actual: present(actualPublic(assembly.source), undeclaredGaps(assembly, ['privileges', 'defaults'])),
      facts: { logins: assembly.source.cluster.roles.size },
    }),
  );
  return resources;
}

/** Undeclared resources that were recorded and are not there any more. */
function goneResources(assembly: Assembly, seen: ReadonlySet<string>): readonly ResourceObservation[] {
  if (assembly.snapshots.status !== 'read') return [];
  return [...assembly.snapshots.byResource.values()]
    .filter(
      (snapshot) =>
        !seen.has(snapshot.resource) &&
        ['role', 'user', 'database'].includes(snapshot.type) &&
        !isStillThere(assembly, snapshot),
    )
    .map((snapshot) =>
      undeclared(assembly, {
        resource: snapshot.resource,
        type: snapshot.type,
        name: snapshot.resource.slice(snapshot.resource.indexOf('/') + 1),
        actual: ABSENT,
        facts: {},
      }),
    );
}

function isStillThere(assembly: Assembly, snapshot: Snapshot): boolean {
  const oid = snapshot.value['$identity'];
  const { roles, databases } = assembly.source.cluster;
  return snapshot.type === 'database'
    ? databases.some((each) => each.oid === oid)
    : [...roles.values()].some((role) => role.oid === oid);
}

function instance(assembly: Assembly, block: DatabaseBlock): ResourceObservation {
  const declared = assembly.source.declarations.instance;
  const { desired, actual } = instanceTrees(assembly.source, block.settings);
  const resource = `instance/${assembly.instanceName}`;
  const identity = assembly.look.probe.systemIdentifier;
  const planes = {
    desired: present(desired),
    recorded: recordedOfDeclared(assembly, resource),
    actual: present({ $identity: identity, ...actual }),
  };
  const other = recreated(assembly, resource, identity);
  const head =
    declared === undefined
      ? {
          resource,
          type: 'instance',
          name: assembly.instanceName,
          kind: 'DatabaseInstance',
          judgement: { status: 'judged' } as const,
        }
      : { ...common(declared, 'instance', assembly.instanceName), judgement: { status: 'judged' } as const };
  return { ...head, ...(other ?? { planes }), facts: { nativeId: identity } };
}

/** Documents that were refused: their resource is unknown, and nothing there closes. */
function refusedResources(assembly: Assembly): readonly ResourceObservation[] {
  const seen = new Set<string>();
  return assembly.source.declarations.refused.flatMap((refusal): readonly ResourceObservation[] => {
    if (seen.has(refusal.resource)) return [];
    seen.add(refusal.resource);
    const state: PlaneState = { status: 'unknown', reason: 'CONFIG_INVALID', detail: refusal.message };
    const type = refusal.resource.slice(0, refusal.resource.indexOf('/'));
    return [
      {
        resource: refusal.resource,
        type,
        name: refusal.resource.slice(type.length + 1),
        kind: refusal.kind,
        judgement: { status: 'judged' },
        declaredAt: refusal.location,
        facts: {},
        planes: { desired: state, recorded: recordedOfDeclared(assembly, refusal.resource), actual: NOT_APPLICABLE },
      },
    ];
  });
}

/** Every resource of a server with its three planes, from one look. */
export function assembleResources(input: {
  readonly declarations: Declarations;
  readonly look: ServerLook;
  readonly snapshots: Snapshots;
  readonly block: DatabaseBlock;
  readonly instanceName: string;
}): readonly ResourceObservation[] {
  const { declarations, look } = input;
  const index = indexPrivileges(look.cluster, look.databases.values());
  const source: TreeSource = {
    declarations,
    cluster: look.cluster,
    databases: look.databases,
    index,
    version: look.probe.version,
  };
  const assembly: Assembly = {
    source,
    look,
    reach: reachOf(look.cluster),
    snapshots: input.snapshots,
    instanceName: input.instanceName,
    taken: new Set(),
  };
  const declared = [
    instance(assembly, input.block),
    ...declarations.databases.map((each) => database(assembly, each)),
    ...declarations.users.map((each) => principal(assembly, each)),
    ...declarations.roles.map((each) => principal(assembly, each)),
    ...declarations.grants.map((each) => grant(assembly, each)),
    ...refusedResources(assembly),
  ];
  const others = [...undeclaredDatabases(assembly), ...undeclaredRoles(assembly, input.block)];
  const seen = new Set([...declared, ...others].map((each) => each.resource));
  return [...declared, ...others, ...goneResources(assembly, seen)];
}
