import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { BundledEntry, BundleInput } from '../../src/core/evidence/bundle/build-bundle.ts';
import { checkpointText } from '../../src/core/evidence/checkpoint.ts';
import { signEnvelope } from '../../src/core/evidence/envelope.ts';
import type { ArtifactRole, EntryType } from '../../src/core/evidence/entry-type.ts';
import { leafOf } from '../../src/core/evidence/leaf.ts';
import { leafHash, rootOf, type Hash } from '../../src/core/evidence/merkle.ts';
import { parseVkey, signNote, toVkey } from '../../src/core/evidence/signed-note.ts';
import { parseStatement, sealStatement } from '../../src/core/evidence/statement.ts';
import { parseTrust, type TrustedKey } from '../../src/core/evidence/verify/trust.ts';
import { canonicalJson, sha256, type Digest } from '../../src/core/model/digest.ts';
import type { JsonValue } from '../../src/core/model/json.ts';
import { aFinding } from './builders.ts';

/** A signing key as an installation has one. */
export interface TestKey {
  readonly vkey: string;
  readonly keyId: string;
  sign(bytes: Uint8Array): Uint8Array;
}

export const ORIGIN = 'kedge-test/evidence';
export const FINDING_ID = 'drift-20260703-000184';

/** A fresh Ed25519 key of a log. */
export function aKey(origin = ORIGIN): TestKey {
  const { publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject } = generateKeyPairSync('ed25519');
  const vkey = toVkey(origin, publicKey.export({ type: 'spki', format: 'der' }).subarray(-32));
  return {
    vkey,
    keyId: parseVkey(vkey)?.keyId ?? '',
    sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)),
  };
}

/** Pins keys as an auditor does. */
export function pinned(...lines: readonly string[]): readonly TrustedKey[] {
  const parsed = parseTrust(lines.join('\n'));
  if (parsed.status === 'refused') throw new Error(parsed.message);
  return parsed.keys;
}

/** What one entry of a test says; everything else has a default. */
export interface TestEntry {
  readonly type: EntryType;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly about?: { readonly kind: 'FINDING' | 'UNIT' | 'SYSTEM'; readonly id: string };
  readonly actor?: { readonly kind: 'USER' | 'TOKEN' | 'LOCAL' | 'KEDGE'; readonly id: string; readonly name: string };
  readonly artifacts?: readonly { readonly role: ArtifactRole; readonly name: string; readonly value: JsonValue }[];
  readonly at?: string;
}

const POLICY: JsonValue = { classPack: '1', documents: [] };
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

function idOf(index: number): string {
  return `01M8${String(index).padStart(20, '0')}${ALPHABET[index % 32] ?? '0'}A`;
}

const DIFFERENCE = {
  path: '/attributes/superuser',
  desired: false,
  recorded: false,
  actual: true,
  planes: { desired: 'present', recorded: 'present', actual: 'present' },
  relation: 'ACTUAL_DIVERGED',
  fieldOwner: 'git',
  effect: 'widens',
  destructive: false,
  immutable: false,
  sensitive: false,
};

/** A finding of the tests as its entries tell it. */
export function tellFinding(more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  const { classification, ...finding } = aFinding({
    findingId: FINDING_ID,
    differences: [DIFFERENCE],
    ...more,
  } as never);
  return {
    finding: { ...finding, classification: { rule: classification.rule } },
    trace: [],
    checkId: 'CHECK1',
    observer: 'kedge_reader',
    revisions: { desired: 'r1' },
  };
}

/** Seals, signs and orders entries into a log with a checkpoint over all of them. */
export function buildLog(
  entries: readonly TestEntry[],
  key: TestKey,
): BundleInput & { readonly leaves: readonly string[] } {
  const heads = new Map<string, Digest>();
  const artifacts = new Map<Digest, Uint8Array>();
  const bundled: BundledEntry[] = [];
  const hashes: Hash[] = [];
  const leaves: string[] = [];
  for (const [index, entry] of entries.entries()) {
    const about = entry.about ?? { kind: 'FINDING' as const, id: FINDING_ID };
    const policy = { role: 'POLICY_SET' as const, name: 'policies.json', value: POLICY };
    const references = [...(entry.artifacts ?? []), policy].map(({ role, name, value }) => {
      const bytes = new TextEncoder().encode(canonicalJson(value));
      const digest = sha256(bytes);
      artifacts.set(digest, bytes);
      return { role, name, mediaType: 'application/json', bytes: bytes.length, digest, redacted: true };
    });
    const id = idOf(index);
    const at = entry.at ?? `2026-07-03T10:${String(index).padStart(2, '0')}:00.000Z`;
    const { statement, digest } = sealStatement(
      {
        id,
        type: entry.type,
        at,
        unit: 'payments-db',
        about,
        body: JSON.parse(JSON.stringify(entry.body ?? {})) as Record<string, never>,
        instance: { id: 'kedge@test', version: '0.1.0' },
        actor: entry.actor ?? { kind: 'KEDGE', id: 'kedge@test', name: 'kedge' },
        artifacts: references,
        policies: [{ kind: 'PolicySet', name: 'in-force', digest: sha256(canonicalJson(POLICY)) }],
      },
      heads.get(`${about.kind} ${about.id}`),
    );
    heads.set(`${about.kind} ${about.id}`, digest);
    const leaf = leafOf({ id, at, type: entry.type, unit: 'payments-db', about, digest });
    leaves.push(new TextDecoder().decode(leaf));
    hashes.push(leafHash(leaf));
    bundled.push({ index, envelope: signEnvelope(statement, key), statement: parseStatement(statement) });
  }
  const checkpoint = signNote(checkpointText(ORIGIN, hashes.length, rootOf(hashes)), key);
  return {
    findingId: FINDING_ID,
    entries: bundled,
    artifacts,
    hashes,
    checkpoint,
    since: [],
    vkeys: [key.vkey],
    leaves,
  };
}

const person = (name: string) => ({ kind: 'LOCAL', id: `local:${name}@desk`, name }) as const;

/** How the usual story is changed by a test. */
export interface Story {
  readonly approvers?: readonly string[];
  readonly requester?: string;
  readonly actor?: string;
  readonly planOfVotes?: string;
  readonly votesAfterIntent?: boolean;
  readonly resolvedFirst?: boolean;
}

/** A finding from detection to resolution: found, approved by two, written, verified, closed. */
export function usualStory(story: Story = {}): readonly TestEntry[] {
  const {
    approvers = ['alice', 'bob'],
    requester = 'carol',
    actor,
    planOfVotes = 'sha256:plan',
    votesAfterIntent = false,
    resolvedFirst = false,
  } = story;
  const told = tellFinding(
    actor === undefined ? {} : { auditCorrelation: { confidence: 'confirmed', actor, source: 'log' } },
  );
  const votes = approvers.map((name): TestEntry => ({
    type: 'APPROVAL_GIVEN',
    actor: person(name),
    body: {
      approvalId: 'A1',
      actionId: 'X1',
      planDigest: planOfVotes,
      by: person(name),
      requester: person(requester),
      decision: 'approve',
    },
  }));
  const intent: TestEntry = {
    type: 'ACTION_INTENDED',
    body: {
      actionId: 'X1',
      action: 'RUNTIME_REVERT',
      by: 'request',
      requester: person(requester),
      planDigest: 'sha256:plan',
      approvalId: 'A1',
      needed: { approval: 'two-person', approvers: 2 },
      decision: { rule: 'R05' },
    },
    artifacts: [{ role: 'PLAN', name: 'plan.json', value: { steps: ['ALTER ROLE "app" NOSUPERUSER'] } }],
  };
  const verified: TestEntry = {
    type: 'VERIFICATION_FINISHED',
    body: { actionId: 'X1', verdict: 'converged', checkId: 'CHECK2' },
  };
  const resolved: TestEntry = { type: 'FINDING_RESOLVED', body: { ...told, checkId: 'CHECK2' } };
  return [
    {
      type: 'CHECK_DRIFTED',
      about: { kind: 'UNIT', id: 'payments-db' },
      body: { checkId: 'CHECK1', driftResult: { result: 'DRIFT_DETECTED' } },
    },
    { type: 'FINDING_OPENED', body: told },
    {
      type: 'APPROVAL_REQUESTED',
      actor: person(requester),
      body: {
        approvalId: 'A1',
        actionId: 'X1',
        approvers: 2,
        planDigest: 'sha256:plan',
        requester: person(requester),
        expiresAt: '2026-07-03T18:00:00.000Z',
      },
    },
    ...(votesAfterIntent ? [intent, ...votes] : [...votes, intent]),
    { type: 'ACTION_FINISHED', body: { actionId: 'X1', outcome: 'done', details: {} } },
    ...(resolvedFirst ? [resolved, verified] : [verified, resolved]),
  ];
}
