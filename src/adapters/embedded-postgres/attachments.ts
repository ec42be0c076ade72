import { link, mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { OperationError } from '../../core/model/operation-error.ts';
import { isAlive } from './server-process.ts';

const LOCK_DEADLINE = 90_000;
const POLL = 25;

/** When a process began, so that a reused number is not taken for it. */
async function startOf(pid: number): Promise<string> {
  const text = (await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)) ?? '';
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

async function nameOf(pid: number): Promise<string> {
  return `${pid}-${await startOf(pid)}`;
}

async function lives(name: string): Promise<boolean> {
  const pid = Number(name.split('-')[0]);
  return Number.isSafeInteger(pid) && pid > 0 && (await isAlive(pid)) && (await nameOf(pid)) === name;
}

/** Runs a piece of work that only one process at a time may do; a lock whose owner died is taken over. */
export async function exclusively<T>(folder: string, work: () => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'lock');
  const own = await nameOf(process.pid);
  const deadline = performance.now() + LOCK_DEADLINE;
  while (!(await take(path, own))) {
    if (performance.now() > deadline) {
      throw new OperationError(
        'STORE_UNAVAILABLE',
        `cannot reach the store: another process has been starting it for ${LOCK_DEADLINE / 1_000}s (${path})`,
        { retry: 'later', next: 'end that process, or remove the file when none is there' },
      );
    }
    await wait(POLL);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

let attempts = 0;

/** Makes a lock file that is never seen without its owner's name; false when one is there. */
async function tryLock(path: string, own: string): Promise<boolean> {
  attempts += 1;
  const beside = `${path}.${own}.${attempts}`;
  await writeFile(beside, own, { mode: 0o600 });
  try {
    await link(beside, path);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    return false;
  } finally {
    await rm(beside, { force: true });
  }
}

async function removeIfDead(path: string): Promise<void> {
  const owner = await readFile(path, 'utf8').catch(() => undefined);
  if (owner !== undefined && !(await lives(owner))) await rm(path, { force: true });
}

/**
 * Takes the lock, or clears away one whose owner died. Only who holds the breaking lock removes a lock of another, and looks at its
 * owner again under it: a lock that somebody has just taken over is never removed.
 */
async function take(path: string, own: string): Promise<boolean> {
  if (await tryLock(path, own)) return true;
  const owner = await readFile(path, 'utf8').catch(() => undefined);
  if (owner === undefined || (await lives(owner))) return false;
  const breaking = `${path}.breaking`;
  if (await tryLock(breaking, own)) {
    await removeIfDead(path);
    await rm(breaking, { force: true });
  } else await removeIfDead(breaking);
  return false;
}

/** Notes that this process uses the server. */
export async function attach(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = await open(join(folder, `user-${await nameOf(process.pid)}`), 'w', 0o600);
  await file.close();
}

/** Takes this process's note away, with those of processes that died; says whether another one still uses the server. */
export async function detach(folder: string): Promise<{ readonly othersRemain: boolean }> {
  const own = await nameOf(process.pid);
  let othersRemain = false;
  for (const entry of await readdir(folder)) {
    const name = entry.startsWith('user-') ? entry.slice('user-'.length) : undefined;
    if (name === undefined) continue;
    if (name !== own && (await lives(name))) othersRemain = true;
    else await rm(join(folder, entry), { force: true });
  }
  return { othersRemain };
}
