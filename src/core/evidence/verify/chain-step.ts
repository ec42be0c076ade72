import { canonicalJson } from '../../model/digest.ts';
import type { BundleFiles } from '../bundle/archive.ts';
import { FINDING, RESULT } from '../bundle/bundle-path.ts';
import { lastFinding, lastResult } from '../bundle/build-bundle.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { Leaf } from '../leaf.ts';
import { CompactRange, leafHash } from '../merkle.ts';
import type { PlacedEntry } from './log-step.ts';
import type { Fault, VerificationWarning } from './verdict.ts';

/** A copy of the log's leaves, in order, as far as the auditor holds them. */
export type KnownLeaves = readonly string[] | undefined;

function copyFaults(files: BundleFiles, entries: readonly PlacedEntry[]): readonly Fault[] {
  const statements = entries.map((each) => each.statement);
  const expected = [
    [FINDING, lastFinding(statements)],
    [RESULT, lastResult(statements)],
  ] as const;
  return expected.flatMap(([file, value]): readonly Fault[] => {
    const bytes = files.get(file);
    const wanted = value === undefined ? undefined : `${canonicalJson(value)}\n`;
    if (bytes === undefined && wanted === undefined) return [];
    if (bytes !== undefined && new TextDecoder().decode(bytes) === wanted) return [];
    return bytes === undefined
      ? [{ step: 'chain', verdict: 'INCOMPLETE', code: 'COPY_MISSING', file, message: `${file} is not there` }]
      : [
          {
            step: 'chain',
            verdict: 'TAMPERED',
            code: 'COPY_DIFFERS',
            file,
            message: `${file} is not what the last entry says`,
          },
        ];
  });
}

function strangerFaults(entries: readonly PlacedEntry[], findingId: string): readonly Fault[] {
  const checks = new Set(
    entries
      .filter(({ statement }) => statement.predicate.about.kind === 'FINDING')
      .map(({ statement }) => statement.predicate.body['checkId']),
  );
  return entries.flatMap((entry): readonly Fault[] => {
    const { about, type, body } = entry.statement.predicate;
    if (about.kind === 'FINDING' && about.id === findingId) return [];
    if (type.startsWith('CHECK_') && (type === 'CHECK_BATCH' || checks.has(body['checkId']))) return [];
    const message = `${entry.file} is about ${about.kind} ${about.id}, not about ${findingId}`;
    return [{ step: 'chain', verdict: 'TAMPERED', code: 'ENTRY_FOREIGN', file: entry.file, entry: entry.id, message }];
  });
}

function gapFaults(own: readonly PlacedEntry[]): readonly Fault[] {
  let before: string | undefined;
  return own.flatMap((entry): readonly Fault[] => {
    const { previous } = entry.statement.predicate;
    const expected = before;
    before = `sha256:${entry.payloadSha256}`;
    if (previous === expected) return [];
    const message =
      previous === undefined
        ? `${entry.file} says it is the first about the finding, and is not`
        : `the entry before ${entry.file} (statement ${previous}) is not there`;
    return [{ step: 'chain', verdict: 'INCOMPLETE', code: 'GAP', file: entry.file, entry: entry.id, message }];
  });
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function tailFaults(leaves: readonly string[], own: readonly PlacedEntry[], findingId: string): readonly Fault[] {
  const last = own.at(-1)?.index ?? -1;
  return leaves.flatMap((line, index): readonly Fault[] => {
    if (index <= last) return [];
    const leaf = Leaf.safeParse(parseLine(line));
    if (!leaf.success || leaf.data.about.kind !== 'FINDING' || leaf.data.about.id !== findingId) return [];
    const message = `the log has a later entry about ${findingId}: ${leaf.data.type} ${leaf.data.id} (index ${index})`;
    return [{ step: 'chain', verdict: 'INCOMPLETE', code: 'TAIL_CUT', entry: leaf.data.id, message }];
  });
}

/** Whether a copy of the leaves is the log that the checkpoint promises. */
function copyOfLogFaults(leaves: readonly string[], checkpoint: Checkpoint): readonly Fault[] {
  if (leaves.length < checkpoint.size) {
    const message = `the copy of the log holds ${leaves.length} leaves, the checkpoint covers ${checkpoint.size}`;
    return [{ step: 'chain', verdict: 'INCOMPLETE', code: 'LEAVES_SHORT', message }];
  }
  const range = new CompactRange();
  for (const line of leaves.slice(0, checkpoint.size)) range.append(leafHash(new TextEncoder().encode(line)));
  if (Buffer.compare(range.root(), checkpoint.root) === 0) return [];
  const message = `the copy of the log is not the log of ${checkpoint.size} leaves that the checkpoint promises`;
  return [{ step: 'chain', verdict: 'TAMPERED', code: 'FORK', message }];
}

/** No entry about the finding left out, none of something else slipped in, and the copies for reading equal to what was signed. */
export function checkChain(
  files: BundleFiles,
  placed: {
    readonly entries: readonly PlacedEntry[];
    readonly findingId: string;
    readonly checkpoint: Checkpoint | undefined;
  },
  leaves: KnownLeaves,
): { readonly faults: readonly Fault[]; readonly warnings: readonly VerificationWarning[] } {
  const { entries, findingId, checkpoint } = placed;
  const own = entries.filter(
    ({ statement }) => statement.predicate.about.kind === 'FINDING' && statement.predicate.about.id === findingId,
  );
  const faults = [...copyFaults(files, entries), ...strangerFaults(entries, findingId), ...gapFaults(own)];
  if (own.length === 0)
    faults.push({
      step: 'chain',
      verdict: 'INCOMPLETE',
      code: 'NO_ENTRIES',
      message: `no entry is about ${findingId}`,
    });
  if (leaves !== undefined) {
    const copy = checkpoint === undefined ? [] : copyOfLogFaults(leaves, checkpoint);
    return { faults: [...faults, ...copy, ...tailFaults(leaves, own, findingId)], warnings: [] };
  }
  const message = 'whether later entries about the finding exist is not proved: give --leaves, a copy of the log';
  return { faults, warnings: [{ code: 'TAIL_UNPROVEN', message }] };
}
