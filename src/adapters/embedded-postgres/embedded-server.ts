import { access, chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { attach, detach, exclusively } from './attachments.ts';
import { findBinaries } from './binaries.ts';
import { initialise, readPidFile, start, stop, type RunningServer, type ServerOptions } from './server-process.ts';

/** The account Kedge is in its own server. */
const USER = 'kedge';

/** How to reach the store's own server, and how to let go of it. */
export interface EmbeddedServer {
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly database: string;
  };
  /** Stops the server when no other process uses it. */
  close(): Promise<void>;
}

async function isInitialised(dataDirectory: string): Promise<boolean> {
  return await access(join(dataDirectory, 'PG_VERSION')).then(
    () => true,
    () => false,
  );
}

async function ensureRunning(options: ServerOptions, logPath: string): Promise<RunningServer> {
  const running = await readPidFile(options.dataDirectory);
  if (running?.ready === true) return running;
  if (!(await isInitialised(options.dataDirectory))) await initialise(options, logPath);
  return await start(options, logPath);
}

/**
 * Starts the real PostgreSQL server for Kedge's own store below a folder, or attaches to the one that already runs there.
 * Durable (fsync on), reachable by a Unix socket alone, shared by several processes: the last one stops it; after a crash of
 * all of them the next one finds it again.
 */
export async function startEmbeddedPostgres(folder: string): Promise<EmbeddedServer> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (process.getuid?.() === 0) await chmod(folder, 0o711);
  const users = join(folder, 'pg-users');
  const dataDirectory = join(folder, 'pg');
  const logPath = join(folder, 'pg.log');
  const options: ServerOptions = {
    binaries: await findBinaries(),
    dataDirectory,
    user: USER,
    authentication: 'trust',
    settings: [
      'listen_addresses=',
      'fsync=on',
      'synchronous_commit=on',
      'max_connections=60',
      'shared_buffers=32MB',
      'log_min_messages=warning',
      'timezone=UTC',
    ],
  };
  const server = await exclusively(users, async () => {
    await attach(users);
    return await ensureRunning(options, logPath);
  });
  return {
    connection: { host: server.socketDirectory, port: server.port, user: USER, database: 'postgres' },
    close: async () => {
      await exclusively(users, async () => {
        const { othersRemain } = await detach(users);
        const running = othersRemain ? undefined : await readPidFile(dataDirectory);
        if (running !== undefined) await stop(running, dataDirectory);
      });
    },
  };
}
