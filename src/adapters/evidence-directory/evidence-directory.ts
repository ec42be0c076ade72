import { chmod, mkdir, open, readdir, readFile, rename, rm, statfs, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { OperationError } from '../../core/model/operation-error.ts';
import type { EvidenceStore } from '../../ports/evidence-store.ts';

const NETWORK_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0x6969, 0xff534d42, 0x517b, 0xfe534d42, 0x01021997, 0x00c36400,
]);
const SAFE_SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,200}$/;

function unavailable(attempt: string, cause: unknown): OperationError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new OperationError('EVIDENCE_UNAVAILABLE', `cannot ${attempt}: ${why}`, {
    retry: 'later',
    next: 'make the folder of evidence.dir writable; entries wait in the store until then, and nothing acts',
    cause,
  });
}

function conflict(path: string): OperationError {
  return new OperationError(
    'EVIDENCE_CONFLICT',
    `cannot put ${path} into the evidence store: other bytes stand there`,
    { retry: 'no', next: 'publishing has stopped; compare both before anything else' },
  );
}

/** A disk that does not answer keeps nobody waiting for ever: the call ends with its signal, and whatever the disk does later is safe to repeat. */
async function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      reject(unavailable('reach the evidence store', signal.reason));
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}

function codeOf(cause: unknown): string | undefined {
  return (cause as NodeJS.ErrnoException).code;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeDurably(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function makeFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (made !== undefined) await syncFolder(dirname(made));
}

let counter = 0;

/** Writes beside, makes durable, then moves into place: a reader sees the old file or the new one, never a part. */
async function place(path: string, bytes: Uint8Array): Promise<void> {
  await makeFolder(dirname(path));
  counter += 1;
  const beside = `${path}.${process.pid}.${counter}.part`;
  try {
    await writeDurably(await open(beside, 'wx', 0o600), bytes);
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true });
    throw cause;
  }
  await syncFolder(dirname(path));
}

/** Evidence in a folder of a local disk, 0700 and 0600, every file durable before it is named. */
export function createEvidenceDirectory(root: string): EvidenceStore {
  function full(path: string): string {
    const segments = path.split('/');
    if (!segments.every((segment) => SAFE_SEGMENT.test(segment)))
      throw new Error(`not a path of the evidence store: ${JSON.stringify(path)}`);
    return join(root, ...segments);
  }

  async function read(path: string): Promise<Uint8Array | undefined> {
    try {
      return new Uint8Array(await readFile(full(path)));
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return undefined;
      throw unavailable(`read ${path} of the evidence store`, cause);
    }
  }

  async function put(attempt: string, path: string, bytes: Uint8Array): Promise<void> {
    await place(full(path), bytes).catch((cause: unknown) => {
      throw unavailable(`${attempt} the evidence store`, cause);
    });
  }

  async function openRoot(): Promise<void> {
    try {
      await makeFolder(root);
      await chmod(root, 0o700);
    } catch (cause) {
      throw unavailable(`open the evidence store ${root}`, cause);
    }
    const { type } = await statfs(root);
    if (NETWORK_FILE_SYSTEMS.has(type))
      throw new OperationError('STORE_NOT_LOCAL', `cannot keep evidence in ${root}: it is on a network file system`, {
        retry: 'no',
        next: 'set evidence.dir to a local folder',
      });
  }

  async function claim(origin: Parameters<EvidenceStore['claim']>[0]): Promise<void> {
    await openRoot();
    const found = await read('origin');
    if (found === undefined) {
      const own = `${JSON.stringify({ store: origin.store, origin: origin.origin })}\n`;
      await put('claim', 'origin', new TextEncoder().encode(own));
      return;
    }
    const there = JSON.parse(new TextDecoder().decode(found)) as { store?: unknown };
    if (there.store !== origin.store)
      throw new OperationError(
        'EVIDENCE_ROOT_TAKEN',
        `cannot publish to ${root}: it is the evidence of another store`,
        { retry: 'no', next: 'give each store its own evidence.dir' },
      );
  }

  async function putOnce(path: string, bytes: Uint8Array): Promise<void> {
    const found = await read(path);
    if (found === undefined) await put(`put ${path} into`, path, bytes);
    else if (Buffer.compare(found, bytes) !== 0) throw conflict(path);
  }

  async function extend(path: string, bytes: Uint8Array): Promise<void> {
    const found = (await read(path)) ?? new Uint8Array();
    const shared = Math.min(found.length, bytes.length);
    if (Buffer.compare(found.subarray(0, shared), bytes.subarray(0, shared)) !== 0) throw conflict(path);
    if (bytes.length > found.length) await put(`extend ${path} of`, path, bytes);
  }

  return {
    uri: pathToFileURL(root).href.replace(/\/$/, ''),
    claim: (origin, signal) => untilAborted(signal, () => claim(origin)),
    putOnce: (path, bytes, signal) => untilAborted(signal, () => putOnce(path, bytes)),
    extend: (path, bytes, signal) => untilAborted(signal, () => extend(path, bytes)),
    replace: (path, bytes, signal) => untilAborted(signal, () => put(`replace ${path} of`, path, bytes)),
    read: (path, signal) => (signal === undefined ? read(path) : untilAborted(signal, () => read(path))),

    async list(folder) {
      try {
        const entries = await readdir(full(folder), { recursive: true, withFileTypes: true });
        return entries
          .filter((entry) => entry.isFile() && !entry.name.endsWith('.part'))
          .map((entry) => join(entry.parentPath, entry.name).slice(full(folder).length + 1))
          .sort();
      } catch (cause) {
        if (codeOf(cause) === 'ENOENT') return [];
        throw unavailable(`list ${folder} of the evidence store`, cause);
      }
    },
  };
}
