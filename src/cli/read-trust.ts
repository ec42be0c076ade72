import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseTrust, type TrustedKey } from '../core/evidence/verify/trust.ts';
import { textOption, type Invocation } from './invocation.ts';
import { UsageError } from './usage-error.ts';

/** Reads a file that an auditor names. */
export async function readGiven(invocation: Invocation, file: string): Promise<Buffer> {
  return await readFile(resolve(invocation.workingDirectory, file)).catch((cause: unknown) => {
    const because = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError('UNREADABLE', `cannot read ${file}: ${because}`, 'name a file that is there and can be read');
  });
}

/** Reads the keys the auditor pinned; without them nothing can be trusted. */
export async function readTrust(invocation: Invocation): Promise<readonly TrustedKey[]> {
  const file = textOption(invocation, 'trust');
  if (file === undefined)
    throw new UsageError(
      'USAGE',
      'cannot verify without pinned keys',
      'write --trust FILE with a line of `kedge evidence keys`',
    );
  const parsed = parseTrust((await readGiven(invocation, file)).toString('utf8'));
  if (parsed.status === 'parsed') return parsed.keys;
  throw new UsageError(
    'TRUST_UNREADABLE',
    `cannot read the keys of ${file}:${parsed.line}: ${parsed.message}`,
    'write one `<vkey> [upTo=<index>]` a line',
  );
}
