import type { BundleFiles } from '../bundle/archive.ts';
import { CHECKPOINT, proofPath } from '../bundle/bundle-path.ts';
import { parseCheckpoint, type Checkpoint } from '../checkpoint.ts';
import { leafOf } from '../leaf.ts';
import { parseLogProof } from '../log-proof.ts';
import { leafHash, verifyInclusion } from '../merkle.ts';
import { noteSignedBy } from '../signed-note.ts';
import type { OpenedEntry } from './signature-step.ts';
import type { TrustedKey } from './trust.ts';
import type { Fault } from './verdict.ts';

/** An entry whose place in the log is proved. */
export interface PlacedEntry extends OpenedEntry {
  readonly index: number;
}

/** The checkpoint of the bundle, and the entries under it in order of the log. */
export interface LogStep {
  readonly checkpoint: Checkpoint | undefined;
  readonly entries: readonly PlacedEntry[];
  readonly faults: readonly Fault[];
}

type MakeFault = (verdict: Fault['verdict'], code: string, message: string) => Fault;

function decode(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

function checkpointFault(text: string | undefined, keys: readonly TrustedKey[]): Fault | undefined {
  const make: MakeFault = (verdict, code, message) => ({ step: 'log', verdict, code, file: CHECKPOINT, message });
  if (text === undefined) return make('INCOMPLETE', 'NO_CHECKPOINT', 'the bundle holds no checkpoint');
  const checkpoint = parseCheckpoint(text);
  if (checkpoint === undefined) return make('TAMPERED', 'CHECKPOINT_MALFORMED', 'the checkpoint is none');
  if (noteSignedBy(checkpoint.note, keys).some((key) => key.name === checkpoint.origin)) return undefined;
  const named = checkpoint.note.signatures.some((each) =>
    keys.some((key) => key.keyId === each.keyId && key.name === each.name),
  );
  return named
    ? make(
        'TAMPERED',
        'CHECKPOINT_SIGNATURE_INVALID',
        'the checkpoint does not bear the signature of the pinned key it names',
      )
    : make('UNTRUSTED', 'CHECKPOINT_KEY_NOT_PINNED', 'the checkpoint is signed by no pinned key');
}

function leafBytesOf({ statement, payloadSha256 }: OpenedEntry): Uint8Array {
  const { id, at, type, unit, about } = statement.predicate;
  return leafOf({ id, at, type, unit, about, digest: `sha256:${payloadSha256}` });
}

function placeEntry(
  entry: OpenedEntry,
  proofText: string | undefined,
  checkpoint: { readonly text: string; readonly parsed: Checkpoint },
): PlacedEntry | Fault {
  const file = proofPath(entry.id);
  const make: MakeFault = (verdict, code, message) => ({ step: 'log', verdict, code, file, entry: entry.id, message });
  if (proofText === undefined) return make('INCOMPLETE', 'PROOF_MISSING', `${file} is not there`);
  const proof = parseLogProof(proofText);
  if (proof === undefined) return make('TAMPERED', 'PROOF_MALFORMED', `${file} is no proof`);
  if (proof.checkpoint !== checkpoint.text)
    return make('TAMPERED', 'PROOF_OF_OTHER_LOG', `${file} is a proof under another checkpoint than ${CHECKPOINT}`);
  const { size, root } = checkpoint.parsed;
  const at = { index: proof.index, size, root, leaf: leafHash(leafBytesOf(entry)) };
  return verifyInclusion(proof.hashes, at)
    ? { ...entry, index: proof.index }
    : make('TAMPERED', 'NOT_IN_LOG', `${entry.file} is not the leaf ${proof.index} of the log of ${size} leaves`);
}

function limitFault(entry: PlacedEntry): Fault | undefined {
  if (entry.signers.length === 0) return undefined;
  if (entry.signers.some((key) => key.upTo === undefined || entry.index <= key.upTo)) return undefined;
  const limits = entry.signers.map((key) => `${key.keyId} up to ${key.upTo ?? ''}`).join(', ');
  return {
    step: 'log',
    verdict: 'UNTRUSTED',
    code: 'PAST_LIMIT',
    file: entry.file,
    entry: entry.id,
    message: `${entry.file} has index ${entry.index}; pinned is ${limits}`,
  };
}

/** Rebuilds each leaf and proves it under the signed checkpoint. */
export function checkLog(files: BundleFiles, opened: readonly OpenedEntry[], keys: readonly TrustedKey[]): LogStep {
  const text = decode(files.get(CHECKPOINT));
  const fault = checkpointFault(text, keys);
  const parsed = text === undefined ? undefined : parseCheckpoint(text);
  if (text === undefined || parsed === undefined)
    return { checkpoint: undefined, entries: [], faults: fault === undefined ? [] : [fault] };
  const faults: Fault[] = fault === undefined ? [] : [fault];
  const entries: PlacedEntry[] = [];
  for (const entry of opened) {
    const placed = placeEntry(entry, decode(files.get(proofPath(entry.id))), { text, parsed });
    if ('verdict' in placed) faults.push(placed);
    else {
      entries.push(placed);
      const limit = limitFault(placed);
      if (limit !== undefined) faults.push(limit);
    }
  }
  entries.sort((left, right) => left.index - right.index);
  return { checkpoint: parsed, entries, faults };
}
