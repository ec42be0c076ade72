import type { Unchecked } from '../../../core/model/observation.ts';
import { includesDatabase, type DatabaseBlock } from '../unit-block.ts';
import type { ConnectionFault, Endpoint } from './connection.ts';
import { clusterQuery, databaseQuery, PROBE } from './queries.ts';
import { readCatalogs, type CatalogRows, type ReaderIdentity } from './reader.ts';
import { toClusterCatalog, VanishedOid, type ClusterCatalog, type DatabaseCatalog } from './server-catalog.ts';
import { toDatabaseCatalog } from './database-catalog.ts';

/** What the server said of itself before anything else was read. */
export interface Probe {
  readonly version: number;
  readonly engine: string;
  readonly database: string;
  readonly sessionUser: string;
  readonly inRecovery: boolean;
  readonly systemIdentifier: string;
  /** Seconds a standby is behind; undefined on a primary. */
  readonly lag: number | undefined;
}

/** Everything one look read of a server, and every part that could not be read. */
export interface ServerLook {
  readonly probe: Probe;
  readonly cluster: ClusterCatalog;
  readonly databases: ReadonlyMap<string, DatabaseCatalog>;
  readonly failed: ReadonlyMap<string, ConnectionFault>;
  readonly unchecked: readonly Unchecked[];
}

/** A look that came to nothing. */
export type LookOutcome =
  | { readonly status: 'looked'; readonly look: ServerLook }
  | { readonly status: 'failed'; readonly fault: ConnectionFault };

/** Databases that documents speak of or that were seen before: they are read whatever their state, or told to be unread. */
export interface WantedDatabases {
  readonly names: ReadonlySet<string>;
  readonly oids: ReadonlySet<string>;
  /** Of these, the ones that are meant to let nobody in. */
  readonly closed: ReadonlySet<string>;
}

function isToBeRead(database: ClusterCatalog['databases'][number], wanted: WantedDatabases): boolean {
  const { name, oid, allowConnections, isTemplate } = database;
  if (!allowConnections && wanted.closed.has(name)) return false;
  return (allowConnections && !isTemplate) || wanted.names.has(name) || wanted.oids.has(oid);
}

interface LookRequest {
  readonly endpoint: Endpoint;
  readonly identity: ReaderIdentity;
  readonly block: DatabaseBlock;
  readonly signal: AbortSignal;
  readonly wanted: WantedDatabases;
}

function failed(reason: ConnectionFault['reason'], detail: string): LookOutcome {
  return { status: 'failed', fault: { reason, detail } };
}

function toProbe(rows: CatalogRows): Probe {
  const [row = {}] = rows['server'] ?? [];
  return {
    version: Math.floor(Number(row['version']) / 10_000),
    engine: row['engine'] ?? '',
    database: row['database'] ?? '',
    sessionUser: row['session_user'] ?? '',
    inRecovery: row['in_recovery'] === 't',
    systemIdentifier: row['system_identifier'] ?? '',
    lag: row['lag'] === null || row['lag'] === undefined ? undefined : Number(row['lag']),
  };
}

function refusalOf(probe: Probe, endpoint: Endpoint, block: DatabaseBlock): LookOutcome | undefined {
  if (!probe.engine.startsWith('PostgreSQL'))
    return failed('CONFIG_INVALID', `the server is no PostgreSQL: ${probe.engine.slice(0, 80)}`);
  if (probe.version < 14) return failed('CONFIG_INVALID', `PostgreSQL ${probe.version} is older than 14`);
  if (probe.database !== endpoint.database)
    return failed(
      'CONFIG_INVALID',
      `asked for database ${endpoint.database}, reached ${probe.database}: a pooler sends it elsewhere`,
    );
  if (probe.inRecovery && block.observe.replica === 'deny')
    return failed('CONFIG_INVALID', 'the server is a standby, and observe.replica is deny');
  return undefined;
}

/** Reads a message and turns it into names; a name that vanished under the read is read again once, then it is a race. */
async function readTwice<T>(
  read: () => Promise<{ readonly rows: CatalogRows } | ConnectionFault>,
  convert: (rows: CatalogRows) => T,
): Promise<{ readonly value: T } | ConnectionFault> {
  for (const attempt of [1, 2]) {
    const outcome = await read();
    if (!('rows' in outcome)) return outcome;
    try {
      return { value: convert(outcome.rows) };
    } catch (cause) {
      if (!(cause instanceof VanishedOid)) throw cause;
      if (attempt === 2)
        return { reason: 'RACED', detail: `the catalogs moved under the read twice: ${cause.message}` };
    }
  }
  return { reason: 'RACED', detail: 'the catalogs moved under the read' };
}

function isFault(value: object): value is ConnectionFault {
  return 'reason' in value;
}

async function inParallel<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  await Promise.all(
    Array.from({ length: Math.min(width, queue.length) }, async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next);
    }),
  );
}

function grantHint(fault: ConnectionFault, database: string, user: string): string {
  if (fault.reason !== 'PERMISSION') return fault.detail;
  return `${fault.detail}; GRANT CONNECT ON DATABASE "${database.replaceAll('"', '""')}" TO "${user.replaceAll('"', '""')}"`;
}

/** The catalog of a cluster without what is held on, or set in, databases that the unit excludes. */
function withoutExcluded(cluster: ClusterCatalog, block: DatabaseBlock): ClusterCatalog {
  const isJudged = (database: string | undefined): boolean =>
    database === undefined || includesDatabase(block, database);
  return {
    ...cluster,
    privileges: cluster.privileges.filter(({ target }) => isJudged(target.database)),
    settings: cluster.settings.filter(({ database }) => isJudged(database)),
  };
}

/** One look at a server: who it is, what its databases share, then each database, `concurrency` at a time. */
export async function lookAtServer(request: LookRequest): Promise<LookOutcome> {
  const { endpoint, identity, block, signal } = request;
  const read = async (
    database: string,
    query: Parameters<typeof readCatalogs>[2]['query'],
  ): Promise<{ readonly rows: CatalogRows } | ConnectionFault> => {
    const outcome = await readCatalogs(endpoint, identity, { database, query, signal });
    return outcome.status === 'read' ? { rows: outcome.rows } : { reason: outcome.reason, detail: outcome.detail };
  };
  const probed = await read(endpoint.database, PROBE);
  if (isFault(probed)) return { status: 'failed', fault: probed };
  const probe = toProbe(probed.rows);
  const refused = refusalOf(probe, endpoint, block);
  if (refused !== undefined) return refused;
  const clustered = await readTwice(
    () => read(endpoint.database, clusterQuery(probe.version)),
    (rows) => toClusterCatalog(rows, probe.version),
  );
  if (isFault(clustered)) return { status: 'failed', fault: clustered };
  const cluster = withoutExcluded(clustered.value, block);
  const databases = new Map<string, DatabaseCatalog>();
  const failures = new Map<string, ConnectionFault>();
  const unchecked: Unchecked[] = [];
  const names = cluster.databases
    .filter((each) => includesDatabase(block, each.name) && isToBeRead(each, request.wanted))
    .map((each) => each.name);
  await inParallel(names, block.observe.concurrency, async (name) => {
    const outcome = await readTwice(
      () => read(name, databaseQuery()),
      (rows) => toDatabaseCatalog(rows, cluster, name),
    );
    if (!isFault(outcome)) {
      databases.set(name, outcome.value);
      return;
    }
    failures.set(name, outcome);
    unchecked.push({
      what: `database ${name}`,
      reason: outcome.reason,
      detail: grantHint(outcome, name, identity.username),
    });
  });
  return {
    status: 'looked',
    look: {
      probe,
      cluster,
      databases,
      failed: failures,
      unchecked: unchecked.sort((left, right) => (left.what < right.what ? -1 : 1)),
    },
  };
}

/** Whether a database that could not be reached is really gone: only when a second look at the cluster agrees. */
export async function isGone(
  request: Pick<LookRequest, 'endpoint' | 'identity' | 'signal'>,
  version: number,
  database: string,
): Promise<boolean> {
  const outcome = await readCatalogs(request.endpoint, request.identity, {
    database: request.endpoint.database,
    query: clusterQuery(version),
    signal: request.signal,
  });
  return outcome.status === 'read' && !(outcome.rows['databases'] ?? []).some((row) => row['datname'] === database);
}
