import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import pg from 'pg';
import { parseGoDuration } from '../../../core/model/duration.ts';
import type { CheckReason } from '../../../core/model/vocabulary.ts';
import type { Declarations } from '../documents/declarations.ts';
import type { DatabaseBlock } from '../unit-block.ts';
import type { ServerFacts } from './state.ts';

/** Where a server is and how far its connection must be trusted. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly tlsMode: 'disable' | 'require' | 'verify-ca' | 'verify-full' | 'local';
  readonly caFile: string | undefined;
  readonly statementTimeout: number;
  readonly lockTimeout: number;
}

/** A connection that did not come to be, or broke: the reason a check reports. */
export interface ConnectionFault {
  readonly reason: CheckReason;
  readonly detail: string;
}

function isLocal(host: string): boolean {
  if (host.startsWith('/')) return true;
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** The weaker words count as if nothing had been declared: they protect nothing. */
const UNDECLARED_MODES: ReadonlySet<string> = new Set(['prefer', 'allow']);

function tlsModeOf(host: string, declared: string | undefined): Endpoint['tlsMode'] {
  if (declared === undefined || UNDECLARED_MODES.has(declared)) return isLocal(host) ? 'local' : 'verify-full';
  return declared === 'disable' && isLocal(host) ? 'local' : (declared as Endpoint['tlsMode']);
}

/** The endpoint of a unit: its own block, else what its DatabaseInstance says. */
export function resolveEndpoint(block: DatabaseBlock, declarations: Declarations): Endpoint | undefined {
  const { tls, ...own } = block.connection;
  const { connection, postgres } = declarations.instance?.spec ?? {};
  const { host, port = 5432, database = 'postgres' } = { ...connection, ...own };
  if (host === undefined) return undefined;
  return {
    host,
    port,
    database,
    tlsMode: tlsModeOf(host, tls?.mode ?? connection?.sslMode ?? postgres?.sslMode),
    caFile: tls?.caFile,
    statementTimeout: parseGoDuration(block.observe.statementTimeout) ?? 30_000,
    lockTimeout: parseGoDuration(block.observe.lockTimeout) ?? 2_000,
  };
}

/** What the endpoint's protection is called in evidence. */
export function tlsWord(endpoint: Endpoint): ServerFacts['tls'] {
  if (endpoint.tlsMode === 'local') return 'local';
  if (endpoint.tlsMode === 'disable') return 'none';
  return endpoint.tlsMode === 'verify-full' ? 'verified' : 'unverified';
}

async function sslOptions(endpoint: Endpoint): Promise<pg.ClientConfig['ssl']> {
  if (endpoint.tlsMode === 'local' || endpoint.tlsMode === 'disable') return false;
  const ca = endpoint.caFile === undefined ? undefined : await readFile(endpoint.caFile, 'utf8');
  const verified = endpoint.tlsMode !== 'require';
  return {
    rejectUnauthorized: verified,
    ...(ca === undefined ? {} : { ca }),
    ...(isIP(endpoint.host) === 0 ? { servername: endpoint.host } : {}),
    ...(endpoint.tlsMode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  };
}

const CONNECT_TIMEOUT = 10_000;

/** Connects as one identity. Secrets are parameters of the connection, never part of a text. */
export async function connectPostgres(
  endpoint: Endpoint,
  credentials: { readonly username: string; readonly password: string | undefined },
  options: { readonly database: string; readonly applicationName: string; readonly signal?: AbortSignal },
): Promise<pg.Client> {
  const client = new pg.Client({
    host: endpoint.host,
    port: endpoint.port,
    database: options.database,
    user: credentials.username,
    ...(credentials.password === undefined ? {} : { password: credentials.password }),
    ssl: await sslOptions(endpoint),
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    application_name: options.applicationName,
    keepAlive: true,
    types: { getTypeParser: () => (value: string) => value } as unknown as pg.CustomTypesConfig,
  });
  client.on('error', () => undefined);
  const cut = (): void => {
    cutPostgres(client);
  };
  options.signal?.addEventListener('abort', cut, { once: true });
  try {
    await client.connect();
  } catch (cause) {
    cut();
    throw cause;
  } finally {
    options.signal?.removeEventListener('abort', cut);
  }
  return client;
}

/** Cuts a connection: whoever waits on it is told, and the server rolls back what is open. */
export function cutPostgres(client: pg.Client): void {
  client.connection.stream.destroy();
}

/** Waits for an answer of a server at most so long, in milliseconds; then the connection is cut, which ends the wait. */
export async function within<T>(milliseconds: number, client: pg.Client, work: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => {
    cutPostgres(client);
  }, milliseconds);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}

/** How long the orderly end of a connection, or a cancellation through another one, may take. */
const CLOSE_LIMIT = 5_000;

/** Ends a connection; one whose server does not answer any more is cut. */
export async function endPostgres(client: pg.Client): Promise<void> {
  await within(CLOSE_LIMIT, client, () => client.end()).catch(() => undefined);
  // After a message that is none, the driver takes the connection for ended and leaves its socket open.
  cutPostgres(client);
}

/** Stops the statement that runs on a connection: cutting the connection alone leaves it running on the server. */
export async function cancelStatement(
  client: pg.Client,
  ...[endpoint, credentials, options]: Parameters<typeof connectPostgres>
): Promise<void> {
  const { processID } = client as unknown as { readonly processID: number | null };
  if (processID === null) return;
  const other = await connectPostgres(endpoint, credentials, options).catch(() => undefined);
  if (other === undefined) return;
  await within(CLOSE_LIMIT, other, () => other.query('SELECT pg_catalog.pg_cancel_backend($1)', [processID])).catch(
    () => undefined,
  );
  await endPostgres(other);
}

const BY_STATE: Readonly<Record<string, CheckReason>> = {
  '28P01': 'CREDENTIALS',
  '28000': 'CREDENTIALS',
  '42501': 'PERMISSION',
  '57014': 'TIMEOUT',
  '55P03': 'LOCKED',
  '40001': 'RACED',
  '40P01': 'RACED',
  '3D000': 'RACED',
  '57P03': 'UNREACHABLE',
  '53300': 'UNREACHABLE',
  '57P01': 'UNREACHABLE',
  '57P02': 'UNREACHABLE',
  '55000': 'UNREACHABLE',
  '22021': 'PARTIAL',
  '25P03': 'TIMEOUT',
  '25P04': 'TIMEOUT',
  '57P05': 'TIMEOUT',
};

const HINTS: Readonly<Record<string, string>> = {
  '57P03': 'the server is starting up',
  '53300': 'the server has no free connection',
  '57014': 'a statement_timeout of the role or the database may be shorter than observe.statementTimeout',
  '22021': 'a name in it is not UTF-8: rename it, or exclude the database',
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the name does not resolve',
  EAI_AGAIN: 'the name does not resolve now',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by nobody known: set connection.tls.caFile',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by nobody known: set connection.tls.caFile',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by nobody known: set connection.tls.caFile',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  CERT_HAS_EXPIRED: 'its certificate has expired',
};

/** What the driver says of a broken connection, in words a person can use. */
const BROKEN: readonly (readonly [RegExp, string])[] = [
  [/^(?:Received unexpected .* message|received invalid response)/i, 'what answers there does not speak PostgreSQL'],
  [/^Connection terminated(?! due to connection timeout)/, 'the connection was cut'],
  [/^The server does not support SSL/, 'the server offers no TLS'],
  [/^Port should be/, 'the port is none'],
];

function inWords(said: string): string {
  return BROKEN.find(([pattern]) => pattern.test(said))?.[1] ?? said;
}

/** The reason of a failed connection or query, with what to look at; no secret is in a server's own message. */
export function toConnectionFault(cause: unknown): ConnectionFault {
  const { code, message } = cause as { code?: unknown; message?: unknown };
  const word = typeof code === 'string' ? code : '';
  const hint = HINTS[word];
  const said = inWords(typeof message === 'string' ? message : 'the connection failed');
  const detail = hint === undefined ? said : `${said} (${hint})`;
  const known = BY_STATE[word];
  if (known !== undefined) return { reason: known, detail };
  if (/^[0-9A-Z]{5}$/.test(word) && !word.startsWith('08'))
    return { reason: 'INTERNAL', detail: `${said} (SQLSTATE ${word})` };
  if (said === 'timeout expired' || said.includes('timeout exceeded'))
    return { reason: 'UNREACHABLE', detail: 'no answer in 10s' };
  return { reason: 'UNREACHABLE', detail };
}
