import { createHash, verify, type KeyObject } from 'node:crypto';
import { ed25519Key } from './envelope.ts';

const ALGORITHM_ED25519 = 1;

/** A pinned key of a signed note: `<name>+<hash>+<base64>`. */
export interface NoteKey {
  readonly name: string;
  readonly keyId: string;
  readonly publicKey: KeyObject;
  readonly vkey: string;
}

function keyHash(name: string, typed: Uint8Array): Buffer {
  return createHash('sha256').update(name).update('\n').update(typed).digest().subarray(0, 4);
}

/** The verifier key of a name and the 32 bytes of its public key. */
export function toVkey(name: string, raw: Uint8Array): string {
  const typed = Buffer.concat([Buffer.from([ALGORITHM_ED25519]), raw]);
  return `${name}+${keyHash(name, typed).toString('hex')}+${typed.toString('base64')}`;
}

/** Reads a verifier key; undefined when it is none, or its hash is not that of its key. */
export function parseVkey(vkey: string): NoteKey | undefined {
  const [, name, hash, base64] = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(vkey.trim()) ?? [];
  if (name === undefined || hash === undefined || base64 === undefined) return undefined;
  const typed = Buffer.from(base64, 'base64');
  if (typed.length !== 33 || typed[0] !== ALGORITHM_ED25519 || keyHash(name, typed).toString('hex') !== hash)
    return undefined;
  return { name, keyId: hash, publicKey: ed25519Key(typed.subarray(1)), vkey: vkey.trim() };
}

/** A note: a text that ends in a newline, an empty line, one line for each signature. */
export function signNote(text: string, signer: { readonly vkey: string; sign(bytes: Uint8Array): Uint8Array }): string {
  const key = parseVkey(signer.vkey);
  if (key === undefined) throw new Error('the signer has no valid verifier key');
  const signature = Buffer.concat([Buffer.from(key.keyId, 'hex'), signer.sign(new TextEncoder().encode(text))]);
  return `${text}\n— ${key.name} ${signature.toString('base64')}\n`;
}

/** A note taken apart: its text, and what of it each signature line says. */
export interface ParsedNote {
  readonly text: string;
  readonly signatures: readonly { readonly name: string; readonly keyId: string; readonly signature: Uint8Array }[];
}

/** Reads a note; undefined when it is none. */
export function parseNote(note: string): ParsedNote | undefined {
  const at = note.lastIndexOf('\n\n');
  if (at < 0 || !note.endsWith('\n')) return undefined;
  const signatures = note
    .slice(at + 2, -1)
    .split('\n')
    .map((line) => /^— ([^+\s]+) ([A-Za-z0-9+/=]+)$/.exec(line));
  if (signatures.length === 0 || signatures.some((each) => each === null)) return undefined;
  return {
    text: note.slice(0, at + 1),
    signatures: signatures.flatMap((each) => {
      const bytes = Buffer.from(each?.[2] ?? '', 'base64');
      return bytes.length < 5
        ? []
        : [
            {
              name: each?.[1] ?? '',
              keyId: bytes.subarray(0, 4).toString('hex'),
              signature: new Uint8Array(bytes.subarray(4)),
            },
          ];
    }),
  };
}

/** Which of the keys signed the note. */
export function noteSignedBy<Key extends NoteKey>(note: ParsedNote, keys: readonly Key[]): readonly Key[] {
  const message = new TextEncoder().encode(note.text);
  return keys.filter((key) =>
    note.signatures.some(
      (each) =>
        each.name === key.name && each.keyId === key.keyId && verify(null, message, key.publicKey, each.signature),
    ),
  );
}
