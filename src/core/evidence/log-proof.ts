import type { Hash } from './merkle.ts';

const HEADER = 'c2sp.org/tlog-proof@v1';

/** A leaf's place in a log with the checkpoint that covers it. */
export interface LogProof {
  readonly index: number;
  readonly hashes: readonly Hash[];
  readonly checkpoint: string;
}

/** Writes a proof: header, index, hashes, empty line, checkpoint. */
export function formatLogProof(proof: LogProof): string {
  return [
    HEADER,
    `index ${proof.index}`,
    ...proof.hashes.map((hash) => Buffer.from(hash).toString('base64')),
    '',
    proof.checkpoint,
  ].join('\n');
}

/** Reads a proof; undefined when it is none. */
export function parseLogProof(text: string): LogProof | undefined {
  const lines = text.split('\n');
  const end = lines.indexOf('');
  const index = /^index (0|[1-9]\d{0,15})$/.exec(lines[1] ?? '')?.[1];
  if (lines[0] !== HEADER || index === undefined || end < 2 || end > 80) return undefined;
  const hashes = lines.slice(2, end).map((line) => Buffer.from(line, 'base64'));
  if (hashes.some((hash, at) => hash.length !== 32 || hash.toString('base64') !== lines[at + 2])) return undefined;
  return {
    index: Number(index),
    hashes: hashes.map((hash) => new Uint8Array(hash)),
    checkpoint: lines.slice(end + 1).join('\n'),
  };
}
