import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Kedge } from '../../src/app/kedge.ts';
import { parseCheckpoint } from '../../src/core/evidence/checkpoint.ts';
import { parseTrust } from '../../src/core/evidence/verify/trust.ts';
import { verifyLog } from '../../src/core/evidence/verify/verify-log.ts';
import type { Lease } from '../../src/ports/lease-store.ts';
import { appendEntries } from '../support/append-entries.ts';
import { installation, type Installation } from '../support/installation.ts';

const NEVER = new AbortController().signal;

describe('the publisher', () => {
  const places: Installation[] = [];

  afterEach(async () => {
    for (const place of places.splice(0)) await place.remove();
  });

  async function opened(): Promise<{ readonly place: Installation; readonly kedge: Kedge }> {
    const place = await installation();
    places.push(place);
    await place.write(
      'kedge.yaml',
      'apiVersion: kedge.dev/v1alpha1\nkind: KedgeConfig\nmetadata: {name: kedge}\nspec: {}\n',
    );
    return { place, kedge: await place.open() };
  }

  async function sizeOf(place: Installation): Promise<number> {
    const note = await readFile(join(place.folder, '.kedge/evidence/log/1/checkpoint'), 'utf8');
    return parseCheckpoint(note)?.size ?? -1;
  }

  it('EV-14: goes on from the frontier of the last checkpoint, and reads no leaf again', async () => {
    const { place, kedge } = await opened();
    await appendEntries(kedge, 5);
    await kedge.context.publisher.publish(NEVER);
    const read = kedge.store.entries.readLeafHashes.bind(kedge.store.entries);
    let asked = 0;
    kedge.store.entries.readLeafHashes = async (from, to) => {
      asked += 1;
      return await read(from, to);
    };
    await appendEntries(kedge, 3);
    await kedge.context.publisher.publish(NEVER);
    const trust = parseTrust(kedge.vkey);
    if (trust.status === 'refused') throw new Error(trust.message);
    const copy = async (path: string): Promise<Uint8Array | undefined> =>
      await readFile(join(place.folder, '.kedge/evidence/log/1', path)).catch(() => undefined);
    const verified = await verifyLog(copy, { keys: trust.keys, from: undefined, to: undefined, full: true });

    expect(asked).toBe(0);
    expect(await sizeOf(place)).toBe(8);
    expect([verified.size, verified.faults]).toEqual([8, []]);
  });

  it('a twin that slept past its lease puts no older checkpoint over a newer one', async () => {
    const { place, kedge } = await opened();
    const twin = await place.open();
    await appendEntries(kedge, 2);
    let lease: Lease | undefined;
    const acquire = kedge.store.leases.acquire.bind(kedge.store.leases);
    kedge.store.leases.acquire = async (name, holder) => {
      const got = await acquire(name, holder);
      if (got.status === 'held') ({ lease } = got);
      return got;
    };
    const extend = kedge.evidence.extend.bind(kedge.evidence);
    let slept = false;
    Object.assign(kedge.evidence, {
      extend: async (path: string, bytes: Uint8Array, signal: AbortSignal) => {
        if (!slept && lease !== undefined) {
          slept = true;
          await twin.store.leases.release(lease);
          await appendEntries(twin, 3);
          await twin.context.publisher.publish(NEVER);
        }
        await extend(path, bytes, signal);
      },
    });
    const late = await kedge.context.publisher.publish(NEVER).then(
      () => 'published',
      (cause: unknown) => (cause as { code?: string }).code,
    );

    expect(slept).toBe(true);
    expect(late).toBe('LEASE_LOST');
    expect(await sizeOf(place)).toBe(5);
  });

  it('a leaf file that was changed stops the publication, and is not written over', async () => {
    const { place, kedge } = await opened();
    await appendEntries(kedge, 2);
    await kedge.context.publisher.publish(NEVER);
    const file = join(place.folder, '.kedge/evidence/log/1/leaves/000000.jsonl');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('UNIT_STALE', 'UNIT_FRESH').replace('01', '02'));
    await appendEntries(kedge, 1);

    await expect(kedge.context.publisher.publish(NEVER)).rejects.toMatchObject({ code: 'EVIDENCE_CONFLICT' });
    expect(await kedge.context.publisher.probe(AbortSignal.abort())).toBe('unavailable');
  });
});
