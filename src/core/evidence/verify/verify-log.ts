import { hashFile, leafFile, LEAVES_A_FILE, parseCheckpoint, type Checkpoint } from '../checkpoint.ts';
import { CompactRange, leafHash, type Hash } from '../merkle.ts';
import { noteSignedBy } from '../signed-note.ts';
import type { TrustedKey } from './trust.ts';
import { verdictOf, type Fault, type Verdict } from './verdict.ts';

/** A copy of a log's folder (`log/<n>/`), file by file; undefined where there is none. */
export type LogCopy = (path: string) => Promise<Uint8Array | undefined>;

/** What of a log is asked for. */
export interface LogQuestion {
  readonly keys: readonly TrustedKey[];
  /** Checkpoints that must be beginnings of the log. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** By the leaves themselves, not by the hashes beside them. */
  readonly full: boolean;
}

/** What a verification of a log found. */
export interface LogVerification {
  readonly verdict: Verdict;
  readonly faults: readonly Fault[];
  readonly size: number | undefined;
}

function fault(verdict: Fault['verdict'], code: string, message: string, file?: string): Fault {
  return { step: 'log', verdict, code, message, ...(file === undefined ? {} : { file }) };
}

function readCheckpoint(text: string | undefined, name: string, keys: readonly TrustedKey[]): Checkpoint | Fault {
  if (text === undefined) return fault('INCOMPLETE', 'NO_CHECKPOINT', `${name} is not there`, name);
  const checkpoint = parseCheckpoint(text);
  if (checkpoint === undefined) return fault('TAMPERED', 'CHECKPOINT_MALFORMED', `${name} is no checkpoint`, name);
  if (noteSignedBy(checkpoint.note, keys).length > 0) return checkpoint;
  const named = checkpoint.note.signatures.some((each) => keys.some((key) => key.keyId === each.keyId));
  return named
    ? fault('TAMPERED', 'CHECKPOINT_SIGNATURE_INVALID', `${name} does not bear the signature it names`, name)
    : fault('UNTRUSTED', 'CHECKPOINT_KEY_NOT_PINNED', `${name} is signed by no pinned key`, name);
}

interface HashedFile {
  readonly hashes: readonly Hash[];
  readonly fault: Fault | undefined;
}

const LINE_FEED = 10;

/** The hashes of a leaf file; beside it stands a hash file that must agree as far as both go. */
function hashLeaves(bytes: Uint8Array, path: string): HashedFile {
  const hashes: Hash[] = [];
  let start = 0;
  for (let end = bytes.indexOf(LINE_FEED, start); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
    hashes.push(leafHash(bytes.subarray(start, end)));
    start = end + 1;
  }
  return {
    hashes,
    fault:
      start === bytes.length ? undefined : fault('TAMPERED', 'LEAVES_MALFORMED', `${path} ends within a line`, path),
  };
}

function splitHashes(bytes: Uint8Array, path: string): HashedFile {
  if (bytes.length % 32 !== 0)
    return { hashes: [], fault: fault('TAMPERED', 'HASHES_MALFORMED', `${path} is no list of hashes`, path) };
  return {
    hashes: Array.from({ length: bytes.length / 32 }, (_, at) => bytes.subarray(at * 32, at * 32 + 32)),
    fault: undefined,
  };
}

async function fileHashes(copy: LogCopy, from: number, full: boolean): Promise<HashedFile | Fault> {
  const beside = hashFile(from);
  const leaves = leafFile(from);
  const hashBytes = await copy(beside);
  const kept = hashBytes === undefined ? undefined : splitHashes(hashBytes, beside);
  if (!full && kept !== undefined) return kept;
  const leafBytes = await copy(leaves);
  if (leafBytes === undefined) return fault('INCOMPLETE', 'LEAVES_MISSING', `${leaves} is not there`, leaves);
  const hashed = hashLeaves(leafBytes, leaves);
  const differs = kept?.hashes.findIndex(
    (hash, at) => hashed.hashes[at] !== undefined && Buffer.compare(hash, hashed.hashes[at]) !== 0,
  );
  if (differs !== undefined && differs >= 0)
    return fault('TAMPERED', 'HASH_DIFFERS', `${beside} holds another hash than leaf ${from + differs} has`, beside);
  return hashed;
}

/** Verifies a copy of a log against its checkpoint, and older checkpoints against it. A file is read and let go, one after the other. */
export async function verifyLog(copy: LogCopy, question: LogQuestion): Promise<LogVerification> {
  const bytes = await copy('checkpoint');
  const text = question.to ?? (bytes === undefined ? undefined : new TextDecoder().decode(bytes));
  const last = readCheckpoint(text, 'checkpoint', question.keys);
  if ('verdict' in last) return { verdict: verdictOf([last]), faults: [last], size: undefined };
  const first =
    question.from === undefined ? undefined : readCheckpoint(question.from, 'the older checkpoint', question.keys);
  if (first !== undefined && 'verdict' in first)
    return { verdict: verdictOf([first]), faults: [first], size: last.size };
  return await verifyLeaves(copy, { full: question.full, first, last });
}

/** The leaves of a copy against the newest checkpoint, and on the way against the older one. */
async function verifyLeaves(
  copy: LogCopy,
  { full, first, last }: { readonly full: boolean; readonly first: Checkpoint | undefined; readonly last: Checkpoint },
): Promise<LogVerification> {
  const faults: Fault[] = [];
  const range = new CompactRange();
  const proveFirst = (): void => {
    if (first !== undefined && range.size === first.size && Buffer.compare(range.root(), first.root) !== 0)
      faults.push(fault('TAMPERED', 'FORK', `the log of ${first.size} leaves is not the one of the older checkpoint`));
  };
  if (first !== undefined && (first.origin !== last.origin || first.size > last.size))
    faults.push(fault('TAMPERED', 'FORK', 'the older checkpoint is of another log, or not older'));
  proveFirst();
  for (let from = 0; from < last.size; from += LEAVES_A_FILE) {
    const part = await fileHashes(copy, from, full);
    if ('verdict' in part) return { verdict: verdictOf([part]), faults: [...faults, part], size: last.size };
    if (part.fault !== undefined) faults.push(part.fault);
    for (const hash of part.hashes.slice(0, Math.min(LEAVES_A_FILE, last.size - from))) {
      range.append(hash);
      proveFirst();
    }
  }
  if (range.size < last.size)
    faults.push(fault('INCOMPLETE', 'LEAVES_MISSING', `the copy holds ${range.size} of ${last.size} leaves`));
  else if (Buffer.compare(range.root(), last.root) !== 0)
    faults.push(
      fault(
        'TAMPERED',
        'ROOT_DIFFERS',
        `the leaves are not those that the checkpoint of ${last.size} leaves promises`,
        'checkpoint',
      ),
    );
  return { verdict: verdictOf(faults), faults, size: last.size };
}
