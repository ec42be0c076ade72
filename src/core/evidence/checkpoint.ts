import { leafHash, type Hash } from './merkle.ts';
import { parseNote, type ParsedNote } from './signed-note.ts';

/** What a checkpoint promises: this log, of this size, has this root. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
  readonly note: ParsedNote;
}

/** The text of a checkpoint, before it is signed: origin, size, root; no extension lines. */
export function checkpointText(origin: string, size: number, root: Hash): string {
  return `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;
}

/** Reads a signed checkpoint; undefined when it is none. No signature is judged here. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const note = parseNote(text);
  if (note === undefined) return undefined;
  const [origin, size, root, end, ...more] = note.text.split('\n');
  if (
    origin === undefined ||
    origin === '' ||
    size === undefined ||
    !/^(?:0|[1-9]\d{0,15})$/.test(size) ||
    root === undefined ||
    end !== '' ||
    more.length > 0
  )
    return undefined;
  const bytes = Buffer.from(root, 'base64');
  return bytes.length === 32 && bytes.toString('base64') === root
    ? { origin, size: Number(size), root: new Uint8Array(bytes), note }
    : undefined;
}

/** Leaves in one file. */
export const LEAVES_A_FILE = 1_024;

function fileNumber(index: number): string {
  return String(Math.floor(index / LEAVES_A_FILE)).padStart(6, '0');
}

/** Where the leaf of an index stands, below the log's folder. */
export function leafFile(index: number): string {
  return `leaves/${fileNumber(index)}.jsonl`;
}

/** Where the hash of an index stands, below the log's folder. */
export function hashFile(index: number): string {
  return `hashes/${fileNumber(index)}.bin`;
}

/** A file of the log, and where it stands below the log's folder. */
export interface LogFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The leaf file that begins at an index, and the hash file beside it. Each is only ever replaced by a longer form of itself. */
export function logFilesFrom(start: number, leaves: readonly Uint8Array[]): readonly [LogFile, LogFile] {
  return [
    { path: leafFile(start), bytes: Buffer.concat(leaves.flatMap((leaf) => [leaf, Buffer.from('\n')])) },
    { path: hashFile(start), bytes: Buffer.concat(leaves.map((leaf) => leafHash(leaf))) },
  ];
}
