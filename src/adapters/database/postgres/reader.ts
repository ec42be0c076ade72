import type pg from 'pg';
import { isAbortError } from './abort.ts';
import {
  cancelStatement,
  connectPostgres,
  endPostgres,
  toConnectionFault,
  type ConnectionFault,
  type Endpoint,
} from './connection.ts';
import { clusterQuery, databaseQuery, fingerprintQuery, PROBE, type CatalogQuery, type Row } from './queries.ts';

/** The results of one message, by name. */
export type CatalogRows = Readonly<Record<string, readonly Row[]>>;

/** What a read came to. */
export type ReadOutcome =
  { readonly status: 'read'; readonly rows: CatalogRows } | ({ readonly status: 'failed' } & ConnectionFault);

/** The identity that looks. */
export interface ReaderIdentity {
  readonly username: string;
  readonly password: string | undefined;
}

const APPLICATION = 'kedge-observer';

/** Every message an observer may ever send, with its text. */
function textOf(query: CatalogQuery, endpoint: Endpoint): string {
  const settings = [
    'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
    'SET LOCAL ROLE NONE',
    'SET LOCAL search_path = pg_catalog',
    `SET LOCAL statement_timeout = ${endpoint.statementTimeout}`,
    `SET LOCAL lock_timeout = ${endpoint.lockTimeout}`,
    'SET LOCAL jit = off',
    'SET LOCAL row_security = on',
    "SET LOCAL datestyle = 'ISO'",
    "SET LOCAL timezone = 'UTC'",
  ];
  return [...settings, ...query.reads.map(([, text]) => text), 'COMMIT'].join(';\n');
}

const NAMES: ReadonlySet<string> = new Set(['probe', 'cluster', 'database', 'fingerprint']);

/** Throws before a socket opens when a statement is not on the list: no version of a query differs in what it is allowed to do. */
export function requireListed(query: CatalogQuery): void {
  const versions = [14, 15, 16, 17, 18];
  const listed = [
    PROBE,
    fingerprintQuery(),
    ...versions.flatMap((version) => [clusterQuery(version), databaseQuery()]),
  ];
  const known =
    NAMES.has(query.name) &&
    listed.some((each) => each.name === query.name && JSON.stringify(each.reads) === JSON.stringify(query.reads));
  if (!known) throw new Error(`the observer was asked for a statement outside its list (${query.name})`);
}

async function run(client: pg.Client, query: CatalogQuery, endpoint: Endpoint): Promise<CatalogRows> {
  const results = (await client.query(textOf(query, endpoint))) as unknown as pg.QueryResult<
    Record<string, string | null>
  >[];
  const selected = results.filter((result) => result.command === 'SELECT');
  return Object.fromEntries(query.reads.map(([name], index) => [name, selected[index]?.rows ?? []]));
}

/** Asked anew: it may have changed since the read began. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}

/**
 * Sends one listed message to one database and reads its rows. Nothing is kept open; at the deadline the statement is cancelled
 * on the server too.
 */
export async function readCatalogs(
  endpoint: Endpoint,
  identity: ReaderIdentity,
  request: { readonly database: string; readonly query: CatalogQuery; readonly signal: AbortSignal },
): Promise<ReadOutcome> {
  requireListed(request.query);
  if (request.signal.aborted)
    return { status: 'failed', reason: 'TIMEOUT', detail: 'the deadline passed before the read began' };
  let client: pg.Client | undefined;
  let onAbort: (() => void) | undefined;
  try {
    const options = { database: request.database, applicationName: APPLICATION };
    client = await connectPostgres(endpoint, identity, { ...options, signal: request.signal });
    const opened = client;
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => {
        void cancelStatement(opened, endpoint, identity, options);
        reject(request.signal.reason instanceof Error ? request.signal.reason : new Error('aborted'));
      };
      request.signal.addEventListener('abort', onAbort, { once: true });
    });
    const rows = await Promise.race([run(opened, request.query, endpoint), aborted]);
    return { status: 'read', rows };
  } catch (cause) {
    if (isOver(request.signal) || isAbortError(cause))
      return {
        status: 'failed',
        reason: 'TIMEOUT',
        detail:
          client === undefined
            ? 'the deadline passed before the server had answered'
            : 'the deadline passed; the statement was cancelled on the server',
      };
    return { status: 'failed', ...toConnectionFault(cause) };
  } finally {
    if (onAbort !== undefined) request.signal.removeEventListener('abort', onAbort);
    if (client !== undefined) await endPostgres(client);
  }
}
