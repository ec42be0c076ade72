import { spawn } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, open, readFile, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { OperationError } from '../../core/model/operation-error.ts';
import type { PostgresBinaries } from './binaries.ts';

/** The unprivileged account the server runs as when it is started by root. */
const NOBODY = 65_534;
const LONGEST_SOCKET_FOLDER = 100;
const INITDB_DEADLINE = 60_000;
const START_DEADLINE = 60_000;
const STOP_DEADLINE = 30_000;
const POLL = 20;

/** How a server differs from the defaults. */
export interface ServerOptions {
  readonly binaries: PostgresBinaries;
  readonly dataDirectory: string;
  readonly user: string;
  /** `name=value` pairs of postgresql.conf. */
  readonly settings: readonly string[];
  /** Authentication on the socket after initdb: `trust` behind the folder's mode, or passwords. */
  readonly authentication: 'trust' | 'scram-sha-256';
  readonly passwordFile?: string;
}

/** A server that answers. */
export interface RunningServer {
  readonly pid: number;
  readonly socketDirectory: string;
  readonly port: number;
}

const NETWORK_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0x6969, 0xff534d42, 0x517b, 0xfe534d42, 0x01021997, 0x00c36400,
]);

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function accountOptions(): { readonly uid?: number; readonly gid?: number } {
  return isRoot() ? { uid: NOBODY, gid: NOBODY } : {};
}

function startError(message: string, next: string, cause?: unknown): OperationError {
  return new OperationError('STORE_UNAVAILABLE', `cannot start the embedded PostgreSQL: ${message}`, {
    retry: 'later',
    next,
    cause,
  });
}

async function tail(file: string): Promise<string> {
  const text = (await readFile(file, 'utf8').catch(() => undefined)) ?? '';
  return text.trim().split('\n').slice(-5).join(' | ');
}

/** Refuses a folder whose file system other machines may write too: PostgreSQL's lock would not hold there. */
export async function requireLocalFileSystem(folder: string): Promise<void> {
  const { type } = await statfs(folder);
  if (NETWORK_FILE_SYSTEMS.has(type)) {
    throw new OperationError('STORE_NOT_LOCAL', `cannot keep the store in ${folder}: it is on a network file system`, {
      retry: 'no',
      next: 'use a local folder, or set DATABASE_URL',
    });
  }
}

async function ownedFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  if (isRoot()) await chown(folder, NOBODY, NOBODY);
}

function run(command: string, argv: readonly string[], logFile: number): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, argv, {
      ...accountOptions(),
      cwd: '/',
      stdio: ['ignore', logFile, logFile],
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      timeout: INITDB_DEADLINE,
    });
    child.once('error', reject);
    child.once('exit', resolve);
  });
}

/** Makes a new cluster in an empty folder: UTF-8, byte order, checksums. */
export async function initialise(options: ServerOptions, logPath: string): Promise<void> {
  await ownedFolder(options.dataDirectory);
  await requireLocalFileSystem(options.dataDirectory);
  const log = await open(logPath, 'a', 0o600);
  try {
    const argv = [
      '-D',
      options.dataDirectory,
      '-U',
      options.user,
      '--encoding=UTF8',
      '--locale=C',
      `--auth=${options.authentication}`,
      '--data-checksums',
      '--no-sync',
      ...(options.passwordFile === undefined ? [] : [`--pwfile=${options.passwordFile}`]),
    ];
    const code = await run(
      options.binaries.initdb,
      argv.filter((each) => each !== '--no-sync' || options.settings.includes('fsync=off')),
      log.fd,
    );
    if (code !== 0)
      throw startError(
        `initdb failed: ${await tail(logPath)}`,
        'see the log; a folder above the data must be readable for the account nobody when Kedge runs as root',
      );
  } finally {
    await log.close();
  }
}

async function socketFolder(dataDirectory: string): Promise<string> {
  if (Buffer.byteLength(dataDirectory) <= LONGEST_SOCKET_FOLDER) return dataDirectory;
  const folder = await mkdtemp(join(tmpdir(), 'kedge-pg-'));
  await ownedFolder(folder);
  return folder;
}

/** What a running postmaster says of itself; undefined when there is none or it is not ready. */
export async function readPidFile(
  dataDirectory: string,
): Promise<(RunningServer & { readonly ready: boolean }) | undefined> {
  const text = await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8').catch(() => undefined);
  const lines = text?.split('\n') ?? [];
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0 || !(await isAlive(pid))) return undefined;
  return {
    pid,
    port: Number(lines[3]),
    socketDirectory: (lines[4] ?? '').trim(),
    ready: (lines[7] ?? '').trim() === 'ready',
  };
}

/** Whether a process lives. One that ended and was not yet reaped does not. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
  const text = (await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)) ?? '';
  return !/\) Z /.test(text);
}

async function untilReady(dataDirectory: string, deadline: number): Promise<RunningServer | undefined> {
  while (performance.now() < deadline) {
    const found = await readPidFile(dataDirectory);
    if (found?.ready === true) return found;
    await wait(POLL);
  }
  return undefined;
}

/** Starts a server on an initialised folder and waits until it answers. It outlives this process until it is stopped. */
export async function start(options: ServerOptions, logPath: string): Promise<RunningServer> {
  await requireLocalFileSystem(options.dataDirectory);
  const sockets = await socketFolder(options.dataDirectory);
  const settings = [`unix_socket_directories=${sockets}`, 'unix_socket_permissions=0700', ...options.settings].flatMap(
    (setting) => ['-c', setting],
  );
  const log = await open(logPath, 'a', 0o600);
  let exited: number | null | undefined;
  try {
    const child = spawn(options.binaries.postgres, ['-D', options.dataDirectory, ...settings], {
      ...accountOptions(),
      cwd: '/',
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    });
    child.once('error', () => {
      exited = -1;
    });
    child.once('exit', (code) => {
      exited = code;
    });
    child.unref();
    const deadline = performance.now() + START_DEADLINE;
    const ready = untilReady(options.dataDirectory, deadline);
    const early = (async (): Promise<undefined> => {
      while (
        exited === undefined &&
        performance.now() < deadline &&
        (await readPidFile(options.dataDirectory))?.ready !== true
      )
        await wait(POLL);
      if (exited !== undefined) throw startError(`the server ended at once: ${await tail(logPath)}`, `see ${logPath}`);
      return undefined;
    })();
    const server = (await Promise.race([ready, early])) ?? (await ready);
    if (server === undefined) throw startError(`no answer within ${START_DEADLINE / 1_000}s`, `see ${logPath}`);
    return server;
  } finally {
    await log.close();
  }
}

/** Stops a server: fast shutdown, then immediate when it does not end in time. */
export async function stop(server: RunningServer, dataDirectory: string): Promise<void> {
  signal(server.pid, 'SIGINT');
  if (!(await untilGone(server.pid, STOP_DEADLINE))) {
    signal(server.pid, 'SIGQUIT');
    await untilGone(server.pid, STOP_DEADLINE);
  }
  if (
    server.socketDirectory !== '' &&
    server.socketDirectory !== dataDirectory &&
    server.socketDirectory.startsWith(tmpdir())
  ) {
    await rm(server.socketDirectory, { recursive: true, force: true });
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
  }
}

async function untilGone(pid: number, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  while (performance.now() < deadline) {
    if (!(await isAlive(pid))) return true;
    await wait(POLL);
  }
  return false;
}
