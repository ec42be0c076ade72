import { mkdtemp, readFile, rm, chmod } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { findBinaries, openBinaries, type PostgresBinaries } from '../../src/adapters/embedded-postgres/binaries.ts';
import {
  initialise,
  start,
  stop,
  type RunningServer,
  type ServerOptions,
} from '../../src/adapters/embedded-postgres/server-process.ts';

/** A throw-away PostgreSQL server for one test file. */
export interface TestServer {
  readonly major: number;
  readonly host: string;
  readonly port: number;
  /** Loopback TCP port; the socket serves the same server. */
  readonly user: string;
  readonly logPath: string;
  readonly folder: string;
  sql(text: string, database?: string): Promise<pg.QueryResult>;
  connect(options?: {
    readonly database?: string;
    readonly user?: string;
    readonly password?: string;
  }): Promise<pg.Client>;
  readLog(): Promise<string>;
  stop(): Promise<void>;
  restart(): Promise<void>;
}

/** Majors to run on: 18 from npm always; others where their packages were prepared. */
export const MAJORS: readonly number[] = (process.env['KEDGE_TEST_PG_MAJORS'] ?? '18').split(',').map(Number);

async function binariesOf(major: number): Promise<PostgresBinaries> {
  const home = process.env[`KEDGE_TEST_PG_HOME_${major}`];
  if (home !== undefined) return await openBinaries(home);
  if (major !== 18) throw new Error(`no PostgreSQL ${major}: set KEDGE_TEST_PG_HOME_${major}`);
  return await findBinaries();
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => {
    probe.listen(0, '127.0.0.1', resolve);
  });
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => {
    probe.close(resolve);
  });
  return port;
}

/** A port that was free a moment ago may be another server's now: then the next one is tried. */
async function startOnFreePort(
  at: (port: number) => ServerOptions,
  logPath: string,
): Promise<{ readonly port: number; readonly server: ServerOptions; readonly started: RunningServer }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const server = at(port);
    try {
      return { port, server, started: await start(server, logPath) };
    } catch (cause) {
      if (attempt === 5 || !String(cause).includes('Address already in use')) throw cause;
    }
  }
}

/** Starts a server with passwords for TCP and trust on its socket, without fsync: it lives for one test file. */
export async function startServer(
  options: { readonly major?: number; readonly settings?: readonly string[]; readonly durable?: boolean } = {},
): Promise<TestServer> {
  const major = options.major ?? 18;
  const folder = await mkdtemp(join(tmpdir(), `kedge-test-${major}-`));
  await chmod(folder, 0o755);
  const dataDirectory = join(folder, 'data');
  const logPath = join(folder, 'server.log');
  const durability =
    options.durable === true ? ['fsync=on'] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];
  const binaries = await binariesOf(major);
  const at = (chosen: number): ServerOptions => ({
    binaries,
    dataDirectory,
    user: 'postgres',
    authentication: 'trust',
    settings: [
      'listen_addresses=127.0.0.1',
      `port=${chosen}`,
      ...durability,
      'log_statement=all',
      'timezone=UTC',
      'max_connections=80',
      ...(options.settings ?? []),
    ],
  });
  await initialise(at(0), logPath);
  const { port, server, started } = await startOnFreePort(at, logPath);
  let running: RunningServer = started;
  const connect: TestServer['connect'] = async (to = {}) => {
    const client = new pg.Client({
      host: running.socketDirectory,
      port,
      user: to.user ?? 'postgres',
      database: to.database ?? 'postgres',
      ...(to.password === undefined ? {} : { password: to.password }),
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  return {
    major,
    host: running.socketDirectory,
    port,
    user: 'postgres',
    logPath,
    folder,
    connect,
    sql: async (text, database) => {
      const client = await connect(database === undefined ? {} : { database });
      try {
        return await client.query(text);
      } finally {
        await client.end();
      }
    },
    readLog: () => readFile(logPath, 'utf8'),
    restart: async () => {
      await stop(running, dataDirectory);
      running = await start(server, logPath);
    },
    stop: async () => {
      await stop(running, dataDirectory);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
