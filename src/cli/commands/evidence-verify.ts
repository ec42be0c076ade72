import { readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { renderReadme } from '../../core/evidence/bundle/readme.ts';
import { verifyBundle, type BundleVerification } from '../../core/evidence/verify/verify-bundle.ts';
import { VERDICT_CODES, type Fault } from '../../core/evidence/verify/verdict.ts';
import { flagOption, listOption, textOption, type Invocation } from '../invocation.ts';
import { readGiven, readTrust } from '../read-trust.ts';
import { inert } from '../render/inert-text.ts';
import { printStructured } from '../structured.ts';
import { UsageError } from '../usage-error.ts';

async function readLeaves(invocation: Invocation): Promise<readonly string[] | undefined> {
  const folder = textOption(invocation, 'leaves');
  if (folder === undefined) return undefined;
  const leaves = join(folder, 'leaves');
  const names = await readdir(resolve(invocation.workingDirectory, leaves)).catch((cause: unknown) => {
    const because = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError('UNREADABLE', `cannot read ${leaves}: ${because}`, 'name a copy of the folder log/<n>/');
  });
  const texts = await Promise.all(
    names
      .filter((name) => name.endsWith('.jsonl'))
      .sort()
      .map(async (name) => (await readGiven(invocation, join(leaves, name))).toString('utf8')),
  );
  return texts.flatMap((text) => text.split('\n').filter((line) => line !== ''));
}

/** A fault as a line: what it makes of the archive, its code, where, and why. */
export function faultLine(fault: Fault): string {
  const entry = fault.entry === undefined ? '' : `  entry ${fault.entry}`;
  return `${fault.verdict}  ${fault.code}${entry}  ${inert(fault.message)}`;
}

function verificationText(verification: BundleVerification): string {
  const { verdict, findingId, faults, warnings, statements, logSize } = verification;
  const head = `${verdict}  ${inert(findingId ?? 'unknown finding')}: ${statements.length} entries proved under a log of ${logSize ?? 0} leaves`;
  return [
    head,
    ...faults.slice(0, 100).map((fault) => `  ${faultLine(fault)}`),
    ...(faults.length > 100 ? [`  … and ${faults.length - 100} more`] : []),
    ...warnings.map((warning) => `  warning ${warning.code}: ${warning.message}`),
  ].join('\n');
}

/** Verifies an archive. Without configuration, store or network: only the files that are named are opened. */
export async function run(invocation: Invocation): Promise<number> {
  const [file = ''] = invocation.arguments;
  const keys = await readTrust(invocation);
  const checkpoints = await Promise.all(
    listOption(invocation, 'checkpoint').map(async (each) => (await readGiven(invocation, each)).toString('utf8')),
  );
  const verification = await verifyBundle(await readGiven(invocation, file), {
    keys,
    checkpoints,
    leaves: await readLeaves(invocation),
    strict: flagOption(invocation, 'strict'),
  });
  const { verdict, findingId = '', faults, warnings, answers, statements, logSize } = verification;
  const html = textOption(invocation, 'html');
  if (html !== undefined && (verdict === 'VERIFIED' || verdict === 'RULE_BROKEN'))
    await writeFile(resolve(invocation.workingDirectory, html), renderReadme(findingId, answers, statements));
  const entries = statements.map(({ predicate }) => ({ id: predicate.id, type: predicate.type, at: predicate.at }));
  if (!printStructured(invocation, { verdict, findingId, logSize, faults, warnings, entries, answers }))
    invocation.console.result(verificationText(verification));
  return VERDICT_CODES[verdict];
}
