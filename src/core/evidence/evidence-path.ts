import type { Digest } from '../model/digest.ts';

/** What an entry's place in the evidence store depends on. */
export interface PlacedEntry {
  readonly id: string;
  readonly type: string;
  readonly at: string;
  readonly unit: string | undefined;
  readonly about: { readonly kind: string; readonly id: string };
}

const FINDING_ID = /^drift-(\d{4})(\d{2})(\d{2})-\d+$/;
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** The folder of a finding, below the evidence store; undefined when the id is none. */
export function findingFolder(findingId: string): string | undefined {
  const [, year, month, day] = FINDING_ID.exec(findingId) ?? [];
  return year === undefined ? undefined : `drift/${year}/${month ?? ''}/${day ?? ''}/${findingId}`;
}

/** Where the envelope of an entry stands, below the evidence store. */
export function envelopePath(entry: PlacedEntry): string {
  const file = `${entry.id}-${entry.type.toLowerCase().replaceAll('_', '-')}.dsse.json`;
  const folder = entry.about.kind === 'FINDING' ? findingFolder(entry.about.id) : undefined;
  if (folder !== undefined) return `${folder}/${file}`;
  const day = entry.at.slice(0, 10).replaceAll('-', '/');
  const unit = entry.unit !== undefined && PLAIN_NAME.test(entry.unit) ? `${entry.unit}/` : '';
  return entry.type.startsWith('CHECK_') ? `checks/${day}/${unit}${file}` : `system/${day}/${file}`;
}

/** Where an artifact stands, below the evidence store. */
export function artifactPath(digest: Digest): string {
  const hex = digest.slice('sha256:'.length);
  return `artifacts/sha256/${hex.slice(0, 2)}/${hex}.gz`;
}
