import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Finding } from '../core/model/finding.ts';
import { UsageError } from './usage-error.ts';

const LIFE = 90 * 86_400_000;

const Baseline = z.strictObject({
  kind: z.literal('Baseline'),
  schemaVersion: z.literal('1.0'),
  findings: z.array(
    z.strictObject({
      identity: z.string(),
      content: z.string(),
      expiresAt: z.string(),
      resource: z.string(),
      unit: z.string(),
    }),
  ),
});
type Baseline = z.infer<typeof Baseline>;

/** Known drift: it is listed and sets no exit code, until its content moves or its time is over. */
export interface KnownDrift {
  knownUntil(finding: Finding, now: string): string | undefined;
}

/** Reads a baseline. */
export async function readBaseline(path: string): Promise<KnownDrift> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UsageError(
      'BASELINE_UNREADABLE',
      `cannot read the baseline ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
      'write one with --write-baseline',
    );
  });
  let parsed: Baseline;
  try {
    parsed = Baseline.parse(JSON.parse(text));
  } catch {
    throw new UsageError(
      'BASELINE_INVALID',
      `cannot use the baseline ${path}: it is none`,
      'write it anew with --write-baseline',
    );
  }
  const known = new Map(parsed.findings.map((each) => [each.identity, each]));
  return {
    knownUntil: (finding, now) => {
      const entry = known.get(finding.identity);
      return entry !== undefined && entry.content === finding.content && Date.parse(entry.expiresAt) > Date.parse(now)
        ? entry.expiresAt
        : undefined;
    },
  };
}

/** Writes what is found now as known for 90 days. */
export async function writeBaseline(path: string, findings: readonly Finding[], now: string): Promise<void> {
  const expiresAt = new Date(Date.parse(now) + LIFE).toISOString();
  const baseline: Baseline = {
    kind: 'Baseline',
    schemaVersion: '1.0',
    findings: findings
      .map((finding) => ({
        identity: finding.identity,
        content: finding.content,
        expiresAt,
        resource: finding.resourceRef,
        unit: finding.unit,
      }))
      .sort((left, right) => (left.identity < right.identity ? -1 : 1)),
  };
  await writeFile(path, `${JSON.stringify(baseline, null, 2)}\n`);
}
