import { inspectUnit } from '../../app/contract.ts';
import type { Invocation } from '../invocation.ts';
import { openUnit } from '../open-unit.ts';
import { inert } from '../render/inert-text.ts';
import { printStructured } from '../structured.ts';

const MARKS = { pass: 'ok', fail: 'FAIL', unknown: '?' } as const;

/** Asks the watched system who we are there and what we may. It sends reads only. */
export async function run(invocation: Invocation): Promise<number> {
  const { kedge, unit } = await openUnit(invocation);
  const inspection = await inspectUnit(
    kedge.context,
    unit,
    AbortSignal.any([invocation.signal, AbortSignal.timeout(60_000)]),
  );
  const statuses = inspection.findings.map((each) => each.status);
  const code = statuses.includes('fail') ? 2 : statuses.includes('unknown') ? 3 : 0;
  if (
    printStructured(invocation, { unit: unit.name, checks: inspection.findings, notCompared: inspection.notCompared })
  )
    return code;
  invocation.console.result(
    [
      ...inspection.findings.map(
        (each) =>
          `${MARKS[each.status].padEnd(4)} ${each.check}: ${inert(each.detail)}${each.next === undefined ? '' : `\n       next: ${inert(each.next)}`}`,
      ),
      ...inspection.notCompared.map((each) => `note ${each.what}: not compared: ${each.why}. ${each.how}`),
    ].join('\n'),
  );
  return code;
}
