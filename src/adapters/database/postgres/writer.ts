import type pg from 'pg';
import { connectPostgres, type Endpoint } from './connection.ts';
import { oneLine, toFailure, WriteRefusal } from './failure.ts';
import { integerLiteral } from './statements/quote.ts';

/** The identity that writes; its password goes into connection parameters alone. */
export interface WriterIdentity {
  readonly username: string;
  readonly password: string | undefined;
}

/** One connection with the unit's `writeCredentials`. It sends text that the statement builders made, and nothing else. */
export interface Writer {
  /** One message; the rows of each statement in it. Every value is text. */
  send(text: string): Promise<readonly (readonly unknown[])[]>;
  /** Messages sent so far, the opening included. */
  roundTrips(): number;
  /** COMMIT: no deadline of the check or action interrupts it; one that is not answered within a minute rejects as unreachable. */
  commit(): Promise<void>;
  close(): Promise<void>;
  /** Cuts the connection: the server rolls back what is open. */
  cut(): void;
}

const APPLICATION = 'kedge-actuator';
/** How long a COMMIT is waited for, in milliseconds; a connection that says nothing for so long is cut, and the server is asked later. */
const COMMIT_LIMIT = 60_000;
/** How long an orderly end of a connection, or a cancellation through another one, may take. */
const CLOSE_LIMIT = 5_000;

/** Waits for an answer at most so long, then cuts the connection, which ends the wait. */
async function within<T>(milliseconds: number, cut: () => void, work: () => Promise<T>): Promise<T> {
  const timer = setTimeout(cut, milliseconds);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}

async function connect(endpoint: Endpoint, identity: WriterIdentity): Promise<pg.Client> {
  try {
    return await connectPostgres(endpoint, identity, { database: endpoint.database, applicationName: APPLICATION });
  } catch (cause) {
    const place = `database ${oneLine(endpoint.database)} on ${endpoint.host}:${endpoint.port}`;
    throw new WriteRefusal(toFailure(cause, `connect to ${place} as ${oneLine(identity.username)}`), cause);
  }
}

/** Cutting a connection does not stop the statement that runs on it; this does. */
async function cancelOnServer(client: pg.Client, endpoint: Endpoint, identity: WriterIdentity): Promise<void> {
  const { processID } = client as unknown as { readonly processID: number | null };
  if (processID === null) return;
  const other = await connectPostgres(endpoint, identity, {
    database: endpoint.database,
    applicationName: APPLICATION,
  }).catch(() => undefined);
  if (other === undefined) return;
  const cutOther = (): void => {
    other.connection.stream.destroy();
  };
  await within(CLOSE_LIMIT, cutOther, async () => {
    await other.query(`SELECT pg_catalog.pg_cancel_backend(${integerLiteral(processID)})`);
    await other.end();
  }).catch(() => undefined);
}

/** Opens a connection, or refuses in the adapter's words. */
export async function openWriter(endpoint: Endpoint, identity: WriterIdentity, signal: AbortSignal): Promise<Writer> {
  signal.throwIfAborted();
  const client = await connect(endpoint, identity);
  let trips = 1;
  const cut = (): void => {
    client.connection.stream.destroy();
  };
  const onAbort = (): void => {
    void cancelOnServer(client, endpoint, identity).finally(cut);
  };
  const close = async (): Promise<void> => {
    signal.removeEventListener('abort', onAbort);
    await within(CLOSE_LIMIT, cut, () => client.end()).catch(() => undefined);
  };
  if (signal.aborted) {
    await close();
    signal.throwIfAborted();
  }
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    send: async (text) => {
      trips += 1;
      const answer = (await client.query(text)) as unknown as pg.QueryResult | readonly pg.QueryResult[];
      const results = Array.isArray(answer) ? (answer as readonly pg.QueryResult[]) : [answer as pg.QueryResult];
      return results.map((result) => result.rows as readonly unknown[]);
    },
    roundTrips: () => trips,
    commit: async () => {
      signal.removeEventListener('abort', onAbort);
      trips += 1;
      await within(COMMIT_LIMIT, cut, () => client.query('COMMIT'));
    },
    close,
    cut,
  };
}
