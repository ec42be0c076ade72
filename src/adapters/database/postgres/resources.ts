import { type JsonObject } from '../../../core/model/json.ts';
import type { ResourceObservation } from '../../../core/model/observation.ts';
import type { PlaneState } from '../../../core/model/plane-state.ts';
import { type Declarations } from '../documents/declarations.ts';
import { includesDatabase, type DatabaseBlock } from '../unit-block.ts';
import { reachOf } from './closure.ts';
import type { ServerLook } from './look.ts';
import { laterTables } from './later-tables.ts';
import { inRecordedForm, withPresentOwners } from './recorded-form.ts';
import { indexPrivileges } from './privilege-index.ts';
import { actualGrantTree, desiredGrant } from './grant-trees.ts';
import { instanceTrees } from './instance-trees.ts';
import { actualPrincipal, desiredPrincipal } from './principal-trees.ts';
import type { TreeSource } from './tree-source.ts';
import { actualDatabase, databaseName, desiredDatabase } from './database-trees.ts';
import {
  type Snapshots,
  type Assembly,
  ABSENT,
  NOT_APPLICABLE,
  present,
  snapshotOf,
  recordedOfDeclared,
  common,
  recreated,
  reachFacts,
  databaseGaps,
  spokenResources,
  insideGaps,
  undeclaredGaps,
  roleOf,
} from './assembly.ts';
import { unsettledDatabases, withoutMemory } from './unsettled-databases.ts';
import { undeclaredDatabases, undeclaredRoles, goneResources } from './undeclared-resources.ts';

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
  const facts = { ...reachFacts(assembly, role), laterTables: laterTables(assembly, desiredTree, name) };
  const other = recreated(assembly, declared.resource, role.oid);
  if (other !== undefined) return { ...head, ...other, facts };
  const actualTree = actualPrincipal(declared.resource, role, assembly.source, declared);
  const recorded = recordedOfDeclared(assembly, declared.resource);
  const gaps = [
    ...databaseGaps(assembly, desiredTree),
    ...undeclaredGaps(assembly, recorded, ['privileges', 'extraGrants', 'defaults']),
  ];
  return {
    ...head,
    planes: {
      desired: present(desiredTree),
      recorded: withoutMemory(recorded, actualTree, assembly.unsettled),
      actual: present(actualTree, gaps),
    },
    facts,
  };
}

function grant(assembly: Assembly, declared: Declarations['grants'][number]): ResourceObservation {
  const head = common(declared, 'grant', declared.name);
  const role = assembly.source.cluster.roles.get(declared.grantee);
  const desiredTree = desiredGrant(declared, assembly.source);
  const facts = {
    ...reachFacts(assembly, role),
    grantee: declared.grantee,
    laterTables: laterTables(assembly, desiredTree, declared.grantee),
  };
  const recorded = recordedOfDeclared(assembly, declared.resource);
  const gaps = [
    ...databaseGaps(assembly, desiredTree),
    ...undeclaredGaps(assembly, recorded, ['extraGrants', 'extraDefaults']),
  ];
  const actual =
    role === undefined
      ? present({ roles: [], extraRoles: [], grants: [], extraGrants: [], defaults: [], extraDefaults: [] }, gaps)
      : present(actualGrantTree(declared, assembly.source), gaps);
  return {
    ...head,
    planes: { desired: present(desiredTree), recorded, actual },
    facts,
  };
}

/** The template is not stored by the server: what was declared is compared with what was recorded. */
function withTemplate(tree: JsonObject, desired: JsonObject, recorded: PlaneState): JsonObject {
  if (desired['template'] === undefined) return tree;
  const before = recorded.status === 'present' ? recorded.value['template'] : undefined;
  return { ...tree, template: before ?? desired['template'] };
}

function holdsFacts(assembly: Assembly, name: string): JsonObject {
  const catalog = assembly.source.databases.get(name);
  return {
    schemasWithTables: (catalog?.schemas ?? []).filter((each) => each.holdsTables).map((each) => each.name),
    availableVersions: Object.fromEntries(catalog?.availableVersions ?? []),
    ...(snapshotOf(assembly, `database/${name}`) === undefined ? {} : { known: true }),
  };
}

export function database(assembly: Assembly, declared: Declarations['databases'][number]): ResourceObservation {
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

function excludedDatabases(look: ServerLook, block: DatabaseBlock): readonly string[] {
  return look.cluster.databases.map(({ name }) => name).filter((name) => !includesDatabase(block, name));
}

const OF_ANOTHER_SERVER = {
  status: 'skipped',
  by: 'another server answers here than the one that was recorded',
} as const;

/** Every resource of a server with its three planes, from one look. Of another server than the recorded one only that is said. */
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
    snapshots: withPresentOwners(input.snapshots, index),
    rawSnapshots: input.snapshots,
    unsettled: new Set([...unsettledDatabases(input.snapshots, look.cluster), ...excludedDatabases(look, input.block)]),
    block: input.block,
    spokenOf: spokenResources(declarations),
    instanceName: input.instanceName,
    taken: new Set(),
  };
  const declared: readonly [ResourceObservation, ...ResourceObservation[]] = [
    instance(assembly, input.block),
    ...declarations.databases
      .filter((each) => includesDatabase(input.block, databaseName(each)))
      .map((each) => database(assembly, each)),
    ...declarations.users.map((each) => principal(assembly, each)),
    ...declarations.roles.map((each) => principal(assembly, each)),
    ...declarations.grants.map((each) => grant(assembly, each)),
    ...refusedResources(assembly),
  ];
  const server = declared[0];
  if (recreated(assembly, server.resource, look.probe.systemIdentifier) !== undefined)
    return declared.map((each) => (each === server ? each : { ...each, judgement: OF_ANOTHER_SERVER }));
  const others = [...undeclaredDatabases(assembly), ...undeclaredRoles(assembly, input.block)];
  const seen = new Set([...declared, ...others].map((each) => each.resource));
  return [...declared, ...others, ...goneResources(assembly, seen)].map((each) =>
    inRecordedForm(each, index, look.databases),
  );
}
