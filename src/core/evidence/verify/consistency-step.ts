import type { BundleFiles } from '../bundle/archive.ts';
import { CONSISTENCY } from '../bundle/bundle-path.ts';
import { Consistency } from '../bundle/consistency.ts';
import { parseCheckpoint, type Checkpoint } from '../checkpoint.ts';
import { verifyConsistency } from '../merkle.ts';
import { noteSignedBy } from '../signed-note.ts';
import type { TrustedKey } from './trust.ts';
import type { Fault } from './verdict.ts';

function fault(verdict: Fault['verdict'], code: string, message: string): Fault {
  return { step: 'consistency', verdict, code, file: CONSISTENCY, message };
}

function readProofs(bytes: Uint8Array | undefined): Consistency | undefined {
  if (bytes === undefined) return [];
  try {
    const parsed = Consistency.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

function checkOne(known: Checkpoint, bundle: Checkpoint, proofs: Consistency): Fault | undefined {
  if (known.origin !== bundle.origin)
    return fault(
      'TAMPERED',
      'OTHER_LOG',
      `the checkpoint given is of the log ${known.origin}, the bundle of ${bundle.origin}`,
    );
  if (known.size > bundle.size)
    return fault(
      'INCOMPLETE',
      'CHECKPOINT_NEWER',
      `the checkpoint given covers ${known.size} leaves, the bundle's ${bundle.size}: ask for a newer bundle`,
    );
  const logs = { first: known.size, firstRoot: known.root, second: bundle.size, secondRoot: bundle.root };
  if (known.size === bundle.size)
    return verifyConsistency([], logs)
      ? undefined
      : fault('TAMPERED', 'FORK', `two logs of ${known.size} leaves with different roots are shown`);
  const ofSize = proofs.filter((each) => each.size === known.size);
  if (ofSize.length === 0)
    return fault(
      'INCOMPLETE',
      'NO_CONSISTENCY_PROOF',
      `there is no proof from the checkpoint of ${known.size} leaves: export with --since`,
    );
  if (ofSize.every((each) => each.root !== textOf(known.root)))
    return fault('TAMPERED', 'FORK', `the bundle's log of ${known.size} leaves is not the one of the checkpoint given`);
  const holds = ofSize.some((each) => verifyConsistency(each.proof.map(bytesOf), logs));
  return holds
    ? undefined
    : fault('TAMPERED', 'FORK', `the log of ${known.size} leaves is no beginning of the bundle's`);
}

/** Proves each checkpoint the auditor holds to be a beginning of the bundle's log. */
export function checkConsistency(
  files: BundleFiles,
  bundle: Checkpoint | undefined,
  given: { readonly checkpoints: readonly string[]; readonly keys: readonly TrustedKey[] },
): readonly Fault[] {
  const proofs = readProofs(files.get(CONSISTENCY));
  if (proofs === undefined) return [fault('TAMPERED', 'CONSISTENCY_MALFORMED', `${CONSISTENCY} holds no proofs`)];
  if (bundle === undefined) return [];
  return given.checkpoints.flatMap((text): readonly Fault[] => {
    const known = parseCheckpoint(text);
    if (known === undefined) return [fault('ERROR', 'CHECKPOINT_UNREADABLE', 'a checkpoint given is none')];
    if (noteSignedBy(known.note, given.keys).length === 0)
      return [fault('UNTRUSTED', 'CHECKPOINT_KEY_NOT_PINNED', 'a checkpoint given is signed by no pinned key')];
    const found = checkOne(known, bundle, proofs);
    return found === undefined ? [] : [found];
  });
}
