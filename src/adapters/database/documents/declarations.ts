import type { z } from 'zod';
import type { SourceLocation } from '../../../core/model/diagnostic.ts';
import { jsonText, isJsonObject } from '../../../core/model/json.ts';
import { nearest } from '../../../core/model/nearest.ts';
import type { Unit } from '../../../core/model/unit.ts';
import { schemaFaults, type PointedFault } from '../../../core/policy/documents/schema-faults.ts';
import type { SourceDocument } from '../../../ports/document-source.ts';
import { roleResource } from './resource-name.ts';
import { resolveDriftPolicy, type ResolvedDriftPolicy } from './drift-policy.ts';
import {
  DatabaseGrantSpec,
  DatabaseInstanceSpec,
  DatabaseRoleSpec,
  DatabaseSpec,
  DatabaseUserSpec,
  DBOPS_GROUP,
  DBOPS_KINDS,
  type DbopsKind,
} from './schema.ts';

/** What every declared resource has beside its spec. */
export interface Declared<Spec> {
  readonly kind: DbopsKind;
  /** `user/app`: the finding's `resourceRef`. */
  readonly resource: string;
  /** Name of the document. */
  readonly name: string;
  readonly namespace: string | undefined;
  readonly spec: Spec;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly policy: ResolvedDriftPolicy;
  readonly declaredAt: SourceLocation;
}

/** A document that cannot be judged, and why: its resource alone is unknown. */
export interface RefusedDeclaration {
  readonly resource: string;
  readonly kind: DbopsKind;
  readonly message: string;
  readonly location: SourceLocation;
}

/** Everything one server's documents declare. */
export interface Declarations {
  readonly instance: Declared<z.infer<typeof DatabaseInstanceSpec>> | undefined;
  readonly databases: readonly Declared<z.infer<typeof DatabaseSpec>>[];
  readonly users: readonly Declared<z.infer<typeof DatabaseUserSpec>>[];
  readonly roles: readonly Declared<z.infer<typeof DatabaseRoleSpec>>[];
  readonly grants: readonly (Declared<z.infer<typeof DatabaseGrantSpec>> & { readonly grantee: string })[];
  readonly refused: readonly RefusedDeclaration[];
  /** Documents of kinds that are accepted and not compared. */
  readonly notCompared: readonly SourceDocument[];
}

type InstanceDeclaration = NonNullable<Declarations['instance']>;

function textMap(value: unknown): Readonly<Record<string, string>> {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, jsonText(text)]));
}

function isDbops(document: SourceDocument): boolean {
  return document.apiVersion === DBOPS_GROUP && Object.hasOwn(DBOPS_KINDS, document.kind);
}

/** Documents of the unit's own folder; without a `source.path`, all. */
function ofUnit(unit: Unit, documents: readonly SourceDocument[]): readonly SourceDocument[] {
  const { path } = unit.source;
  if (typeof path !== 'string' || path === '' || path === '.') return documents.filter(isDbops);
  const prefix = path.replace(/\/$/, '');
  return documents.filter(
    (document) => isDbops(document) && (document.file === prefix || document.file.startsWith(`${prefix}/`)),
  );
}

function pickInstance(unit: Unit, documents: readonly SourceDocument[]): SourceDocument | undefined {
  const instances = documents.filter(
    (document) => document.kind === 'DatabaseInstance' || document.kind === 'ClusterDatabaseInstance',
  );
  return (
    instances.find((document) => document.name === unit.name) ?? (instances.length === 1 ? instances[0] : undefined)
  );
}

/** What a document's spec says, or every fault of it. */
function parseSpec<T>(
  document: SourceDocument,
  schema: z.ZodType<T>,
): { readonly spec: T } | { readonly faults: readonly PointedFault[] } {
  const given = document.value['spec'] ?? {};
  const parsed = schema.safeParse(given);
  if (parsed.success) return { spec: parsed.data };
  const naming = {
    kind: `${document.kind} ${document.name}`,
    schema,
    prefix: '/spec',
    unknownKeys: 'warning',
  } as const;
  const fatal = schemaFaults(parsed.error, given, naming).filter((each) => each.level === 'error');
  if (fatal.length > 0) return { faults: fatal };
  const pruned = prune(given, parsed.error.issues as readonly z.core.$ZodIssueUnrecognizedKeys[]);
  return { spec: schema.parse(pruned) };
}

/** Unknown keys of a foreign kind warn and are left out; they never refuse the document. */
function prune(given: unknown, issues: readonly z.core.$ZodIssueUnrecognizedKeys[]): unknown {
  const copy = structuredClone(given);
  for (const issue of issues) {
    let node: unknown = copy;
    for (const step of issue.path) node = (node as Record<PropertyKey, unknown> | undefined)?.[step];
    for (const key of issue.keys) if (typeof node === 'object' && node !== null) Reflect.deleteProperty(node, key);
  }
  return copy;
}

class Collector {
  readonly refused: RefusedDeclaration[] = [];
  private readonly instance: InstanceDeclaration | undefined;
  /** Names of the instances of every unit: who refers to none of them refers to nothing. */
  private readonly instances: ReadonlySet<string>;

  constructor(instance: InstanceDeclaration | undefined, instances: ReadonlySet<string> = new Set()) {
    this.instance = instance;
    this.instances = instances;
  }

  refuse(document: SourceDocument, resource: string, message: string, pointer = ''): undefined {
    this.refused.push({ resource, kind: document.kind as DbopsKind, message, location: document.locate(pointer) });
    return undefined;
  }

  refuseAll(document: SourceDocument, resource: string, faults: readonly PointedFault[]): void {
    for (const { message, pointer, suggestion } of faults)
      this.refuse(
        document,
        resource,
        suggestion === undefined ? message : `${message}; did you mean ${suggestion}?`,
        pointer,
      );
  }

  declare<T extends { readonly driftPolicy?: { readonly mode?: unknown; readonly interval?: unknown } | undefined }>(
    document: SourceDocument,
    resource: string,
    spec: T,
  ): Declared<T> | undefined {
    const metadata = isJsonObject(document.value['metadata']) ? document.value['metadata'] : {};
    const policy = resolveDriftPolicy([
      { origin: resource, policy: spec.driftPolicy, own: true },
      { origin: this.instance?.resource ?? 'instance', policy: this.instance?.spec.driftPolicy, own: false },
    ]);
    const [fault] = policy.faults;
    if (fault !== undefined)
      return this.refuse(document, resource, `${document.kind} ${document.name}: ${fault.message}`, fault.pointer);
    return {
      kind: document.kind as DbopsKind,
      resource,
      name: document.name,
      namespace: document.namespace,
      spec,
      labels: textMap(metadata['labels']),
      annotations: textMap(metadata['annotations']),
      policy,
      declaredAt: document.locate(''),
    };
  }

  /** Whether the document is of this instance; what refers to nothing or to two is refused. */
  belongs(
    document: SourceDocument,
    spec: {
      readonly instanceRef?: { readonly name: string } | undefined;
      readonly clusterInstanceRef?: { readonly name: string } | undefined;
    },
    resource: string,
  ): boolean {
    const { instanceRef, clusterInstanceRef } = spec;
    if (instanceRef !== undefined && clusterInstanceRef !== undefined) {
      this.refuse(
        document,
        resource,
        `${document.kind} ${document.name}: instanceRef and clusterInstanceRef exclude each other`,
        '/spec/clusterInstanceRef',
      );
      return false;
    }
    const wanted = clusterInstanceRef?.name ?? instanceRef?.name;
    if (wanted === undefined) {
      this.refuse(
        document,
        resource,
        `${document.kind} ${document.name}: neither instanceRef nor clusterInstanceRef`,
        '/spec',
      );
      return false;
    }
    if (wanted === this.instance?.name) return true;
    if (!this.instances.has(wanted)) {
      const key = clusterInstanceRef === undefined ? 'instanceRef' : 'clusterInstanceRef';
      const near = nearest(wanted, [...this.instances]);
      const meant = near === undefined ? '' : `; did you mean ${near}?`;
      this.refuse(
        document,
        resource,
        `${document.kind} ${document.name}: refers to instance ${wanted}, which no document declares${meant}`,
        `/spec/${key}/name`,
      );
    }
    return false;
  }
}

function declareInstance(document: SourceDocument | undefined): {
  readonly instance: InstanceDeclaration | undefined;
  readonly refused: readonly RefusedDeclaration[];
} {
  const collector = new Collector(undefined);
  if (document === undefined) return { instance: undefined, refused: [] };
  const resource = `instance/${document.name}`;
  const parsed = parseSpec(document, DatabaseInstanceSpec);
  if ('faults' in parsed) collector.refuseAll(document, resource, parsed.faults);
  const instance = 'spec' in parsed ? collector.declare(document, resource, parsed.spec) : undefined;
  return { instance, refused: collector.refused };
}

/** Two documents for one name of one server are both refused: nobody can say which one counts. */
function withoutDoubles<
  T extends {
    readonly resource: string;
    readonly name: string;
    readonly kind: DbopsKind;
    readonly declaredAt: SourceLocation;
  },
>(declared: readonly T[], refused: RefusedDeclaration[]): readonly T[] {
  const byResource = Map.groupBy(declared, (each) => each.resource);
  return declared.filter((each) => {
    const same = byResource.get(each.resource) ?? [];
    if (same.length === 1) return true;
    refused.push({
      resource: each.resource,
      kind: each.kind,
      message: `${each.resource} is declared by ${same.map((other) => `${other.kind} ${other.name}`).join(' and ')}`,
      location: each.declaredAt,
    });
    return false;
  });
}

/** The words of a spec that name a resource on the server. */
interface NamingSpec {
  readonly name?: string | undefined;
  readonly username?: string | undefined;
  readonly roleName?: string | undefined;
}

interface Referring extends NamingSpec {
  readonly driftPolicy?: { readonly mode?: unknown; readonly interval?: unknown } | undefined;
  readonly instanceRef?: { readonly name: string } | undefined;
  readonly clusterInstanceRef?: { readonly name: string } | undefined;
}

/** The names a refused document gives: its faults stand elsewhere, and its resource is the same. */
function givenSpec(document: SourceDocument): NamingSpec {
  const given = document.value['spec'];
  if (!isJsonObject(given)) return {};
  const text = (key: keyof NamingSpec): string | undefined => {
    const value = given[key];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return { name: text('name'), username: text('username'), roleName: text('roleName') };
}

interface Named {
  readonly users: ReadonlyMap<string, string>;
  readonly roles: ReadonlyMap<string, string>;
}

function granteeOf(
  document: SourceDocument,
  spec: z.infer<typeof DatabaseGrantSpec>,
  named: Named,
  refuse: (message: string, pointer: string) => undefined,
): string | undefined {
  if (spec.userRef !== undefined && spec.roleRef !== undefined)
    return refuse(`${document.kind} ${document.name}: userRef and roleRef exclude each other`, '/spec/roleRef');
  const reference = spec.userRef ?? spec.roleRef;
  if (reference === undefined) return refuse(`${document.kind} ${document.name}: neither userRef nor roleRef`, '/spec');
  const found = (spec.userRef === undefined ? named.roles : named.users).get(reference.name);
  return (
    found ??
    refuse(
      `${document.kind} ${document.name}: refers to ${spec.userRef === undefined ? 'role' : 'user'} ${reference.name}, which no document declares`,
      spec.userRef === undefined ? '/spec/roleRef/name' : '/spec/userRef/name',
    )
  );
}

/** Reads what a unit's documents declare of its server. A bad document makes its own resource unknown and nothing else. */
export function readDeclarations(unit: Unit, documents: readonly SourceDocument[]): Declarations {
  const own = ofUnit(unit, documents);
  const instanceDocument = pickInstance(unit, own);
  const { instance, refused: instanceRefused } = declareInstance(instanceDocument);
  const instances = documents.filter(({ kind }) => kind === 'DatabaseInstance' || kind === 'ClusterDatabaseInstance');
  const collector = new Collector(instance, new Set(instances.map(({ name }) => name)));
  const refused: RefusedDeclaration[] = [...instanceRefused];
  const of = (...kinds: readonly DbopsKind[]): readonly SourceDocument[] =>
    own.filter((document) => kinds.includes(document.kind as DbopsKind));

  function collect<T extends Referring>(
    documentsOfKind: readonly SourceDocument[],
    schema: z.ZodType<T>,
    resourceOf: (document: SourceDocument, spec: NamingSpec) => string,
  ): readonly (readonly [SourceDocument, Declared<T>])[] {
    return documentsOfKind.flatMap((document): readonly (readonly [SourceDocument, Declared<T>])[] => {
      const parsed = parseSpec(document, schema);
      if ('faults' in parsed) {
        collector.refuseAll(document, resourceOf(document, givenSpec(document)), parsed.faults);
        return [];
      }
      const resource = resourceOf(document, parsed.spec);
      const belongs = document.kind.endsWith('Grant') || collector.belongs(document, parsed.spec, resource);
      const declared = belongs ? collector.declare(document, resource, parsed.spec) : undefined;
      return declared === undefined ? [] : [[document, declared]];
    });
  }

  const databases = collect(
    of('Database'),
    DatabaseSpec,
    (document, spec) => `database/${spec.name ?? document.name}`,
  ).map(([, each]) => each);
  const users = collect(
    of('DatabaseUser'),
    DatabaseUserSpec,
    (document, spec) => `user/${spec.username ?? document.name}`,
  ).map(([, each]) => each);
  const roles = collect(of('DatabaseRole', 'ClusterDatabaseRole'), DatabaseRoleSpec, (document, spec) =>
    roleResource(spec.roleName ?? document.name),
  ).map(([, each]) => each);
  const named: Named = {
    users: new Map(users.map((each) => [each.name, each.spec.username])),
    roles: new Map(roles.map((each) => [each.name, each.spec.roleName])),
  };
  const grants = collect(
    of('DatabaseGrant', 'ClusterDatabaseGrant'),
    DatabaseGrantSpec,
    (document) => `grant/${document.namespace === undefined ? '' : `${document.namespace}/`}${document.name}`,
  ).flatMap(([document, each]): Declarations['grants'][number][] => {
    const grantee = granteeOf(document, each.spec, named, (message, pointer) =>
      collector.refuse(document, each.resource, message, pointer),
    );
    return grantee === undefined ? [] : [{ ...each, grantee }];
  });
  refused.push(...collector.refused);
  return {
    instance,
    databases: withoutDoubles(databases, refused),
    users: withoutDoubles(users, refused),
    roles: withoutDoubles(roles, refused),
    grants: withoutDoubles(grants, refused),
    refused,
    notCompared: own.filter((document) => !DBOPS_KINDS[document.kind as DbopsKind].compared),
  };
}

const PREFIX = 'dbops.dbprovision.io/';

/** Exactly `"true"`; any other text is no permission. */
export function hasAnnotation(
  declared: { readonly annotations: Readonly<Record<string, string>> },
  name: 'allow-destructive-drift' | 'skip-reconcile',
): boolean {
  return declared.annotations[`${PREFIX}${name}`] === 'true';
}
