import { hash, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { mkdtemp, open, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecretGuard } from '../src/adapters/secrets/secret-guard.ts';
import type { Kedge } from '../src/app/kedge.ts';
import { buildBundle } from '../src/core/evidence/bundle/build-bundle.ts';
import { checkpointText, LEAVES_A_FILE } from '../src/core/evidence/checkpoint.ts';
import { CompactRange, leafHash } from '../src/core/evidence/merkle.ts';
import { signNote } from '../src/core/evidence/signed-note.ts';
import { verifyBundle } from '../src/core/evidence/verify/verify-bundle.ts';
import { verifyLog } from '../src/core/evidence/verify/verify-log.ts';
import { makeEntry } from '../src/engine/entry.ts';
import { aKey, buildLog, ORIGIN, pinned, usualStory, type TestEntry } from '../test/support/evidence-log.ts';
import { installation } from '../test/support/installation.ts';
import { startServer } from '../test/support/postgres.ts';
import { compare, type Row } from './row.ts';

const NEVER = new AbortController().signal;
const APPENDED = 1_000;
const PUBLISHED = 2_000;
const VERIFIED = 500;
const LEAVES = 1_000_000;

async function append(kedge: Kedge, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1)
    await kedge.store.write((transaction) =>
      transaction.appendEntry(
        makeEntry(kedge.context, {
          type: 'CHECK_UNKNOWN',
          unit: 'payments-db',
          about: { kind: 'UNIT', id: 'payments-db' },
          body: { checkId: `C${index}`, reason: 'UNREACHABLE' },
        }),
      ),
    );
}

async function storeRows(report: (row: Row) => void): Promise<void> {
  const server = await startServer({ durable: true });
  const place = await installation();
  try {
    await place.write(
      'kedge.yaml',
      'apiVersion: kedge.dev/v1alpha1\nkind: KedgeConfig\nmetadata: {name: kedge}\nspec: {store: {migrate: auto}}\n',
    );
    await server.sql('CREATE DATABASE kedge');
    await server.sql('CREATE TABLE plain (id bigserial PRIMARY KEY, body text)', 'kedge');
    const kedge = await place.open({
      environment: { DATABASE_URL: `postgresql://postgres@127.0.0.1:${server.port}/kedge` },
    });
    const client = await server.connect({ database: 'kedge' });
    const body = randomBytes(600).toString('hex');
    report(
      await compare(`append ${APPENDED} entries, against as many durable single-row inserts of equal bytes`, 3, {
        subject: () => append(kedge, APPENDED),
        reference: async () => {
          for (let index = 0; index < APPENDED; index += 1)
            await client.query('INSERT INTO plain (body) VALUES ($1)', [body]);
        },
        rounds: 3,
      }),
    );
    await kedge.context.publisher.publish(NEVER);
    await append(kedge, PUBLISHED);
    const folder = await mkdtemp(join(tmpdir(), 'kedge-bench-'));
    const { privateKey } = generateKeyPairSync('ed25519');
    const plain = performance.now();
    for (let index = 0; index < PUBLISHED; index += 1) {
      const bytes = Buffer.concat([Buffer.from(body), sign(null, Buffer.from(body), privateKey)]);
      const file = await open(join(folder, `${index}.new`), 'w');
      await file.writeFile(bytes);
      await file.sync();
      await file.close();
      await rename(join(folder, `${index}.new`), join(folder, `${index}.json`));
    }
    const started = performance.now();
    await kedge.context.publisher.publish(NEVER);
    report({
      measure: `publish ${PUBLISHED} entries to a directory, against signing, writing, syncing and renaming as many files`,
      subject: performance.now() - started,
      reference: started - plain,
      unit: 'ms',
      most: 2,
    });
    await client.end();
    await rm(folder, { recursive: true, force: true });
  } finally {
    await place.remove();
    await server.stop();
  }
}

async function bundleRow(report: (row: Row) => void): Promise<void> {
  const key = aKey();
  const story = usualStory();
  const filler = Array.from({ length: VERIFIED - story.length }, (_, index): TestEntry => ({
    type: 'FINDING_UPDATED',
    body: { note: `seen ${index}` },
    at: '2026-07-03T10:00:00.000Z',
  }));
  const log = buildLog([...story.slice(0, 2), ...filler, ...story.slice(2)], key);
  const archive = await buildBundle(log);
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const payload = randomBytes(1_000);
  const signature = sign(null, payload, privateKey);
  const given = { keys: pinned(key.vkey), checkpoints: [], leaves: undefined, strict: false };
  report(
    await compare(
      `verify a bundle of ${VERIFIED} entries, against hashing it and ${VERIFIED} signature verifications`,
      2,
      {
        subject: () => verifyBundle(archive, given),
        reference: () => {
          hash('sha256', archive);
          for (let index = 0; index < VERIFIED; index += 1) verify(null, payload, publicKey, signature);
        },
      },
    ),
  );
}

async function logRow(report: (row: Row) => void): Promise<void> {
  const key = aKey();
  const leaf = Buffer.from(
    `{"about":{"id":"payments-db","kind":"UNIT"},"at":"2026-07-03T10:00:00.000Z","digest":"sha256:${'0'.repeat(64)}","id":"01M80000000000000000000000","type":"CHECK_UNKNOWN"}`,
  );
  const range = new CompactRange();
  const leafDigest = leafHash(leaf);
  for (let index = 0; index < LEAVES; index += 1) range.append(leafDigest);
  const checkpoint = Buffer.from(signNote(checkpointText(ORIGIN, LEAVES, range.root()), key));
  const lines = Buffer.from(`${leaf.toString()}\n`.repeat(LEAVES_A_FILE));
  const read = (path: string): Promise<Uint8Array | undefined> => {
    if (path === 'checkpoint') return Promise.resolve(checkpoint);
    if (!path.startsWith('leaves/')) return Promise.resolve(undefined);
    const start = Number(/(\d{6})/.exec(path)?.[1]) * LEAVES_A_FILE;
    const count = Math.min(LEAVES_A_FILE, LEAVES - start);
    return Promise.resolve(lines.subarray(0, count * (leaf.length + 1)));
  };
  const node = randomBytes(65);
  report(
    await compare(`verify a log of ${LEAVES} leaves by the leaves, against hashing as many leaves and nodes`, 2.5, {
      subject: () => verifyLog(read, { keys: pinned(key.vkey), from: undefined, to: undefined, full: true }),
      reference: () => {
        for (let index = 0; index < LEAVES; index += 1) {
          hash('sha256', leaf, 'buffer');
          hash('sha256', node, 'buffer');
        }
      },
      rounds: 1,
    }),
  );
}

async function guardRow(report: (row: Row) => void): Promise<void> {
  const guard = createSecretGuard();
  for (let index = 0; index < 100; index += 1) guard.register(randomBytes(18).toString('base64'));
  const steps = Array.from({ length: 60_000 }, (_, index) => ({
    address: `database_role.role_${index}`,
    before: {
      name: `role_${index}`,
      login: true,
      comment: 'ordinary words of an ordinary plan, nothing secret at all',
    },
    after: {
      name: `role_${index}`,
      login: false,
      comment: 'ordinary words of an ordinary plan, nothing secret at all',
    },
  }));
  const plan = JSON.stringify(steps);
  report(
    await compare(`search ${(plan.length / 1e6).toFixed(0)} MB for 100 secrets, against JSON.parse of it`, 3, {
      subject: () => guard.scrub(plan, 'plan'),
      reference: () => JSON.parse(plan) as unknown,
    }),
  );
}

/** Appending, publishing, verifying and searching, each against the least that it must cost. */
export async function evidenceRows(report: (row: Row) => void): Promise<void> {
  await guardRow(report);
  await bundleRow(report);
  await logRow(report);
  await storeRows(report);
}
