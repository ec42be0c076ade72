import { packTar } from 'modern-tar';
import fastCheck from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aKey,
  buildLog,
  FINDING_ID,
  pinned,
  tellFinding,
  usualStory,
  type Story,
  type TestEntry,
} from '../../../../test/support/evidence-log.ts';
import { packArchive } from '../bundle/archive.ts';
import { buildBundle, bundleFiles } from '../bundle/build-bundle.ts';
import { Manifest, manifestBytes } from '../bundle/manifest.ts';
import { createHash } from 'node:crypto';
import { verifyBundle, type BundleVerification, type Given } from './verify-bundle.ts';

const KEY = aKey();
const GIVEN: Given = { keys: pinned(KEY.vkey), checkpoints: [], leaves: undefined, strict: false };
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

async function verify(files: ReadonlyMap<string, Uint8Array>, given: Partial<Given> = {}): Promise<BundleVerification> {
  return await verifyBundle(await packArchive(files), { ...GIVEN, ...given });
}

function relist(files: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
  const manifest = Manifest.parse(JSON.parse(decode(files.get('manifest.json') ?? new Uint8Array())));
  const listed = [...files]
    .filter(([path]) => path !== 'manifest.json')
    .sort(([left], [right]) => (left < right ? -1 : 1));
  const again = listed.map(([path, bytes]) => ({
    path,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }));
  return new Map([...files, ['manifest.json', manifestBytes({ ...manifest, files: again })]]);
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

const story = (more: Story = {}, entries: readonly TestEntry[] = usualStory(more)): ReadonlyMap<string, Uint8Array> =>
  bundleFiles(buildLog(entries, KEY));

describe('the offline verification of a bundle', () => {
  it('verifies a whole story, with every entry and all ten answers', async () => {
    const verified = await verify(story());

    expect(verified.faults).toEqual([]);
    expect(verified.verdict).toBe('VERIFIED');
    expect(verified.statements).toHaveLength(usualStory().length);
    expect(verified.answers.map((answer) => answer.status)).not.toContain('PENDING');
  });

  it('EV-26: one byte flipped in any file is TAMPERED, and names the file', async () => {
    const files = story();
    for (const [path, bytes] of files) {
      for (const at of [0, Math.floor(bytes.length / 2), bytes.length - 1]) {
        const verified = await verify(new Map([...files, [path, flip(bytes, at)]]));
        expect(verified.verdict, `${path} byte ${at}`).toBe('TAMPERED');
        if (path !== 'manifest.json')
          expect(
            verified.faults.some((fault) => fault.file === path),
            path,
          ).toBe(true);
      }
    }
  });

  it('EV-26: with the manifest made to match, a flipped byte is TAMPERED or changes nothing that was verified', async () => {
    const files = story();
    const honest = await verify(files);
    const paths = [...files.keys()].filter((path) => path !== 'manifest.json');
    await fastCheck.assert(
      fastCheck.asyncProperty(fastCheck.constantFrom(...paths), fastCheck.nat(), async (path, seed) => {
        const bytes = files.get(path) ?? new Uint8Array([0]);
        const verified = await verify(relist(new Map([...files, [path, flip(bytes, seed % bytes.length)]])));
        if (verified.verdict === 'TAMPERED') return;
        expect(verified.verdict, path).toBe('VERIFIED');
        expect(JSON.stringify([verified.statements, verified.answers]), path).toBe(
          JSON.stringify([honest.statements, honest.answers]),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('EV-27: an entry dropped is INCOMPLETE; entries swapped, a file more and a name twice are TAMPERED', async () => {
    const files = story();
    const entries = [...files.keys()].filter((path) => path.endsWith('.dsse.json')).sort();
    const [, , third = '', fourth = ''] = entries;
    const without = (path: string) =>
      new Map([...files].filter(([name]) => name !== path && name !== path.replace('.dsse.json', '.tlog-proof')));
    const swapped = new Map([
      ...files,
      [third, files.get(fourth) ?? new Uint8Array()],
      [fourth, files.get(third) ?? new Uint8Array()],
    ]);
    const archive = async (more: readonly string[]): Promise<Uint8Array> =>
      await packTar(
        [...files.keys(), ...more].map((name) => ({
          header: {
            name,
            size: (files.get(name) ?? files.get(name.toLowerCase()))?.length ?? 0,
            type: 'file' as const,
          },
          body: files.get(name) ?? files.get(name.toLowerCase()) ?? new Uint8Array(),
        })),
      );

    expect((await verify(without(third))).verdict).toBe('INCOMPLETE');
    expect((await verify(relist(without(third)))).verdict).toBe('INCOMPLETE');
    expect((await verify(swapped)).verdict).toBe('TAMPERED');
    expect((await verify(relist(swapped))).verdict).toBe('TAMPERED');
    expect((await verify(new Map([...files, ['note.txt', new Uint8Array([1])]]))).verdict).toBe('TAMPERED');
    expect((await verifyBundle(await archive([third]), GIVEN)).verdict).toBe('TAMPERED');
  });

  it('EV-27: a foreign key in trust/ changes nothing', async () => {
    const files = story();
    const foreign = new TextEncoder().encode(`${aKey().vkey}\n`);

    expect((await verify(relist(new Map([...files, ['trust/vkey.txt', foreign]])))).verdict).toBe('VERIFIED');
  });

  it('EV-28: a bundle cut after its verification says that its tail is not proved, and is INCOMPLETE beside the leaves', async () => {
    const log = buildLog(usualStory(), KEY);
    const cut = bundleFiles({ ...log, entries: log.entries.slice(0, -1) });

    const alone = await verify(cut);
    const beside = await verify(cut, { leaves: log.leaves });

    expect(alone.warnings.map((warning) => warning.code)).toContain('TAIL_UNPROVEN');
    expect(alone.verdict).toBe('VERIFIED');
    expect((await verify(cut, { strict: true })).verdict).toBe('INCOMPLETE');
    expect(beside.verdict).toBe('INCOMPLETE');
    expect(beside.faults.map((fault) => fault.code)).toContain('TAIL_CUT');
    expect((await verify(bundleFiles(log), { leaves: log.leaves })).verdict).toBe('VERIFIED');
  });

  it('EV-29: a bundle signed anew by somebody else is UNTRUSTED; a history rewritten with the key is TAMPERED beside a checkpoint', async () => {
    const other = aKey();
    const forged = bundleFiles(buildLog(usualStory(), other));
    const log = buildLog(usualStory(), KEY);
    const rewritten = buildLog(usualStory({ approvers: ['alice', 'dave'] }), KEY);

    expect((await verify(forged)).verdict).toBe('UNTRUSTED');
    expect((await verify(bundleFiles(rewritten), { checkpoints: [log.checkpoint] })).verdict).toBe('TAMPERED');
    const longer = buildLog(
      [...usualStory({ approvers: ['alice', 'dave'] }), { type: 'FINDING_REOPENED', body: tellFinding() }],
      KEY,
    );
    expect((await verify(bundleFiles(longer), { checkpoints: [log.checkpoint] })).verdict).toBe('INCOMPLETE');
  });

  it('proves an older checkpoint a beginning of the log with --since', async () => {
    const before = buildLog(usualStory().slice(0, 4), KEY);
    const after = buildLog(usualStory(), KEY);
    const files = bundleFiles({ ...after, since: [before.checkpoint] });

    expect((await verify(files, { checkpoints: [before.checkpoint] })).verdict).toBe('VERIFIED');
  });

  it('EV-30: an authentic bundle that broke the procedure is RULE_BROKEN, with the rule named', async () => {
    const broken: readonly (readonly [Story, string])[] = [
      [{ actor: 'bob' }, 'SEPARATION_OF_DUTIES'],
      [{ requester: 'alice' }, 'SEPARATION_OF_DUTIES'],
      [{ votesAfterIntent: true }, 'APPROVED_AFTER'],
      [{ planOfVotes: 'sha256:another' }, 'OTHER_PLAN'],
      [{ approvers: ['alice'] }, 'NOT_ENOUGH'],
      [{ approvers: ['alice', 'alice'] }, 'NOT_ENOUGH'],
      [{ resolvedFirst: true }, 'CLOSED_UNVERIFIED'],
    ];
    for (const [change, code] of broken) {
      const verified = await verify(story(change));
      expect(verified.verdict, code).toBe('RULE_BROKEN');
      expect(
        verified.faults.map((fault) => fault.code),
        code,
      ).toContain(code);
      expect(
        verified.faults.every((fault) => fault.entry !== undefined),
        code,
      ).toBe(true);
    }
  });

  it('EV-31: the same evidence gives the same bytes', async () => {
    const log = buildLog(usualStory(), KEY);

    expect(
      Buffer.compare(
        await buildBundle(log),
        await buildBundle({ ...log, entries: [...log.entries], artifacts: new Map([...log.artifacts].reverse()) }),
      ),
    ).toBe(0);
  });

  it('EV-32: refuses names that lead out, links, twins, compressed and cut archives before anything is believed', async () => {
    const body = new TextEncoder().encode('x');
    const one = async (header: Record<string, unknown>): Promise<BundleVerification> =>
      await verifyBundle(await packTar([{ header: { name: 'a', size: 1, ...header }, body }]), GIVEN);

    for (const name of [
      '../etc/passwd',
      '/etc/passwd',
      'a/../../b',
      'C:/x',
      'a/./b',
      'entries/\u202Egnp.dsse.json',
      'x'.repeat(120),
    ]) {
      const verified = await one({ name, type: 'file' });
      expect([verified.verdict, verified.faults[0]?.code], name).toEqual(['ERROR', 'ARCHIVE_UNSAFE']);
    }
    for (const type of ['symlink', 'link', 'directory', 'fifo', 'character-device'])
      expect(
        (
          await verifyBundle(
            await packTar([{ header: { name: 'a', size: 0, type, linkname: '/etc/passwd' } as never }]),
            GIVEN,
          )
        ).verdict,
        type,
      ).toBe('ERROR');
    const twins = await packTar(
      ['finding.json', 'FINDING.json'].map((name) => ({ header: { name, size: 1, type: 'file' as const }, body })),
    );
    expect((await verifyBundle(twins, GIVEN)).faults.map((fault) => fault.code)).toContain('FILE_DOUBLED');
    const { gzipSync } = await import('node:zlib');
    expect((await verifyBundle(gzipSync(Buffer.alloc(10_000_000)), GIVEN)).verdict).toBe('ERROR');
    const whole = await packArchive(story());
    expect((await verifyBundle(whole.subarray(0, 700), GIVEN)).verdict).toBe('ERROR');
    expect((await verifyBundle(new Uint8Array(), GIVEN)).verdict).toBe('ERROR');
  });

  it('EV-33: believes a key up to the index it is pinned for, and names key and index past it', async () => {
    const files = story();
    const limited = await verify(files, { keys: pinned(`${KEY.vkey} upTo=2`) });

    expect(limited.verdict).toBe('UNTRUSTED');
    expect(limited.faults[0]?.message).toContain(KEY.keyId);
    expect((await verify(files, { keys: pinned(`${KEY.vkey} upTo=100`, aKey().vkey) })).verdict).toBe('VERIFIED');
  });

  it('never throws, whatever bytes it is given', async () => {
    const whole = await packArchive(story());
    await fastCheck.assert(
      fastCheck.asyncProperty(
        fastCheck.array(fastCheck.tuple(fastCheck.nat(whole.length - 1), fastCheck.nat(255)), {
          minLength: 1,
          maxLength: 20,
        }),
        async (changes) => {
          const bytes = Uint8Array.from(whole);
          for (const [at, value] of changes) bytes[at] = value;
          const verified = await verifyBundle(bytes, GIVEN);
          expect(verified.findingId === undefined || verified.findingId.length > 0).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
    expect(FINDING_ID).toMatch(/^drift-/);
  });
});
