/** One promise of speed or size: what was measured, against what, and what it should be at most. */
export interface Row {
  readonly measure: string;
  readonly subject: number;
  readonly reference: number;
  readonly unit: 'ms' | 'bytes' | 'count';
  /** Most that subject / reference should be; with reference 1 a plain bound. */
  readonly most: number;
}

type Work = () => unknown;

async function timed(work: Work): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Measures subject and reference in turn, so that a noisy moment hits both, and keeps the median of each, in milliseconds. */
export async function compare(
  measure: string,
  most: number,
  { subject, reference, rounds = 5 }: { readonly subject: Work; readonly reference: Work; readonly rounds?: number },
): Promise<Row> {
  await reference();
  await subject();
  const subjects: number[] = [];
  const references: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    references.push(await timed(reference));
    subjects.push(await timed(subject));
  }
  return { measure, subject: median(subjects), reference: median(references), unit: 'ms', most };
}

/** A row as it is printed: the ratio, what it should be, and whether it misses. */
export function rowLine(row: Row): string {
  const ratio = row.subject / row.reference;
  const met = ratio <= row.most;
  const shown = (value: number): string => (row.unit === 'ms' ? `${value.toFixed(1)} ms` : `${Math.round(value)}`);
  return `${met ? 'met   ' : 'MISSED'}  ${ratio.toFixed(2)} × (at most ${row.most} ×)  ${row.measure}: ${shown(row.subject)} against ${shown(row.reference)}${row.unit === 'ms' ? '' : ` ${row.unit}`}`;
}

export function misses(row: Row): boolean {
  return !(row.subject / row.reference <= row.most);
}
