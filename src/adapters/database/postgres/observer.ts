import type { Clock } from '../../../ports/clock.ts';
import type { CredentialSource } from '../../../ports/credential-source.ts';
import type { Observer, ObserveRequest } from '../../../ports/observer.ts';
import { digestJson } from '../../../core/model/digest.ts';
import { jsonText, type JsonObject } from '../../../core/model/json.ts';
import type { Observation, Unchecked } from '../../../core/model/observation.ts';
import { OperationError } from '../../../core/model/operation-error.ts';
import type { CredentialReference } from '../../../core/model/unit.ts';
import { declaredClosed, declaredDatabaseNames } from '../documents/declared-databases.ts';
import { readDeclarations, type Declarations } from '../documents/declarations.ts';
import type { DatabaseBlock } from '../unit-block.ts';
import { resolveEndpoint, tlsWord, type ConnectionFault, type Endpoint } from './connection.ts';
import { isGone, lookAtServer, type ServerLook, type WantedDatabases } from './look.ts';
import type { ReaderIdentity } from './reader.ts';
import { assembleResources } from './resources.ts';
import type { ServerFacts } from './state.ts';

interface ObserverContext {
  readonly credentials: CredentialSource;
  readonly clock: Clock;
}

const AUTHENTICATION_TRIES = 2;

async function identityOf(
  context: ObserverContext,
  reference: CredentialReference | undefined,
  signal: AbortSignal,
): Promise<ReaderIdentity | ConnectionFault> {
  if (reference === undefined) return { reason: 'CREDENTIALS', detail: 'the unit has no credentials' };
  try {
    const { username, password } = await context.credentials.resolve(reference, signal);
    if (username === undefined) return { reason: 'CREDENTIALS', detail: 'credentials.username is missing' };
    return { username, password };
  } catch (cause) {
    if (cause instanceof OperationError) return { reason: 'CREDENTIALS', detail: cause.message };
    throw cause;
  }
}

function unknown(context: ObserverContext, startedAt: string, fault: ConnectionFault, identity?: string): Observation {
  return {
    status: 'unknown',
    startedAt,
    at: context.clock.now(),
    reasons: [{ what: 'the server', reason: fault.reason, detail: fault.detail }],
    ...(identity === undefined ? {} : { identity }),
  };
}

/** Looks once, and once more with the secret fetched anew when the server refused it: two tries in all. */
async function lookWithCredentials(
  context: ObserverContext,
  request: ObserveRequest,
  place: { readonly endpoint: Endpoint; readonly block: DatabaseBlock; readonly wanted: WantedDatabases },
  signal: AbortSignal,
): Promise<
  | { readonly look: ServerLook; readonly identity: ReaderIdentity }
  | { readonly fault: ConnectionFault; readonly identity: string | undefined }
> {
  let last: ConnectionFault = { reason: 'CREDENTIALS', detail: 'never tried' };
  let user: string | undefined;
  let refused: string | undefined;
  for (let attempt = 1; attempt <= AUTHENTICATION_TRIES; attempt += 1) {
    const identity = await identityOf(context, request.unit.credentials, signal);
    if ('reason' in identity) return { fault: identity, identity: undefined };
    if (identity.password !== undefined && identity.password === refused) return { fault: last, identity: user };
    user = identity.username;
    const outcome = await lookAtServer({ ...place, identity, signal });
    if (outcome.status === 'looked') return { look: outcome.look, identity };
    last = outcome.fault;
    if (last.reason !== 'CREDENTIALS') break;
    refused = identity.password;
  }
  return { fault: last, identity: user };
}

function emptySource(declarations: Declarations, request: ObserveRequest): ConnectionFault | undefined {
  const declared =
    declarations.databases.length + declarations.users.length + declarations.roles.length + declarations.grants.length;
  const knewSome =
    request.snapshots.status === 'read' &&
    [...request.snapshots.byResource.values()].some(
      (snapshot) => snapshot.type === 'grant' || snapshot.type === 'user',
    );
  if (declared > 0 || declarations.refused.length > 0 || !knewSome) return undefined;
  return {
    reason: 'CONFIG_INVALID',
    detail: 'the source holds no documents, and the last check had some: an empty source is never "all removed"',
  };
}

function wantedDatabases(declarations: Declarations, snapshots: ObserveRequest['snapshots']): WantedDatabases {
  const recorded = snapshots.status === 'read' ? [...snapshots.byResource.values()] : [];
  return {
    names: new Set(declaredDatabaseNames(declarations)),
    oids: new Set(recorded.filter((each) => each.type === 'database').map((each) => jsonText(each.value['$identity']))),
    closed: declaredClosed(declarations),
  };
}

function uncheckedOf(look: ServerLook, declarations: Declarations): readonly Unchecked[] {
  const refusals = declarations.refused.map((each): Unchecked => ({
    what: each.resource,
    reason: 'CONFIG_INVALID',
    detail: `${each.location.file}:${each.location.line}:${each.location.column} ${each.message}`,
  }));
  return [...look.unchecked, ...refusals];
}

/** Nothing that was known of the recorded server is seen on another one. */
function otherServer(
  look: ServerLook,
  { host, port }: Endpoint,
  { snapshots }: ObserveRequest,
  instanceName: string,
): readonly Unchecked[] {
  const recorded =
    snapshots.status === 'read' ? snapshots.byResource.get(`instance/${instanceName}`)?.value['$identity'] : undefined;
  if (recorded === undefined || recorded === look.probe.systemIdentifier) return [];
  return [
    {
      what: 'all but the identity of the server',
      reason: 'UNREACHABLE',
      detail: `at ${host}:${port} answers another server (${look.probe.systemIdentifier}) than the recorded one (${jsonText(recorded)})`,
    },
  ];
}

/** Databases that were listed and gone at the next step are gone only when the cluster says so twice; else the look raced. */
async function withoutGone(
  look: ServerLook,
  place: { readonly endpoint: Endpoint; readonly identity: ReaderIdentity; readonly signal: AbortSignal },
): Promise<ServerLook> {
  const failed = new Map(look.failed);
  let { databases } = look.cluster;
  for (const [name, fault] of look.failed) {
    if (fault.reason !== 'RACED' || !(await isGone(place, look.probe.version, name))) continue;
    failed.delete(name);
    databases = databases.filter((each) => each.name !== name);
  }
  const unchecked = look.unchecked.filter((each) =>
    [...failed.keys()].some((name) => each.what === `database ${name}`),
  );
  return { ...look, failed, unchecked, cluster: { ...look.cluster, databases } };
}

function factsOf(look: ServerLook, endpoint: Endpoint, identity: ReaderIdentity): ServerFacts {
  return {
    systemIdentifier: look.probe.systemIdentifier,
    version: look.probe.version,
    host: endpoint.host,
    port: endpoint.port,
    database: endpoint.database,
    tls: tlsWord(endpoint),
    inRecovery: look.probe.inRecovery,
    observer: identity.username,
  };
}

function warningsOf(
  endpoint: Endpoint,
  look: ServerLook,
  identity: ReaderIdentity,
): readonly { readonly code: string; readonly message: string }[] {
  const warnings: { code: string; message: string }[] = [];
  if (tlsWord(endpoint) === 'none' || tlsWord(endpoint) === 'unverified')
    warnings.push({
      code: 'TLS_WEAK',
      message: `the connection to ${endpoint.host} is ${endpoint.tlsMode}, not verify-full: Kedge reads and never writes over it`,
    });
  const role = look.cluster.roles.get(identity.username);
  if (role?.attributes.superuser === true)
    warnings.push({
      code: 'OVERPRIVILEGED',
      message: `${identity.username} is a superuser and could write; \`kedge db grants\` prints a role that cannot`,
    });
  return warnings;
}

const LAG_SHARE = 0.5;

/** The reader of one PostgreSQL server: sees every way to a privilege, and writes nothing. */
export function createPostgresObserver(context: ObserverContext): Observer {
  return {
    async observe(request, signal) {
      const startedAt = context.clock.now();
      const block = request.unit.block as unknown as DatabaseBlock;
      const declarations = readDeclarations(request.unit, request.documents);
      const endpoint = resolveEndpoint(block, declarations);
      if (endpoint === undefined)
        return unknown(context, startedAt, {
          reason: 'CONFIG_INVALID',
          detail: 'no DatabaseInstance document and no database.connection.host says where the server is',
        });
      const engine = declarations.instance?.spec.engine ?? 'postgres';
      if (engine !== 'postgres' && engine !== 'postgresql')
        return unknown(context, startedAt, { reason: 'CONFIG_INVALID', detail: `engine ${engine} is not observed` });
      const empty = emptySource(declarations, request);
      if (empty !== undefined) return unknown(context, startedAt, empty);
      const wanted = wantedDatabases(declarations, request.snapshots);
      const outcome = await lookWithCredentials(context, request, { endpoint, block, wanted }, signal);
      if ('fault' in outcome) return unknown(context, startedAt, outcome.fault, outcome.identity);
      const { lag } = outcome.look.probe;
      if (lag !== undefined && lag * 1_000 > request.unit.schedule.interval * LAG_SHARE)
        return unknown(
          context,
          startedAt,
          { reason: 'UNREACHABLE', detail: `the standby is ${Math.round(lag)}s behind` },
          outcome.identity.username,
        );
      const look = await withoutGone(outcome.look, { endpoint, identity: outcome.identity, signal });
      const instanceName = declarations.instance?.name ?? request.unit.name;
      const resources = assembleResources({ declarations, look, snapshots: request.snapshots, block, instanceName });
      const unchecked = [...uncheckedOf(look, declarations), ...otherServer(look, endpoint, request, instanceName)];
      return {
        status: 'observed',
        startedAt,
        at: context.clock.now(),
        resources,
        coverage: { complete: unchecked.length === 0, unchecked },
        revisions: {
          desired: digestJson(request.documents.map((document) => document.value).map((value) => value)),
        },
        desiredAt: request.documentsAt,
        identity: outcome.identity.username,
        warnings: warningsOf(endpoint, look, outcome.identity),
        facts: factsOf(look, endpoint, outcome.identity) as unknown as JsonObject,
      };
    },
  };
}
