import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportFinding } from '../../app/evidence.ts';
import { packArchive, openArchive } from '../../core/evidence/bundle/archive.ts';
import { parseTrust } from '../../core/evidence/verify/trust.ts';
import { verifyBundle, type BundleVerification } from '../../core/evidence/verify/verify-bundle.ts';
import { VERDICT_CODES } from '../../core/evidence/verify/verdict.ts';
import type { Stage } from './stage.ts';

async function verify(vkey: string, path: string): Promise<BundleVerification> {
  const trust = parseTrust(vkey);
  if (trust.status === 'refused') throw new Error(`the verifier key is none: ${trust.message}`);
  const given = { keys: trust.keys, checkpoints: [], leaves: undefined, strict: false };
  return await verifyBundle(await readFile(path), given);
}

/** A copy of an archive in which one byte of one file is another. */
async function flipOneByte(bytes: Uint8Array, file: string): Promise<Uint8Array> {
  const archive = await openArchive(bytes);
  if (archive.status === 'refused') throw new Error('the archive that was just written cannot be read');
  const original = archive.files.get(file);
  if (original === undefined) throw new Error(`there is no ${file} in the archive`);
  const flipped = Uint8Array.from(original);
  const at = Math.floor(flipped.length / 2);
  flipped[at] = (flipped[at] ?? 0) ^ 1;
  return await packArchive(new Map([...archive.files, [file, flipped]]));
}

/** The evidence leaves the house, is verified without it, and a single changed byte is named. */
export async function proven(stage: Stage): Promise<void> {
  const { finding } = await stage.finding('/reporting', '/attributes/superuser');
  await stage.kedge.context.publisher.publish(stage.signal);
  const bytes = await exportFinding(stage.kedge, finding.findingId);
  const path = join(stage.folder, 'evidence.tar');
  await writeFile(path, bytes);
  const good = await verify(stage.kedge.vkey, path);
  stage.claim(
    `the archive verifies offline: ${good.statements.length} entries, ten answers, code 0`,
    VERDICT_CODES[good.verdict] === 0 && good.answers.length === 10,
    good.faults,
  );
  for (const { number, question, text } of good.answers)
    stage.say(`   ${String(number).padStart(2)}. ${question}  ${text}`);
  const intent = good.statements.find(({ predicate }) => predicate.type === 'ACTION_INTENDED')?.predicate.id ?? '';
  const tampered = join(stage.folder, 'tampered.tar');
  await writeFile(tampered, await flipOneByte(bytes, `entries/${intent}.dsse.json`));
  const bad = await verify(stage.kedge.vkey, tampered);
  const fault = bad.faults.find((each) => each.entry === intent);
  stage.claim('with one byte of a copy flipped the code is 2', VERDICT_CODES[bad.verdict] === 2, bad);
  stage.claim(
    `the file and the entry are named: ${fault?.message ?? ''}`,
    fault?.file === `entries/${intent}.dsse.json`,
    bad.faults,
  );
}
