import type pg from 'pg';
import { isAbortError } from '../postgres/abort.ts';
import { connectPostgres, cutPostgres, endPostgres, type Endpoint } from '../postgres/connection.ts';
import { ActuatorRight, DatabaseRights, Group, Owned, ServerRights, Writable, type RightsRead } from './rights.ts';
import {
  actuatorRightsQuery,
  databaseRightsQuery,
  membershipQuery,
  ownedQuery,
  serverRightsQuery,
  writableQuery,
} from './rights-query.ts';

/** Who asks, and about whom. */
export interface RightsRequest {
  readonly endpoint: Endpoint;
  readonly identity: { readonly username: string; readonly password: string | undefined };
  readonly actuator: string | undefined;
  readonly owners: readonly string[];
  readonly managed: readonly string[];
  readonly includes: (database: string) => boolean;
}

const APPLICATION = 'kedge-doctor';

type Rows = readonly (readonly unknown[])[];

async function readOnly(client: pg.Client, queries: readonly string[]): Promise<Rows> {
  const text = [
    'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
    'SET LOCAL ROLE NONE',
    'SET LOCAL search_path = pg_catalog',
    ...queries,
    'COMMIT',
  ].join(';\n');
  const results = (await client.query(text)) as unknown as readonly pg.QueryResult[];
  return results.filter((result) => result.command === 'SELECT').map((result) => result.rows as readonly unknown[]);
}

async function withClient<T>(
  request: RightsRequest,
  database: string,
  signal: AbortSignal,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const options = { database, applicationName: APPLICATION, signal };
  const client = await connectPostgres(request.endpoint, request.identity, options);
  const onAbort = (): void => {
    cutPostgres(client);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await work(client);
  } finally {
    signal.removeEventListener('abort', onAbort);
    await endPostgres(client);
  }
}

/** Reads the rights of a unit's identities from the catalogs. Sends reads only, and never tries a right out. */
export async function readRights(request: RightsRequest, signal: AbortSignal): Promise<RightsRead> {
  const { actuator, owners, managed } = request;
  const queries = [
    serverRightsQuery(),
    databaseRightsQuery(),
    ownedQuery(),
    membershipQuery(),
    ...(actuator === undefined ? [] : [actuatorRightsQuery(actuator, { owners, managed })]),
  ];
  const rows = await withClient(
    request,
    request.endpoint.database,
    signal,
    async (client) => await readOnly(client, queries),
  );
  const [server = [], listed = [], owned = [], groups = [], rights = []] = rows;
  const databases = listed.map((row) => DatabaseRights.parse(row)).filter((each) => request.includes(each.database));
  const writable = new Map<string, ReturnType<typeof Writable.parse>>();
  for (const { database, open, template, can_connect } of databases) {
    if (!open || template || !can_connect) continue;
    try {
      const [[row] = []] = await withClient(
        request,
        database,
        signal,
        async (client) => await readOnly(client, [writableQuery()]),
      );
      writable.set(database, Writable.parse(row));
    } catch (cause) {
      // A database that refuses this one look is listed as such by the checks; the others still stand.
      if (signal.aborted || isAbortError(cause)) throw cause;
    }
  }
  return {
    server: ServerRights.parse(server[0]),
    databases,
    owned: owned.map((row) => Owned.parse(row)),
    groups: groups.map((row) => Group.parse(row).group),
    writable,
    actuator: rights.map((row) => ActuatorRight.parse(row)),
  };
}
