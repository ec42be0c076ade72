import fastCheck from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CompactRange,
  consistencyProof,
  inclusionProof,
  leafHash,
  rootOf,
  verifyConsistency,
  verifyInclusion,
  type Hash,
} from './merkle.ts';

/** The eight leaves of the test vectors of RFC 6962's reference implementation. */
const EIGHT = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const EIGHT_ROOT = '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328';

function hashesOf(size: number): readonly Hash[] {
  return Array.from({ length: size }, (_, at) => leafHash(new TextEncoder().encode(`leaf ${at}`)));
}

const flipped = (hash: Hash): Hash => Uint8Array.from(hash, (byte, at) => (at === 7 ? byte ^ 1 : byte));

describe('the Merkle tree of the log', () => {
  it('EV-14: has the known root over the eight known leaves', () => {
    const hashes = EIGHT.map((hex) => leafHash(Buffer.from(hex, 'hex')));
    const range = new CompactRange();
    for (const hash of hashes) range.append(hash);

    expect(Buffer.from(rootOf(hashes)).toString('hex')).toBe(EIGHT_ROOT);
    expect(Buffer.from(range.root()).toString('hex')).toBe(EIGHT_ROOT);
  });

  it('EV-14: proves every leaf of logs up to 3,000 leaves, and no mutated proof', () => {
    const all = hashesOf(3_000);
    fastCheck.assert(
      fastCheck.property(
        fastCheck.integer({ min: 1, max: 3_000 }),
        fastCheck.nat(),
        fastCheck.nat(),
        (size, chosen, mutated) => {
          const hashes = all.slice(0, size);
          const index = chosen % size;
          const proof = inclusionProof(hashes, index);
          const at = { index, size, leaf: hashes[index] as Hash, root: rootOf(hashes) };

          expect(verifyInclusion(proof, at)).toBe(true);
          expect(verifyInclusion(proof, { ...at, leaf: flipped(at.leaf) })).toBe(false);
          expect(verifyInclusion([...proof, at.root], at)).toBe(false);
          if (proof.length === 0) return;
          const place = mutated % proof.length;
          expect(
            verifyInclusion(
              proof.map((hash, each) => (each === place ? flipped(hash) : hash)),
              at,
            ),
          ).toBe(false);
          expect(verifyInclusion(proof.slice(1), at)).toBe(false);
          expect(size === 1 || verifyInclusion(proof, { ...at, index: (index + 1) % size })).toBe(size === 1);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('EV-14: proves every beginning of a log to be one, and nothing else', () => {
    const all = hashesOf(3_000);
    fastCheck.assert(
      fastCheck.property(
        fastCheck.integer({ min: 1, max: 3_000 }),
        fastCheck.nat(),
        fastCheck.nat(),
        (second, chosen, mutated) => {
          const first = 1 + (chosen % second);
          const hashes = all.slice(0, second);
          const logs = { first, firstRoot: rootOf(all.slice(0, first)), second, secondRoot: rootOf(hashes) };
          const proof = consistencyProof(hashes, first);

          expect(verifyConsistency(proof, logs)).toBe(true);
          expect(verifyConsistency(proof, { ...logs, firstRoot: flipped(logs.firstRoot) })).toBe(false);
          expect(verifyConsistency(proof, { ...logs, secondRoot: flipped(logs.secondRoot) })).toBe(false);
          if (proof.length === 0) return;
          const place = mutated % proof.length;
          expect(
            verifyConsistency(
              proof.map((hash, each) => (each === place ? flipped(hash) : hash)),
              logs,
            ),
          ).toBe(false);
        },
      ),
      { numRuns: 150 },
    );
  });
});
