import { tenAnswers } from '../answers/ten-answers.ts';
import type { Answer } from '../answers/answer.ts';
import { openArchive } from '../bundle/archive.ts';
import type { Statement } from '../statement.ts';
import { checkChain, type KnownLeaves } from './chain-step.ts';
import { checkConsistency } from './consistency-step.ts';
import { checkFiles } from './file-step.ts';
import { checkLog } from './log-step.ts';
import { checkRules } from './rule-step.ts';
import { checkSignatures } from './signature-step.ts';
import type { TrustedKey } from './trust.ts';
import { verdictOf, type Fault, type Verdict, type VerificationWarning } from './verdict.ts';

/** What an auditor holds beside the bundle. */
export interface Given {
  readonly keys: readonly TrustedKey[];
  /** Checkpoints kept from before, or taken from an anchor. */
  readonly checkpoints: readonly string[];
  readonly leaves: KnownLeaves;
  /** Warnings count as incomplete. */
  readonly strict: boolean;
}

/** What a verification found: every fault, not only the first. */
export interface BundleVerification {
  readonly verdict: Verdict;
  readonly findingId: string | undefined;
  readonly faults: readonly Fault[];
  readonly warnings: readonly VerificationWarning[];
  /** Entries that were proved, in order of the log. */
  readonly statements: readonly Statement[];
  readonly answers: readonly Answer[];
  readonly logSize: number | undefined;
}

function warningFault(warning: VerificationWarning): Fault {
  return { step: 'chain', verdict: 'INCOMPLETE', code: warning.code, message: warning.message };
}

function checkpointWarning(given: Given): readonly VerificationWarning[] {
  if (given.checkpoints.length > 0) return [];
  const message =
    "the log rests on the operator's word: give --checkpoint, one kept from before or in other hands, to prove that nothing was rewritten";
  return [{ code: 'NO_CHECKPOINT', message }];
}

function ended(faults: readonly Fault[]): BundleVerification {
  return {
    verdict: verdictOf(faults),
    findingId: undefined,
    faults,
    warnings: [],
    statements: [],
    answers: [],
    logSize: undefined,
  };
}

/** Verifies a bundle from its bytes and what the auditor holds. Opens nothing, asks nobody, believes nothing inside the bundle. */
export async function verifyBundle(bytes: Uint8Array, given: Given): Promise<BundleVerification> {
  const archive = await openArchive(bytes);
  if (archive.status === 'refused')
    return ended(
      archive.faults.map((each) => ({
        step: 'archive',
        verdict: 'ERROR',
        code: 'ARCHIVE_UNSAFE',
        file: each.file,
        message: each.message,
      })),
    );
  const { files } = archive;
  const doubled = archive.faults.map(({ file, message }): Fault => ({
    step: 'archive',
    verdict: 'TAMPERED',
    code: 'FILE_DOUBLED',
    file,
    message,
  }));
  const { manifest, faults: listed } = checkFiles(files);
  const signatures = checkSignatures(files, given.keys);
  const log = checkLog(files, signatures.entries, given.keys);
  const findingId = manifest?.subject.id;
  const chain =
    findingId === undefined
      ? { faults: [], warnings: [] }
      : checkChain(files, { entries: log.entries, findingId, checkpoint: log.checkpoint }, given.leaves);
  const warnings = [...chain.warnings, ...checkpointWarning(given)];
  const faults = [
    ...doubled,
    ...listed,
    ...signatures.faults,
    ...log.faults,
    ...checkConsistency(files, log.checkpoint, given),
    ...chain.faults,
    ...checkRules(files, log.entries),
    ...(given.strict ? warnings.map(warningFault) : []),
  ];
  const statements = log.entries.map((each) => each.statement);
  return {
    verdict: verdictOf(faults),
    findingId,
    faults,
    warnings,
    statements,
    answers: findingId === undefined ? [] : tenAnswers(findingId, statements),
    logSize: log.checkpoint?.size,
  };
}
