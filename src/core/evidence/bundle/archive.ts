import { packTar, unpackTar } from 'modern-tar';

const MOST_FILES = 10_000;
const MOST_BYTES = 2 * 1024 ** 3;
const LONGEST_NAME = 99;
const GZIP = [0x1f, 0x8b] as const;

/** The files of a bundle by path, in no order. */
export type BundleFiles = ReadonlyMap<string, Uint8Array>;

/** Why an archive is not looked at any further, or what of it contradicts itself. */
export interface ArchiveFault {
  /** `unsafe`: it is refused unread. `doubled`: two files under one name. */
  readonly kind: 'unsafe' | 'doubled';
  readonly file: string;
  readonly message: string;
}

/** An archive taken apart in memory; nothing is ever written. */
export type OpenedArchive =
  | { readonly status: 'opened'; readonly files: BundleFiles; readonly faults: readonly ArchiveFault[] }
  | { readonly status: 'refused'; readonly faults: readonly ArchiveFault[] };

/** Packs files so that the same files give the same bytes: sorted, no owner, time zero. */
export async function packArchive(files: BundleFiles): Promise<Uint8Array> {
  const names = [...files.keys()].sort();
  return await packTar(
    names.map((name) => {
      const body = files.get(name) ?? new Uint8Array();
      const header = {
        name,
        size: body.length,
        mtime: new Date(0),
        mode: 0o644,
        uid: 0,
        gid: 0,
        type: 'file',
      } as const;
      return { header, body };
    }),
  );
}

function nameFault(name: string): string | undefined {
  if (name === '' || name.length > LONGEST_NAME) return 'its name is empty or too long';
  if (name.startsWith('/') || /^[A-Za-z]:/.test(name)) return 'its name is absolute';
  if (!/^[\w.@:+-]+(?:\/[\w.@:+-]+)*$/.test(name)) return 'its name holds characters that no bundle has';
  return name.split('/').some((part) => part === '..' || part === '.') ? 'its name leaves the bundle' : undefined;
}

function refused(file: string, message: string): OpenedArchive {
  return { status: 'refused', faults: [{ kind: 'unsafe', file, message }] };
}

function sizeFault(bytes: Uint8Array): string | undefined {
  if (bytes.length > MOST_BYTES) return 'it is larger than 2 GiB';
  if (bytes[0] === GZIP[0] && bytes[1] === GZIP[1]) return 'it is compressed; a bundle is a plain tar';
  return bytes.length % 512 === 0 && bytes.length > 0 ? undefined : 'it is cut short, or no tar at all';
}

/** Reads an archive; links, devices, names that lead out of it, doubles and twins are told before any file is believed. */
export async function openArchive(bytes: Uint8Array): Promise<OpenedArchive> {
  const fault = sizeFault(bytes);
  if (fault !== undefined) return refused('', `the archive is refused: ${fault}`);
  let entries: Awaited<ReturnType<typeof unpackTar>>;
  try {
    entries = await unpackTar(bytes, { strict: true });
  } catch (cause) {
    return refused('', `the archive is no readable tar: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  if (entries.length > MOST_FILES) return refused('', `the archive holds more than ${MOST_FILES} files`);
  const files = new Map<string, Uint8Array>();
  const twins = new Map<string, string>();
  const faults: ArchiveFault[] = [];
  for (const { header, data } of entries) {
    const { name, type, linkname, pax } = header;
    if (type !== 'file' || data === undefined || (linkname ?? '') !== '' || pax !== undefined)
      return refused(name, `${name} is refused: it is not a plain file`);
    const bad = nameFault(name);
    if (bad !== undefined) return refused(name, `${name} is refused: ${bad}`);
    const twin = twins.get(name.toLowerCase());
    if (twin !== undefined) faults.push({ kind: 'doubled', file: name, message: `${name} stands twice (as ${twin})` });
    else files.set(name, data);
    twins.set(name.toLowerCase(), name);
  }
  return { status: 'opened', files, faults };
}
