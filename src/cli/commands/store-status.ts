import type { Invocation } from '../invocation.ts';
import { printStructured } from '../structured.ts';

/** Says where the store is and what it holds. */
export async function run(invocation: Invocation): Promise<number> {
  const kedge = await invocation.open({ keepGoing: true });
  const log = await kedge.store.entries.logState();
  const waiting = await kedge.store.entries.countUnpublished();
  const status = {
    store: kedge.store.storeId,
    engine: kedge.configuration.storeUrl === undefined ? 'embedded' : 'PostgreSQL',
    units: (await kedge.store.listUnits()).length,
    evidence: { uri: kedge.evidence.uri, entries: log.ordered, published: log.published, waiting: waiting.entries },
  };
  if (!printStructured(invocation, status))
    invocation.console.result(
      `store ${status.store} (${status.engine}), ${status.units} units\nevidence ${status.evidence.uri}: ${status.evidence.published} published, ${status.evidence.waiting} waiting`,
    );
  return 0;
}
