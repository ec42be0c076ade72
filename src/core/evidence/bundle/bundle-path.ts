const SHORT = 16;

function hex(digest: string): string {
  return digest.slice('sha256:'.length);
}

/** Where the parts of a bundle stand. */
export const MANIFEST = 'manifest.json';
export const README = 'README.html';
export const FINDING = 'finding.json';
export const RESULT = 'result.json';
export const CHECKPOINT = 'log/checkpoint';
export const CONSISTENCY = 'log/consistency.json';
export const VKEY = 'trust/vkey.txt';

/** The envelope of an entry. */
export function entryPath(id: string): string {
  return `entries/${id}.dsse.json`;
}

/** The proof that an entry stands in the log. */
export function proofPath(id: string): string {
  return `entries/${id}.tlog-proof`;
}

/** An artifact by role and name; the start of its digest keeps those of several entries apart. */
export function bundledArtifactPath(artifact: {
  readonly role: string;
  readonly name: string;
  readonly digest: string;
}): string {
  return `artifacts/${artifact.role}/${hex(artifact.digest).slice(0, SHORT)}-${artifact.name}`;
}

/** The text of a policy in force. JSON is YAML. */
export function policyPath(digest: string): string {
  return `policies/${hex(digest)}.yaml`;
}
