import { canonicalJson, type Digest } from '../../model/digest.ts';
import type { JsonValue } from '../../model/json.ts';
import { createHash } from 'node:crypto';
import { tenAnswers } from '../answers/ten-answers.ts';
import { parseCheckpoint } from '../checkpoint.ts';
import { formatLogProof } from '../log-proof.ts';
import { consistencyProof, inclusionProof, type Hash } from '../merkle.ts';
import type { Statement } from '../statement.ts';
import { packArchive } from './archive.ts';
import {
  bundledArtifactPath,
  CHECKPOINT,
  CONSISTENCY,
  entryPath,
  FINDING,
  MANIFEST,
  policyPath,
  proofPath,
  README,
  RESULT,
  VKEY,
} from './bundle-path.ts';
import type { Consistency } from './consistency.ts';
import { manifestBytes, type Manifest } from './manifest.ts';
import { renderReadme } from './readme.ts';

/** One published entry: its place, its envelope and what the envelope says. */
export interface BundledEntry {
  readonly index: number;
  readonly envelope: Uint8Array;
  readonly statement: Statement;
}

/** Everything a bundle is made of. The entries about the finding, and those of the checks they rest on, in order of the log. */
export interface BundleInput {
  readonly findingId: string;
  readonly entries: readonly BundledEntry[];
  /** Artifacts the entries name, as far as they are still kept. */
  readonly artifacts: ReadonlyMap<Digest, Uint8Array>;
  /** Hash of every leaf under the checkpoint. */
  readonly hashes: readonly Hash[];
  readonly checkpoint: string;
  /** Older checkpoints the reader holds. */
  readonly since: readonly string[];
  readonly vkeys: readonly string[];
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const base64 = (hash: Hash): string => Buffer.from(hash).toString('base64');

/** The finding as its last entry tells it. */
export function lastFinding(statements: readonly Statement[]): JsonValue | undefined {
  return statements.findLast((each) => each.predicate.body['finding'] !== undefined)?.predicate.body['finding'];
}

/** The drift result of the last check among the entries. */
export function lastResult(statements: readonly Statement[]): JsonValue | undefined {
  return statements.findLast((each) => each.predicate.body['driftResult'] !== undefined)?.predicate.body['driftResult'];
}

function consistencyOf(input: BundleInput): Consistency {
  return input.since.map((text) => {
    const checkpoint = parseCheckpoint(text);
    if (checkpoint === undefined || checkpoint.size > input.hashes.length)
      throw new RangeError('a checkpoint given by --since is no checkpoint of this log, or newer than it');
    const proof = consistencyProof(input.hashes, checkpoint.size).map(base64);
    return { size: checkpoint.size, root: base64(checkpoint.root), proof };
  });
}

function entryFiles(input: BundleInput): readonly (readonly [string, Uint8Array])[] {
  return input.entries.flatMap(({ index, envelope, statement }) => {
    const { id } = statement.predicate;
    const proof = formatLogProof({ index, hashes: inclusionProof(input.hashes, index), checkpoint: input.checkpoint });
    return [[entryPath(id), envelope] as const, [proofPath(id), encode(proof)] as const];
  });
}

function artifactFiles(input: BundleInput): readonly (readonly [string, Uint8Array])[] {
  return input.entries.flatMap(({ statement }) =>
    statement.predicate.artifacts.flatMap((artifact): readonly (readonly [string, Uint8Array])[] => {
      const bytes = input.artifacts.get(artifact.digest as Digest);
      if (bytes === undefined) return [];
      return [[artifact.role === 'POLICY_SET' ? policyPath(artifact.digest) : bundledArtifactPath(artifact), bytes]];
    }),
  );
}

function toManifest(findingId: string, files: ReadonlyMap<string, Uint8Array>): Manifest {
  return {
    schemaVersion: '1.0',
    kind: 'EvidenceBundle',
    subject: { kind: 'FINDING', id: findingId },
    files: [...files]
      .map(([path, bytes]) => ({ path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }))
      .sort((left, right) => (left.path < right.path ? -1 : 1)),
  };
}

/** The files of a bundle; the same evidence gives the same files. */
export function bundleFiles(input: BundleInput): ReadonlyMap<string, Uint8Array> {
  const statements = input.entries.map((each) => each.statement);
  const finding = lastFinding(statements);
  const result = lastResult(statements);
  const files = new Map<string, Uint8Array>([
    ...entryFiles(input),
    ...artifactFiles(input),
    [CHECKPOINT, encode(input.checkpoint)],
    [CONSISTENCY, encode(`${canonicalJson(consistencyOf(input))}\n`)],
    [VKEY, encode(input.vkeys.map((vkey) => `${vkey}\n`).join(''))],
    [README, encode(renderReadme(input.findingId, tenAnswers(input.findingId, statements), statements))],
  ]);
  if (finding !== undefined) files.set(FINDING, encode(`${canonicalJson(finding)}\n`));
  if (result !== undefined) files.set(RESULT, encode(`${canonicalJson(result)}\n`));
  files.set(MANIFEST, manifestBytes(toManifest(input.findingId, files)));
  return files;
}

/** One archive with everything an auditor needs to verify a finding offline. */
export async function buildBundle(input: BundleInput): Promise<Uint8Array> {
  return await packArchive(bundleFiles(input));
}
