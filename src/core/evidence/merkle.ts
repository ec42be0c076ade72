import { createHash } from 'node:crypto';

/** A hash of the log: 32 bytes. */
export type Hash = Uint8Array;

/** RFC 6962: SHA-256 over 0x00 and the leaf. */
export function leafHash(leaf: Uint8Array): Hash {
  return new Uint8Array(
    createHash('sha256')
      .update(new Uint8Array([0]))
      .update(leaf)
      .digest(),
  );
}

/** RFC 6962: SHA-256 over 0x01, the left and the right hash. */
export function nodeHash(left: Hash, right: Hash): Hash {
  return new Uint8Array(
    createHash('sha256')
      .update(new Uint8Array([1]))
      .update(left)
      .update(right)
      .digest(),
  );
}

/** The root of an empty log. */
export const EMPTY_ROOT: Hash = new Uint8Array(createHash('sha256').digest());

/** Largest power of two below n. */
function split(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

/** The root of leaf hashes, half open. */
export function rootOf(hashes: readonly Hash[], from = 0, to = hashes.length): Hash {
  if (to - from === 0) return EMPTY_ROOT;
  if (to - from === 1) return hashes[from] ?? EMPTY_ROOT;
  const middle = from + split(to - from);
  return nodeHash(rootOf(hashes, from, middle), rootOf(hashes, middle, to));
}

/** Roots of complete subtrees from the left: all that appending needs. */
export class CompactRange {
  private readonly subtrees: { readonly size: number; readonly hash: Hash }[] = [];
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** Sizes and roots of the complete subtrees, from the left, as text: `[[1024, "base64"], …]`. */
  toText(): string {
    return JSON.stringify(this.subtrees.map(({ size, hash }) => [size, Buffer.from(hash).toString('base64')]));
  }

  /** The range a text was made of. @throws SyntaxError for any other text. */
  static fromText(text: string): CompactRange {
    const range = new CompactRange();
    for (const [size, hash] of JSON.parse(text) as readonly (readonly [number, string])[]) {
      range.subtrees.push({ size, hash: new Uint8Array(Buffer.from(hash, 'base64')) });
      range.count += size;
    }
    return range;
  }

  append(hash: Hash): void {
    let node = { size: 1, hash };
    for (let last = this.subtrees.at(-1); last !== undefined && last.size === node.size; last = this.subtrees.at(-1)) {
      this.subtrees.pop();
      node = { size: node.size * 2, hash: nodeHash(last.hash, node.hash) };
    }
    this.subtrees.push(node);
    this.count += 1;
  }

  root(): Hash {
    const [last, ...rest] = [...this.subtrees].reverse();
    if (last === undefined) return EMPTY_ROOT;
    return rest.reduce((hash, each) => nodeHash(each.hash, hash), last.hash);
  }
}

/** Hashes that prove leaf `index` under the root of `hashes`. */
export function inclusionProof(hashes: readonly Hash[], index: number, from = 0, to = hashes.length): readonly Hash[] {
  if (to - from <= 1) return [];
  const middle = from + split(to - from);
  if (from + index < middle) return [...inclusionProof(hashes, index, from, middle), rootOf(hashes, middle, to)];
  return [...inclusionProof(hashes, from + index - middle, middle, to), rootOf(hashes, from, middle)];
}

function sameHash(left: Hash, right: Hash): boolean {
  return Buffer.compare(left, right) === 0;
}

/** RFC 9162 §2.1.3.2: whether a leaf hash at an index is under a root. */
export function verifyInclusion(
  proof: readonly Hash[],
  at: { readonly index: number; readonly size: number; readonly leaf: Hash; readonly root: Hash },
): boolean {
  if (at.index < 0 || at.index >= at.size) return false;
  let position = BigInt(at.index);
  let last = BigInt(at.size) - 1n;
  let hash = at.leaf;
  for (const each of proof) {
    if (last === 0n) return false;
    if ((position & 1n) === 1n || position === last) {
      hash = nodeHash(each, hash);
      while ((position & 1n) === 0n && position !== 0n) {
        position >>= 1n;
        last >>= 1n;
      }
    } else hash = nodeHash(hash, each);
    position >>= 1n;
    last >>= 1n;
  }
  return last === 0n && sameHash(hash, at.root);
}

/** Hashes that prove the log of `size` leaves a prefix of this one. */
export function consistencyProof(hashes: readonly Hash[], size: number): readonly Hash[] {
  if (size === 0 || size === hashes.length) return [];
  return subproof(hashes, { size, from: 0, to: hashes.length, known: true });
}

function subproof(
  hashes: readonly Hash[],
  part: { readonly size: number; readonly from: number; readonly to: number; readonly known: boolean },
): readonly Hash[] {
  const { size, from, to, known } = part;
  const width = to - from;
  if (size === width) return known ? [] : [rootOf(hashes, from, to)];
  const middle = split(width);
  if (size <= middle)
    return [...subproof(hashes, { size, from, to: from + middle, known }), rootOf(hashes, from + middle, to)];
  return [
    ...subproof(hashes, { size: size - middle, from: from + middle, to, known: false }),
    rootOf(hashes, from, from + middle),
  ];
}

/** Where a proof stands on its way to the root: the node of the older log, and the last node of the newer one, on one level. */
interface Climb {
  readonly position: bigint;
  readonly last: bigint;
}

const isRight = ({ position }: Climb): boolean => (position & 1n) === 1n;

const up = ({ position, last }: Climb): Climb => ({ position: position >> 1n, last: last >> 1n });

/** RFC 9162 §2.1.4.2: whether the log of `first` leaves is a prefix of that of `second`. */
export function verifyConsistency(
  proof: readonly Hash[],
  logs: { readonly first: number; readonly firstRoot: Hash; readonly second: number; readonly secondRoot: Hash },
): boolean {
  const { first, second, firstRoot, secondRoot } = logs;
  if (first === second) return proof.length === 0 && sameHash(firstRoot, secondRoot);
  if (first === 0) return proof.length === 0;
  if (first > second || proof.length === 0) return false;
  const isWholeTree = (BigInt(first) & (BigInt(first) - 1n)) === 0n;
  return provesPrefix(isWholeTree ? [firstRoot, ...proof] : proof, logs);
}

function provesPrefix(
  [start, ...rest]: readonly Hash[],
  { first, second, firstRoot, secondRoot }: Parameters<typeof verifyConsistency>[1],
): boolean {
  if (start === undefined) return false;
  let at: Climb = { position: BigInt(first) - 1n, last: BigInt(second) - 1n };
  while (isRight(at)) at = up(at);
  let left = start;
  let right = start;
  for (const each of rest) {
    if (at.last === 0n) return false;
    if (isRight(at) || at.position === at.last) {
      left = nodeHash(each, left);
      right = nodeHash(each, right);
      while (!isRight(at) && at.position !== 0n) at = up(at);
    } else right = nodeHash(right, each);
    at = up(at);
  }
  return at.last === 0n && sameHash(left, firstRoot) && sameHash(right, secondRoot);
}
