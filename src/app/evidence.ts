import { gunzipSync } from 'node:zlib';
import { buildBundle, type BundledEntry } from '../core/evidence/bundle/build-bundle.ts';
import { parseCheckpoint, hashFile, leafFile, LEAVES_A_FILE } from '../core/evidence/checkpoint.ts';
import { openEnvelope } from '../core/evidence/envelope.ts';
import { artifactPath, findingFolder } from '../core/evidence/evidence-path.ts';
import type { Hash } from '../core/evidence/merkle.ts';
import { parseStatement, type Statement } from '../core/evidence/statement.ts';
import { sha256, type Digest } from '../core/model/digest.ts';
import { OperationError } from '../core/model/operation-error.ts';
import type { EvidenceStore } from '../ports/evidence-store.ts';
import type { Store } from '../ports/store.ts';
import { jsonText } from '../core/model/json.ts';

const LARGEST_ARTIFACT_BYTES = 1024 * 1024 * 1024;

/** What evidence is read from: the published files, and the store for what is not published yet. */
export interface EvidenceSources {
  readonly evidence: EvidenceStore;
  readonly store: Store;
  readonly vkey: string;
}

interface ReadEntry {
  readonly envelope: Uint8Array | undefined;
  readonly payloadDigest: Digest;
  readonly statement: Statement;
}

async function readEnvelope(evidence: EvidenceStore, path: string): Promise<ReadEntry | undefined> {
  const envelope = await evidence.read(path);
  if (envelope === undefined) return undefined;
  const { payload } = openEnvelope(envelope);
  return { envelope, payloadDigest: sha256(payload), statement: parseStatement(payload) };
}

/** Entries of one thing in the order they were chained in; what has no predecessor among them comes first. */
function inChainOrder(entries: readonly ReadEntry[]): readonly ReadEntry[] {
  const next = new Map<string | undefined, ReadEntry[]>();
  const known = new Set(entries.map((entry) => entry.payloadDigest as string));
  for (const entry of entries) {
    const { previous } = entry.statement.predicate;
    const key = previous !== undefined && known.has(previous) ? previous : undefined;
    next.set(key, [...(next.get(key) ?? []), entry]);
  }
  const ordered: ReadEntry[] = [];
  let waiting: readonly ReadEntry[] = next.get(undefined) ?? [];
  while (waiting.length > 0) {
    ordered.push(...waiting);
    waiting = waiting.flatMap((entry) => next.get(entry.payloadDigest) ?? []);
  }
  return ordered;
}

async function readPublished(evidence: EvidenceStore, findingId: string): Promise<readonly ReadEntry[]> {
  const folder = findingFolder(findingId);
  if (folder === undefined) return [];
  const paths = (await evidence.list(folder)).filter((path) => path.endsWith('.dsse.json'));
  const read = await Promise.all(paths.map((path) => readEnvelope(evidence, `${folder}/${path}`)));
  return read.filter((entry) => entry !== undefined);
}

function noEvidence(findingId: string): OperationError {
  return new OperationError('FINDING_UNKNOWN', `there is no evidence of ${findingId}`, {
    retry: 'no',
    next: '`kedge findings list --all` shows what is known; the folder of evidence is evidence.dir',
  });
}

/** Every entry about a finding: the published ones from the evidence store, the rest from where they were recorded. */
export async function readFindingEntries(sources: EvidenceSources, findingId: string): Promise<readonly Statement[]> {
  const published = await readPublished(sources.evidence, findingId);
  const known = new Set(published.map((entry) => entry.statement.predicate.id));
  const recorded = (await sources.store.entries.listEntries({ kind: 'FINDING', id: findingId }))
    .filter((entry) => !known.has(entry.id))
    .map((entry) => ({ envelope: undefined, payloadDigest: entry.digest, statement: parseStatement(entry.statement) }));
  const all = inChainOrder([...published, ...recorded]);
  if (all.length === 0) throw noEvidence(findingId);
  return all.map((entry) => entry.statement);
}

/** The entries of the checks that a finding's entries rest on. */
async function readCheckEntries(
  evidence: EvidenceStore,
  statements: readonly Statement[],
): Promise<readonly ReadEntry[]> {
  const wanted = new Set(statements.map(({ predicate }) => jsonText(predicate.body['checkId'])));
  const folders = new Set(
    statements.map(
      ({ predicate }) => `checks/${predicate.at.slice(0, 10).replaceAll('-', '/')}/${predicate.unit ?? ''}`,
    ),
  );
  const found: ReadEntry[] = [];
  for (const folder of [...folders].sort()) {
    for (const path of await evidence.list(folder)) {
      if (!/-check-(?:drifted|unknown)\.dsse\.json$/.test(path)) continue;
      const entry = await readEnvelope(evidence, `${folder}/${path}`);
      if (entry !== undefined && wanted.has(jsonText(entry.statement.predicate.body['checkId']))) found.push(entry);
    }
  }
  return found;
}

async function readLog(
  evidence: EvidenceStore,
): Promise<{ readonly checkpoint: string; readonly hashes: readonly Hash[] }> {
  const bytes = await evidence.read('log/1/checkpoint');
  const checkpoint = bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  const size = checkpoint === undefined ? undefined : parseCheckpoint(checkpoint)?.size;
  if (checkpoint === undefined || size === undefined)
    throw new OperationError('EVIDENCE_UNAVAILABLE', 'cannot export: the evidence store has no checkpoint', {
      retry: 'later',
      next: 'run `kedge doctor`',
    });
  const hashes: Hash[] = [];
  for (let from = 0; from < size; from += LEAVES_A_FILE) {
    const file = (await evidence.read(`log/1/${hashFile(from)}`)) ?? new Uint8Array();
    for (let at = 0; at < file.length && hashes.length < size; at += 32) hashes.push(file.subarray(at, at + 32));
  }
  return { checkpoint, hashes };
}

/** Index in the log of each wanted entry, read from the leaves. */
async function readIndexes(
  evidence: EvidenceStore,
  size: number,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, number>> {
  const indexes = new Map<string, number>();
  for (let from = 0; from < size && indexes.size < wanted.size; from += LEAVES_A_FILE) {
    const text = new TextDecoder().decode((await evidence.read(`log/1/${leafFile(from)}`)) ?? new Uint8Array());
    for (const [at, line] of text.split('\n').entries()) {
      const id = /"id":"([0-9A-HJKMNP-TV-Z]{26})"/.exec(line)?.[1];
      if (id !== undefined && wanted.has(id) && from + at < size) indexes.set(id, from + at);
    }
  }
  return indexes;
}

async function readArtifacts(
  evidence: EvidenceStore,
  entries: readonly ReadEntry[],
): Promise<ReadonlyMap<Digest, Uint8Array>> {
  const artifacts = new Map<Digest, Uint8Array>();
  for (const { digest } of entries.flatMap((entry) => entry.statement.predicate.artifacts)) {
    const packed = await evidence.read(artifactPath(digest as Digest));
    if (packed !== undefined)
      artifacts.set(digest as Digest, new Uint8Array(gunzipSync(packed, { maxOutputLength: LARGEST_ARTIFACT_BYTES })));
  }
  return artifacts;
}

/** One archive with the published evidence of a finding; the same evidence gives the same bytes. */
export async function exportFinding(
  sources: EvidenceSources,
  findingId: string,
  since: readonly string[] = [],
): Promise<Uint8Array> {
  const own = inChainOrder(await readPublished(sources.evidence, findingId));
  if (own.length === 0) throw noEvidence(findingId);
  const checks = await readCheckEntries(
    sources.evidence,
    own.map((entry) => entry.statement),
  );
  const all = [...own, ...checks];
  const { checkpoint, hashes } = await readLog(sources.evidence);
  const indexes = await readIndexes(
    sources.evidence,
    hashes.length,
    new Set(all.map((entry) => entry.statement.predicate.id)),
  );
  const entries = all.flatMap(({ envelope, statement }): readonly BundledEntry[] => {
    const index = indexes.get(statement.predicate.id);
    return index === undefined || envelope === undefined ? [] : [{ index, envelope, statement }];
  });
  entries.sort((left, right) => left.index - right.index);
  const artifacts = await readArtifacts(sources.evidence, all);
  return await buildBundle({ findingId, entries, artifacts, hashes, checkpoint, since, vkeys: [sources.vkey] });
}
