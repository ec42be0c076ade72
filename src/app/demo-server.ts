import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { findBinaries } from '../adapters/embedded-postgres/binaries.ts';
import {
  initialise,
  start,
  stop,
  type RunningServer,
  type ServerOptions,
} from '../adapters/embedded-postgres/server-process.ts';

/** Roles of the demonstration's watched server that sign in with a password of their own. */
export const DEMO_LOGINS = ['administrator', 'kedge_reader', 'kedge_writer', 'mallory'] as const;
export type DemoLogin = (typeof DEMO_LOGINS)[number];

/** One statement that changed something on the watched server, as the server's own log tells it. */
export interface LoggedWrite {
  readonly at: string;
  readonly user: string;
  readonly statement: string;
}

/** A real PostgreSQL server of its own, to be watched by the demonstration. Reachable by a Unix socket alone. */
export interface DemoServer {
  readonly host: string;
  readonly port: number;
  /** A file that holds the password of a login, for credential references. */
  passwordFile(login: DemoLogin): string;
  /** Runs SQL as somebody and returns the rows. */
  sql(login: DemoLogin, text: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Every changing statement in the order of the server's log. */
  writes(): Promise<readonly LoggedWrite[]>;
  stop(): Promise<void>;
}

const DATABASE = 'payments';
const LOG_LINE =
  /^(?<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+) UTC (?<user>\S+) LOG: {2}(?:statement|execute [^:]*): (?<statement>.*)$/;

function parseWrite(line: string): LoggedWrite | undefined {
  const { at, user, statement } = LOG_LINE.exec(line)?.groups ?? {};
  if (at === undefined || user === undefined || statement === undefined) return undefined;
  return { at: `${at.replace(' ', 'T')}Z`, user, statement };
}

async function writePasswords(folder: string): Promise<ReadonlyMap<DemoLogin, string>> {
  const isRoot = process.getuid?.() === 0;
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const passwords = new Map(DEMO_LOGINS.map((login) => [login, randomBytes(24).toString('hex')] as const));
  for (const [login, password] of passwords)
    await writeFile(join(folder, login), `${password}\n`, {
      mode: isRoot && login === 'administrator' ? 0o644 : 0o600,
    });
  return passwords;
}

/** Makes and starts the watched server below a folder that the server's account may enter. */
export async function startDemoServer(folder: string): Promise<DemoServer> {
  const secrets = join(folder, 'secrets');
  const dataDirectory = join(folder, 'watched');
  const logPath = join(folder, 'watched.log');
  const passwords = await writePasswords(secrets);
  const options: ServerOptions = {
    binaries: await findBinaries(),
    dataDirectory,
    user: 'administrator',
    authentication: 'scram-sha-256',
    passwordFile: join(secrets, 'administrator'),
    settings: [
      'listen_addresses=',
      'shared_buffers=32MB',
      'timezone=UTC',
      'log_timezone=UTC',
      'log_statement=mod',
      'log_line_prefix=%m %u ',
    ],
  };
  await initialise(options, logPath);
  const running: RunningServer = await start(options, logPath);

  async function query(login: DemoLogin, text: string, database: string): Promise<readonly Record<string, unknown>[]> {
    const client = new pg.Client({
      host: running.socketDirectory,
      port: running.port,
      user: login,
      database,
      ...(passwords.has(login) ? { password: passwords.get(login) } : {}),
    });
    await client.connect();
    try {
      const result: unknown = await client.query(text);
      const last = (Array.isArray(result) ? result.at(-1) : result) as pg.QueryResult<Record<string, unknown>>;
      return last.rows;
    } finally {
      await client.end();
    }
  }

  await query('administrator', `CREATE DATABASE ${DATABASE}`, 'postgres');
  return {
    host: running.socketDirectory,
    port: running.port,
    passwordFile: (login) => join(secrets, login),
    sql: (login, text) =>
      query(
        login,
        text.replaceAll(/:'(\w+)'/g, (_, name: string) => `'${passwords.get(name as DemoLogin) ?? ''}'`),
        DATABASE,
      ),
    writes: async () =>
      (await readFile(logPath, 'utf8')).split('\n').flatMap((line) => {
        const write = parseWrite(line);
        return write === undefined ? [] : [write];
      }),
    stop: () => stop(running, dataDirectory),
  };
}
