import { celEnv, parse, plan } from '@bufbuild/cel';
import { aDifference, anInput, aResource, CORRECT } from '../test/support/builders.ts';
import { evaluate } from '../src/core/policy/evaluate.ts';
import { compare, type Row } from './row.ts';

const RUNS = 2_000;

/** One whole evaluation with its trace, against the bare compiled condition it rests on. */
export async function governanceRows(report: (row: Row) => void): Promise<void> {
  const bare = plan(celEnv(), parse('!context.change.matched && !context.incident.linked'));
  const given = { context: { change: { matched: false }, incident: { linked: false } } };
  const resources = new Map([['user/app', aResource({ operatorSwitch: CORRECT })]]);
  const input = anInput({ resources, differences: [aDifference()] });
  report(
    await compare(`${RUNS} evaluations with the shipped pack and trace, against as many bare compiled conditions`, 40, {
      subject: () => {
        for (let run = 0; run < RUNS; run += 1) evaluate(input);
      },
      reference: () => {
        for (let run = 0; run < RUNS; run += 1) bare(given);
      },
    }),
  );
}
