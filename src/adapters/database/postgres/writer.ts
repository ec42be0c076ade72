import type pg from 'pg';
import { cancelStatement, connectPostgres, cutPostgres, endPostgres, within, type Endpoint } from './connection.ts';
import { oneLine, toFailure, WriteRefusal } from './failure.ts';

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
async function connect(endpoint: Endpoint, identity: WriterIdentity, signal: AbortSignal): Promise<pg.Client> {
  try {
    const options = { database: endpoint.database, applicationName: APPLICATION };
    return await connectPostgres(endpoint, identity, { ...options, signal });
  } catch (cause) {
    const place = `database ${oneLine(endpoint.database)} on ${endpoint.host}:${endpoint.port}`;
    throw new WriteRefusal(toFailure(cause, `connect to ${place} as ${oneLine(identity.username)}`), cause);
  }
}

/** Opens a connection, or refuses in the adapter's words. */
export async function openWriter(endpoint: Endpoint, identity: WriterIdentity, signal: AbortSignal): Promise<Writer> {
  signal.throwIfAborted();
  const client = await connect(endpoint, identity, signal);
  let trips = 1;
  const cut = (): void => {
    cutPostgres(client);
  };
  const onAbort = (): void => {
    const options = { database: endpoint.database, applicationName: APPLICATION };
    void cancelStatement(client, endpoint, identity, options).finally(cut);
  };
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
      await within(COMMIT_LIMIT, client, () => client.query('COMMIT'));
    },
    close: async () => {
      signal.removeEventListener('abort', onAbort);
      await endPostgres(client);
    },
    cut,
  };
}
