import { createHash } from 'node:crypto';
import type { BundleFiles } from '../bundle/archive.ts';
import { MANIFEST } from '../bundle/bundle-path.ts';
import { Manifest, manifestBytes } from '../bundle/manifest.ts';
import type { Fault } from './verdict.ts';

/** The manifest of a bundle, and what is wrong with its list. */
export interface ListedFiles {
  readonly manifest: Manifest | undefined;
  readonly faults: readonly Fault[];
}

function tampered(code: string, file: string, message: string): Fault {
  return { step: 'files', verdict: 'TAMPERED', code, file, message };
}

function readManifest(bytes: Uint8Array): Manifest | undefined {
  try {
    const parsed = Manifest.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
    if (!parsed.success) return undefined;
    return Buffer.compare(manifestBytes(parsed.data), bytes) === 0 ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Compares the files with the manifest: each listed once, with its digest; nothing beside it. */
export function checkFiles(files: BundleFiles): ListedFiles {
  const bytes = files.get(MANIFEST);
  if (bytes === undefined)
    return {
      manifest: undefined,
      faults: [
        { step: 'files', verdict: 'INCOMPLETE', code: 'NO_MANIFEST', file: MANIFEST, message: 'there is no manifest' },
      ],
    };
  const manifest = readManifest(bytes);
  if (manifest === undefined)
    return {
      manifest,
      faults: [tampered('MANIFEST_MALFORMED', MANIFEST, 'the manifest is not in the form Kedge writes')],
    };
  const faults: Fault[] = [];
  const listed = new Set<string>();
  for (const { path, sha256 } of manifest.files) {
    if (listed.has(path)) faults.push(tampered('LISTED_TWICE', path, `${path} is listed twice`));
    listed.add(path);
    const file = files.get(path);
    if (file === undefined)
      faults.push({
        step: 'files',
        verdict: 'INCOMPLETE',
        code: 'FILE_MISSING',
        file: path,
        message: `${path} is listed and not there`,
      });
    else if (createHash('sha256').update(file).digest('hex') !== sha256)
      faults.push(tampered('DIGEST_DIFFERS', path, `${path} is not the file that was listed`));
  }
  for (const path of files.keys()) {
    if (path !== MANIFEST && !listed.has(path)) faults.push(tampered('FILE_EXTRA', path, `${path} is not listed`));
  }
  return { manifest, faults };
}
