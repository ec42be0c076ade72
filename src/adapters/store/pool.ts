import pg from 'pg';
import { OperationError } from '../../core/model/operation-error.ts';

/** How to reach the store's server. */
export type StoreConnection =
  | { readonly url: string }
  | { readonly host: string; readonly port: number; readonly user: string; readonly database: string };

/** Instants, exact numbers and 64-bit integers stay text: nothing is rounded on the way in. */
const AS_TEXT: ReadonlySet<number> = new Set([20, 1082, 1114, 1184, 1700]);

const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    (AS_TEXT.has(oid) ? (value: string) => value : pg.types.getTypeParser(oid, format)) as never,
};

/** A pool of connections whose failures are all `STORE_UNAVAILABLE`. */
export function createPool(connection: StoreConnection, size: number): pg.Pool {
  const pool = new pg.Pool({
    ...('url' in connection ? { connectionString: connection.url } : connection),
    max: size,
    types,
    connectionTimeoutMillis: 15_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 60_000,
    query_timeout: 90_000,
    lock_timeout: 45_000,
    application_name: 'kedge',
    options: '-c search_path=kedge',
    keepAlive: true,
  });
  pool.on('error', () => undefined);
  return pool;
}

const SERVER_IS_AWAY = /^(?:08|57P0|53|58)/;
const NETWORK_FAULTS: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EACCES',
]);

function isAway(cause: unknown): boolean {
  const { code, message } = cause as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return SERVER_IS_AWAY.test(code) || NETWORK_FAULTS.has(code);
  return (
    typeof message === 'string' &&
    /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/.test(
      message,
    )
  );
}

/** Deadlock and serialization failures: the transaction left nothing, and the same work succeeds when it is done again. */
const COLLIDED: ReadonlySet<unknown> = new Set(['40001', '40P01']);

/** A store that does not answer as its closed code; every other failure stays what it is. */
export function storeError(attempt: string, cause: unknown): unknown {
  if (cause instanceof OperationError) return cause;
  if (COLLIDED.has((cause as { code?: unknown }).code))
    return new OperationError('STORE_BUSY', `cannot ${attempt}: another process changed the same records`, {
      retry: 'later',
      next: 'nothing was kept of it; try again',
      cause,
    });
  if (!isAway(cause)) return cause;
  return new OperationError('STORE_UNAVAILABLE', `cannot ${attempt}: the store does not answer`, {
    retry: 'later',
    next: 'check the server of store.url; Kedge goes on when it is back',
    cause,
  });
}

/** Refuses a server that could lose what it has acknowledged. */
export async function requireDurable(client: pg.ClientBase): Promise<void> {
  for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    const { rows } = await client.query<Record<string, string>>(`SHOW ${setting}`);
    if (rows[0]?.[setting] === 'off') {
      throw new OperationError(
        'STORE_NOT_DURABLE',
        `cannot use the store: ${setting} is off, so a commit may be lost`,
        { retry: 'no', next: `set ${setting} = on in the server` },
      );
    }
  }
  const { rows } = await client.query<{ server_version_num: string }>('SHOW server_version_num');
  const major = Math.floor(Number(rows[0]?.server_version_num) / 10_000);
  if (major < 14)
    throw new OperationError('STORE_TOO_OLD', `cannot use the store: PostgreSQL ${major} is older than 14`, {
      retry: 'no',
      next: 'use PostgreSQL 14 to 18',
    });
}
