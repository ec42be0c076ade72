import { isJsonArray, isJsonObject, jsonText, type JsonObject } from '../../../core/model/json.ts';
import type { ResourceObservation } from '../../../core/model/observation.ts';
import type { PlaneState } from '../../../core/model/plane-state.ts';
import type { Snapshot } from '../../../core/model/snapshot.ts';
import { includesDatabase, includesRole, type DatabaseBlock } from '../unit-block.ts';
import { actualPrincipal, actualPublic } from './principal-trees.ts';
import { actualDatabase } from './database-trees.ts';
import { PUBLIC } from './state.ts';
import { EVERYBODY_RESOURCE, roleResource } from '../documents/resource-name.ts';
import {
  type Assembly,
  ABSENT,
  NOT_APPLICABLE,
  present,
  snapshotOf,
  recordedPlane,
  recreated,
  reachFacts,
  insideGaps,
  undeclaredGaps,
  isDeclared,
} from './assembly.ts';
import { withoutMemory } from './unsettled-databases.ts';

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
    planes: {
      desired: NOT_APPLICABLE,
      recorded:
        actual.status === 'present' && isJsonObject(actual.value)
          ? withoutMemory(recordedPlane(assembly, resource), actual.value, assembly.unsettled)
          : recordedPlane(assembly, resource),
      actual,
    },
    facts,
  };
}

export function undeclaredDatabases(assembly: Assembly): readonly ResourceObservation[] {
  const { databases, cluster } = assembly.source;
  return cluster.databases
    .map(({ name }) => name)
    .filter(
      (name) => !assembly.spokenOf.has(`database/${name}`) && (databases.has(name) || assembly.look.failed.has(name)),
    )
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
              actual: present(tree, insideGaps(assembly, name)),
              facts: { nativeId: jsonText(tree['$identity']) },
            }),
          ];
    });
}

function hasPower(tree: JsonObject): boolean {
  const { attributes, settings } = tree;
  const lists = ['memberOf', 'extraMemberOf', 'grants', 'extraGrants', 'privileges', 'defaults'].some(
    (root) => isJsonArray(tree[root]) && tree[root].length > 0,
  );
  const powers =
    isJsonObject(attributes) &&
    Object.entries(attributes).some(([name, value]) => value === true && name !== 'inherit');
  return lists || powers || (isJsonObject(settings) && Object.keys(settings).length > 0);
}

/** Roles that were recorded under a name nobody bears any more, and are there under another: the resource of the recorded name, by oid. */
function renamedRoles({ snapshots, source }: Assembly): ReadonlyMap<string, string> {
  if (snapshots.status !== 'read') return new Map();
  const recorded = [...snapshots.byResource.values()].filter(({ type }) => type === 'role');
  const borne = new Set([...source.cluster.roles.keys()].map(roleResource));
  return new Map(
    recorded
      .filter(({ resource }) => !borne.has(resource))
      .map(({ resource, value }) => [jsonText(value['$identity']), resource]),
  );
}

/** The first look remembers every role, so that what one gains later is told from a role that is new. */
export function undeclaredRoles(assembly: Assembly, block: DatabaseBlock): readonly ResourceObservation[] {
  const resources: ResourceObservation[] = [];
  const renamed = renamedRoles(assembly);
  const isBaseline = assembly.snapshots.status === 'read' && assembly.snapshots.byResource.size === 0;
  for (const role of [...assembly.source.cluster.roles.values()].sort((left, right) =>
    left.name < right.name ? -1 : 1,
  )) {
    if (assembly.taken.has(role.name) || isDeclared(assembly, role.name) || !includesRole(block, role.name)) continue;
    const resource = renamed.get(role.oid) ?? roleResource(role.name);
    const tree = actualPrincipal(resource, role, assembly.source, undefined);
    if (!isBaseline && !hasPower(tree) && snapshotOf(assembly, resource) === undefined) continue;
    const other = recreated(assembly, resource, role.oid);
    const made = undeclared(assembly, {
      resource,
      type: 'role',
      name: role.name,
      actual: present(tree, undeclaredGaps(assembly, recordedPlane(assembly, resource), ['privileges', 'defaults'])),
      facts: reachFacts(assembly, role),
    });
    resources.push(other === undefined ? made : { ...made, planes: { ...other.planes, desired: NOT_APPLICABLE } });
  }
  resources.push(
    undeclared(assembly, {
      resource: EVERYBODY_RESOURCE,
      type: 'role',
      name: 'PUBLIC',
      actual: present(
        actualPublic(assembly.source),
        undeclaredGaps(assembly, recordedPlane(assembly, EVERYBODY_RESOURCE), ['privileges', 'defaults']),
      ),
      facts: { grantee: PUBLIC, logins: assembly.source.cluster.roles.size },
    }),
  );
  return resources;
}

/** Undeclared resources that were recorded and are not there any more. */
export function goneResources(assembly: Assembly, seen: ReadonlySet<string>): readonly ResourceObservation[] {
  if (assembly.snapshots.status !== 'read') return [];
  return [...assembly.snapshots.byResource.values()]
    .filter(
      (snapshot) =>
        !seen.has(snapshot.resource) &&
        ['role', 'user', 'database'].includes(snapshot.type) &&
        (snapshot.type === 'database' || hasPower(snapshot.value)) &&
        isIncluded(assembly, snapshot) &&
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

function isIncluded({ block }: Assembly, { resource, type }: Snapshot): boolean {
  const name = resource.slice(resource.indexOf('/') + 1);
  return type === 'database' ? includesDatabase(block, name) : type === 'user' || includesRole(block, name);
}

function isStillThere(assembly: Assembly, snapshot: Snapshot): boolean {
  const oid = snapshot.value['$identity'];
  const { roles, databases } = assembly.source.cluster;
  return snapshot.type === 'database'
    ? databases.some((each) => each.oid === oid)
    : [...roles.values()].some((role) => role.oid === oid);
}
