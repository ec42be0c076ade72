import { parseVkey, type NoteKey } from '../signed-note.ts';

/** A key the auditor pinned, and the last index it is believed for. */
export interface TrustedKey extends NoteKey {
  readonly upTo: number | undefined;
}

/** Pinned keys, or the first line that is none. */
export type ParsedTrust =
  | { readonly status: 'parsed'; readonly keys: readonly TrustedKey[] }
  | { readonly status: 'refused'; readonly line: number; readonly message: string };

/** Reads the auditor's lines `<vkey> [upTo=<index>]`; empty lines and `#` comments are left out. */
export function parseTrust(text: string): ParsedTrust {
  const keys: TrustedKey[] = [];
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [vkey = '', limit, ...more] = line.split(/\s+/);
    const key = parseVkey(vkey);
    const upTo = limit === undefined ? undefined : /^upTo=(\d{1,15})$/.exec(limit)?.[1];
    if (key === undefined || more.length > 0 || (limit !== undefined && upTo === undefined))
      return { status: 'refused', line: at + 1, message: 'it is no `<vkey> [upTo=<index>]`' };
    keys.push({ ...key, upTo: upTo === undefined ? undefined : Number(upTo) });
  }
  return keys.length === 0 ? { status: 'refused', line: 1, message: 'it holds no key' } : { status: 'parsed', keys };
}
