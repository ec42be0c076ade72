import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { aKey, ORIGIN, pinned } from '../../../test/support/evidence-log.ts';
import { checkpointText, LEAVES_A_FILE, logFilesFrom } from './checkpoint.ts';
import { CompactRange, leafHash } from './merkle.ts';
import { signNote } from './signed-note.ts';
import { verifyLog } from './verify/verify-log.ts';

const key = aKey();

/** The folder of a log of so many leaves, as the publisher leaves it. */
function logOf(size: number): Map<string, Uint8Array> {
  const leaves = Array.from({ length: size }, (_, index) => Buffer.from(`{"index":${index}}`));
  const range = new CompactRange();
  for (const leaf of leaves) range.append(leafHash(leaf));
  const files = new Map<string, Uint8Array>();
  for (let start = 0; start < size; start += LEAVES_A_FILE)
    for (const { path, bytes } of logFilesFrom(start, leaves.slice(start, start + LEAVES_A_FILE)))
      files.set(path, bytes);
  files.set('checkpoint', Buffer.from(signNote(checkpointText(ORIGIN, size, range.root()), key)));
  return files;
}

function lines(bytes: Uint8Array | undefined): number {
  return Buffer.from(bytes ?? []).filter((byte) => byte === 10).length;
}

describe('the files of a log', () => {
  it.each([
    { size: 1, files: 1, last: '000000', rest: 1 },
    { size: 1_023, files: 1, last: '000000', rest: 1_023 },
    { size: 1_024, files: 1, last: '000000', rest: 1_024 },
    { size: 1_025, files: 2, last: '000001', rest: 1 },
    { size: 70_000, files: 69, last: '000068', rest: 368 },
  ])(
    'EV-65: $size leaves stand in $files leaf and hash files; a hash changed beside its leaf is tampering',
    async ({ size, files, last, rest }) => {
      const log = logOf(size);
      const names = [...log.keys()];
      expect(names.filter((name) => /^leaves\/\d{6}\.jsonl$/.test(name))).toHaveLength(files);
      expect(names.filter((name) => /^hashes\/\d{6}\.bin$/.test(name))).toHaveLength(files);
      expect(names).toHaveLength(2 * files + 1);
      expect(lines(log.get(`leaves/${last}.jsonl`))).toBe(rest);
      expect(log.get(`hashes/${last}.bin`)).toHaveLength(32 * rest);
      const first = createHash('sha256')
        .update(Buffer.from([0]))
        .update('{"index":0}')
        .digest();
      expect(Buffer.from(log.get('hashes/000000.bin') ?? []).subarray(0, 32)).toEqual(first);

      const question = { keys: pinned(key.vkey), from: undefined, to: undefined };
      const read = (path: string): Promise<Uint8Array | undefined> => Promise.resolve(log.get(path));
      for (const full of [false, true]) {
        const { verdict, faults, size: found } = await verifyLog(read, { ...question, full });
        expect({ verdict, faults, found }).toEqual({ verdict: 'VERIFIED', faults: [], found: size });
      }

      const changed = Uint8Array.from(log.get(`hashes/${last}.bin`) ?? []);
      changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
      log.set(`hashes/${last}.bin`, changed);
      for (const full of [false, true]) expect((await verifyLog(read, { ...question, full })).verdict).toBe('TAMPERED');
      const { faults } = await verifyLog(read, { ...question, full: true });
      expect(faults.map(({ code, file }) => [code, file])).toEqual([['HASH_DIFFERS', `hashes/${last}.bin`]]);
    },
  );
});
