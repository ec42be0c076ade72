import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

/** The kernel and the process space a process number belongs to; empty where the system does not say. */
async function readProcessSpace(): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => undefined);
  const space = await readlink('/proc/self/ns/pid').catch(() => undefined);
  return `${boot?.slice(0, 8) ?? ''}${/\d+/.exec(space ?? '')?.[0] ?? ''}`;
}

/** When a process began, so that a reused number is not taken for it; undefined when there is none, or only its remains. */
async function startOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ') ?? [];
  return fields[0] === 'Z' ? undefined : fields[19];
}

/** Names this process in leases, for people and for `probeHolder`: `pid 4711 on host (5f0c41d24026531836-88413)`. */
export async function holderName(): Promise<string> {
  return `pid ${process.pid} on ${hostname()} (${await readProcessSpace()}-${(await startOf(process.pid)) ?? ''})`;
}

/** The holder as people read it, without what only a machine compares. */
export function holderText(holder: string): string {
  return holder.replace(/ \([0-9a-f]*-\d*\)$/, '');
}

/** Whether the process a lease names still lives. Only of its own kernel and process space does a machine know that. */
export async function probeHolder(holder: string): Promise<'alive' | 'dead' | 'unknown'> {
  const hit = /^pid (?<pid>\d+) on .* \((?<space>[0-9a-f]+)-(?<start>\d+)\)$/.exec(holder)?.groups;
  const space = await readProcessSpace();
  if (hit === undefined || space === '' || hit['space'] !== space) return 'unknown';
  return (await startOf(Number(hit['pid']))) === hit['start'] ? 'alive' : 'dead';
}
