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

  return {
    uri: pathToFileURL(root).href.replace(/\/$/, ''),

    async claim(origin) {
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
      const found = await read('origin');
      const own = `${JSON.stringify({ store: origin.store, origin: origin.origin })}\n`;
      if (found === undefined) {
        await place(full('origin'), new TextEncoder().encode(own)).catch((cause: unknown) => {
          throw unavailable(`claim the evidence store ${root}`, cause);
        });
        return;
      }
      const there = JSON.parse(new TextDecoder().decode(found)) as { store?: unknown };
      if (there.store !== origin.store) {
        throw new OperationError(
          'EVIDENCE_ROOT_TAKEN',
          `cannot publish to ${root}: it is the evidence of another store`,
          { retry: 'no', next: 'give each store its own evidence.dir' },
        );
      }
    },

    async putOnce(path, bytes) {
      const found = await read(path);
      if (found !== undefined) {
        if (Buffer.compare(found, bytes) === 0) return;
        throw new OperationError(
          'EVIDENCE_CONFLICT',
          `cannot put ${path} into the evidence store: other bytes stand there`,
          { retry: 'no', next: 'publishing has stopped; compare both before anything else' },
        );
      }
      await place(full(path), bytes).catch((cause: unknown) => {
        throw unavailable(`put ${path} into the evidence store`, cause);
      });
    },

    async replace(path, bytes) {
      await place(full(path), bytes).catch((cause: unknown) => {
        throw unavailable(`replace ${path} of the evidence store`, cause);
      });
    },

    read,

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
