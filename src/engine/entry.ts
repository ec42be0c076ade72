import { gzipSync } from 'node:zlib';
import type { ArtifactRole, EntryType } from '../core/evidence/entry-type.ts';
import { sealStatement, type ArtifactReference } from '../core/evidence/statement.ts';
import { toUlid } from '../core/evidence/ulid.ts';
import type { Principal } from '../core/model/approval-record.ts';
import { canonicalJson, sha256, type Digest } from '../core/model/digest.ts';
import type { Instant } from '../core/model/instant.ts';
import type { JsonValue } from '../core/model/json.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { SecretGuard } from '../ports/secret-guard.ts';
import type { ArtifactDraft, EntryDraft } from '../ports/entry-draft.ts';

const LARGEST_ARTIFACT = 64 * 1024 * 1024;

/** What an entry says, before it is an entry. */
export interface EntryInput {
  /** Given when the address of the entry must be known before it stands. */
  readonly id?: string;
  readonly at?: Instant;
  readonly type: EntryType;
  readonly unit?: string;
  readonly about: EntryDraft['about'];
  readonly body: Readonly<Record<string, unknown>>;
  readonly actor?: Principal;
  readonly artifacts?: readonly { readonly role: ArtifactRole; readonly name: string; readonly value: JsonValue }[];
  readonly policies?: readonly { readonly kind: string; readonly name: string; readonly digest: Digest }[];
}

/** What every entry carries of this process. */
export interface EntryMaker {
  readonly clock: Clock;
  readonly random: Random;
  readonly instance: { readonly id: string; readonly version: string };
  /** The backstop: what an entry says passes it before it is sealed. */
  readonly guard: Pick<SecretGuard, 'scrub'>;
}

/** A new id that sorts by time. */
export function newId(maker: Pick<EntryMaker, 'clock' | 'random'>): string {
  return toUlid(maker.clock.epochMilliseconds(), maker.random.bytes(10));
}

function toArtifact(
  { guard }: EntryMaker,
  input: NonNullable<EntryInput['artifacts']>[number],
): {
  readonly draft: ArtifactDraft;
  readonly reference: ArtifactReference;
} {
  const bytes = new TextEncoder().encode(guard.scrub(canonicalJson(input.value), 'artifact'));
  if (bytes.length > LARGEST_ARTIFACT && gzipSync(bytes).length > LARGEST_ARTIFACT)
    throw new RangeError(`the artifact ${input.name} is over 64 MiB compressed`);
  const digest = sha256(bytes);
  return {
    draft: { digest, bytes },
    reference: {
      role: input.role,
      name: input.name,
      mediaType: 'application/json',
      bytes: bytes.length,
      digest,
      redacted: true,
    },
  };
}

/** An entry ready for its transaction. */
export function makeEntry(maker: EntryMaker, input: EntryInput): EntryDraft {
  const id = input.id ?? newId(maker);
  const at = input.at ?? maker.clock.now();
  const artifacts = (input.artifacts ?? []).map((artifact) => toArtifact(maker, artifact));
  const { actor = { kind: 'KEDGE', id: maker.instance.id, name: 'kedge' } } = input;
  return {
    id,
    type: input.type,
    at,
    unit: input.unit,
    about: input.about,
    artifacts: artifacts.map(({ draft }) => draft),
    seal: (previous) =>
      sealStatement(
        {
          id,
          type: input.type,
          at,
          ...(input.unit === undefined ? {} : { unit: input.unit }),
          about: input.about,
          body: JSON.parse(maker.guard.scrub(JSON.stringify(input.body), 'entry')) as Record<string, never>,
          instance: maker.instance,
          actor: { kind: actor.kind, id: actor.id, name: actor.name },
          artifacts: artifacts.map(({ reference }) => reference),
          policies: [...(input.policies ?? [])],
        },
        previous,
      ),
  };
}
