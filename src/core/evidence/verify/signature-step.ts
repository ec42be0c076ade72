import { createHash } from 'node:crypto';
import { canonicalJson } from '../../model/digest.ts';
import type { BundleFiles } from '../bundle/archive.ts';
import { bundledArtifactPath, entryPath, policyPath } from '../bundle/bundle-path.ts';
import { openEnvelope, signedBy } from '../envelope.ts';
import { parseStatement, type Statement } from '../statement.ts';
import type { TrustedKey } from './trust.ts';
import type { Fault } from './verdict.ts';

/** An entry whose envelope was opened, with the pinned keys that signed it. */
export interface OpenedEntry {
  readonly id: string;
  readonly file: string;
  readonly statement: Statement;
  readonly payload: Uint8Array;
  readonly payloadSha256: string;
  readonly signers: readonly TrustedKey[];
}

/** The entries that could be opened, and what is wrong with any. */
export interface OpenedEntries {
  readonly entries: readonly OpenedEntry[];
  readonly faults: readonly Fault[];
}

const ENTRY_FILE = /^entries\/([0-9A-HJKMNP-TV-Z]{26})\.dsse\.json$/;

function sha256Hex(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Who seems to have signed: a pinned key that the envelope names and that did not is tampering, a foreign key is no trust. */
function signatureFault(
  entry: { readonly id: string; readonly file: string },
  keyIds: readonly (string | undefined)[],
  keys: readonly TrustedKey[],
): Fault {
  const named = keyIds.some((id) => keys.some((key) => key.keyId === id));
  const verdict = named ? 'TAMPERED' : 'UNTRUSTED';
  const code = named ? 'SIGNATURE_INVALID' : 'KEY_NOT_PINNED';
  const message = named
    ? `${entry.file} does not bear the signature of the pinned key it names`
    : `${entry.file} is signed by no pinned key (it names ${keyIds.filter((id) => id !== undefined).join(', ') || 'none'})`;
  return { step: 'signatures', verdict, code, file: entry.file, entry: entry.id, message };
}

function subjectFaults(files: BundleFiles, entry: OpenedEntry): readonly Fault[] {
  const { predicate, subject } = entry.statement;
  const faults: Fault[] = [];
  const fault = (verdict: Fault['verdict'], code: string, message: string, file: string): void => {
    faults.push({ step: 'signatures', verdict, code, file, entry: entry.id, message });
  };
  if (subject[0]?.digest.sha256 !== sha256Hex(canonicalJson(predicate.body)))
    fault('TAMPERED', 'BODY_DIFFERS', `${entry.file} does not name the digest of its own body`, entry.file);
  const named = predicate.artifacts.map((artifact) => `${artifact.name} ${artifact.digest.slice('sha256:'.length)}`);
  const subjects = subject.slice(1).map((each) => `${each.name} ${each.digest.sha256}`);
  if (named.join('\n') !== subjects.join('\n'))
    fault('TAMPERED', 'SUBJECTS_DIFFER', `${entry.file} lists other artifacts than its subjects`, entry.file);
  for (const artifact of predicate.artifacts) {
    const path = artifact.role === 'POLICY_SET' ? policyPath(artifact.digest) : bundledArtifactPath(artifact);
    const bytes = files.get(path);
    if (bytes === undefined)
      fault('INCOMPLETE', 'ARTIFACT_MISSING', `${path}, named by ${entry.file}, is not there`, path);
    else if (sha256Hex(bytes) !== artifact.digest.slice('sha256:'.length))
      fault('TAMPERED', 'ARTIFACT_DIFFERS', `${path} is not the artifact that ${entry.file} names`, path);
  }
  return faults;
}

function openEntry(
  file: string,
  bytes: Uint8Array,
  keys: readonly TrustedKey[],
): { readonly entry: OpenedEntry | undefined; readonly fault: Fault | undefined } {
  const id = ENTRY_FILE.exec(file)?.[1] ?? '';
  try {
    const opened = openEnvelope(bytes);
    const signers = signedBy(opened, keys);
    const statement = parseStatement(opened.payload);
    const entry = { id, file, statement, payload: opened.payload, payloadSha256: sha256Hex(opened.payload), signers };
    const keyIds = opened.envelope.signatures.map((each) => each.keyid);
    if (statement.predicate.id !== id) {
      const message = `${file} holds the entry ${statement.predicate.id}`;
      const swapped: Fault = {
        step: 'signatures',
        verdict: 'TAMPERED',
        code: 'ENTRY_SWAPPED',
        file,
        entry: id,
        message,
      };
      return { entry: undefined, fault: swapped };
    }
    return { entry, fault: signers.length === 0 ? signatureFault(entry, keyIds, keys) : undefined };
  } catch (cause) {
    const because =
      cause instanceof SyntaxError || cause instanceof RangeError ? cause.message : 'it has not the form of one';
    const message = `${file} is no envelope of an entry: ${because}`;
    return {
      entry: undefined,
      fault: { step: 'signatures', verdict: 'TAMPERED', code: 'ENVELOPE_MALFORMED', file, entry: id, message },
    };
  }
}

/** Opens every envelope: signed by a pinned key, its subjects equal to the digests of body and files. */
export function checkSignatures(files: BundleFiles, keys: readonly TrustedKey[]): OpenedEntries {
  const entries: OpenedEntry[] = [];
  const faults: Fault[] = [];
  for (const [file, bytes] of files) {
    if (!file.startsWith('entries/') || file.endsWith('.tlog-proof')) continue;
    const { entry, fault } = openEntry(file, bytes, keys);
    if (fault !== undefined) faults.push(fault);
    if (entry === undefined) continue;
    entries.push(entry);
    faults.push(...subjectFaults(files, entry));
  }
  if (entries.length === 0 && faults.length === 0)
    faults.push({
      step: 'signatures',
      verdict: 'INCOMPLETE',
      code: 'NO_ENTRIES',
      message: 'the bundle holds no entry',
      file: entryPath(''),
    });
  return { entries, faults };
}
