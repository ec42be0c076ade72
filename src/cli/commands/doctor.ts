import type { Invocation } from '../invocation.ts';
import { inert } from '../render/inert-text.ts';
import { printStructured } from '../structured.ts';

interface Item {
  readonly check: string;
  readonly status: 'pass' | 'fail' | 'unknown';
  readonly detail: string;
}

const MARKS = { pass: 'ok', fail: 'FAIL', unknown: '?' } as const;

/** Looks at the installation itself. */
export async function run(invocation: Invocation): Promise<number> {
  const kedge = await invocation.open({ keepGoing: true });
  const errors = [...kedge.configuration.diagnostics, ...kedge.documents().diagnostics].filter(
    (each) => each.level === 'error',
  );
  const evidence = await kedge.context.publisher.probe(invocation.signal);
  const log = await kedge.store.entries.logState();
  const items: readonly Item[] = [
    {
      check: 'documents',
      status: errors.length === 0 ? 'pass' : 'fail',
      detail:
        errors.length === 0
          ? `${kedge.documents().documents.length} documents, ${kedge.documents().set.units.length} units`
          : `${errors.length} errors: kedge lint`,
    },
    {
      check: 'store',
      status: 'pass',
      detail: `${kedge.configuration.storeUrl === undefined ? 'embedded' : 'PostgreSQL'} ${kedge.store.storeId}`,
    },
    {
      check: 'evidence',
      status: evidence === 'available' ? 'pass' : 'fail',
      detail: `${kedge.evidence.uri}: ${evidence}, ${log.published} entries published`,
    },
    {
      check: 'anchors',
      status: 'unknown',
      detail: "none: the log rests on the operator's word; keep `kedge evidence checkpoint` elsewhere",
    },
  ];
  const code = items.some((each) => each.status === 'fail')
    ? 2
    : items.some((each) => each.status === 'unknown')
      ? 3
      : 0;
  if (!printStructured(invocation, items))
    invocation.console.result(
      items.map((each) => `${MARKS[each.status].padEnd(4)} ${each.check}: ${inert(each.detail)}`).join('\n'),
    );
  return code;
}
