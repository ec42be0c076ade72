import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** How a program ended, and what it printed. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** A program that runs, and what it printed so far. */
export interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<Ended>;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Another user of the machine; needs root. */
  readonly uid?: number;
  readonly milliseconds?: number;
}

/** What a program needs of the environment to reach a package registry from here. */
const REACHES = /^(?:npm_config_|https?_proxy$|no_proxy$|all_proxy$|node_extra_ca_certs$|ssl_cert)/i;

function reaching(): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => REACHES.test(name)));
}

/** Starts a program with a deadline, and with nothing of the environment but what finds programs and a package registry. */
export function start(command: string, words: readonly string[], options: RunOptions): Running {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(command, words, {
    cwd: options.cwd,
    env: { ...reaching(), PATH, HOME, NO_COLOR: '1', NODE_DISABLE_COMPILE_CACHE: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.milliseconds ?? 240_000,
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  const parts: Buffer[] = [];
  const output = (): string => Buffer.concat(parts).toString();
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  child.stderr.on('data', (part: Buffer) => parts.push(part));
  const ended = new Promise<Ended>((done, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => {
      done({ code, signal, output: output() });
    });
  });
  return { child, output, ended };
}

/** Runs a program to its end. */
export function run(command: string, words: readonly string[], options: RunOptions): Promise<Ended> {
  return start(command, words, options).ended;
}

/** What a clone would hold: every file that is, or would be, committed. */
function tracked(): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
  return listed
    .toString()
    .split('\0')
    .filter((name) => name !== '');
}

/** A fresh clone below the temporary folder; with the dependencies of this checkout when they are not what is tested. */
export async function makeClone(options: { readonly dependencies: boolean }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kedge-clone-'));
  await chmod(folder, 0o755);
  for (const name of tracked()) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await cp(join(ROOT, name), join(folder, name)).catch((cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    });
  }
  if (options.dependencies) await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

export async function readText(...parts: readonly string[]): Promise<string> {
  return await readFile(join(...parts), 'utf8');
}
