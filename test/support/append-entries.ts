import type { Kedge } from '../../src/app/kedge.ts';
import { makeEntry } from '../../src/engine/entry.ts';

/** Records entries about several units, each with an artifact, and returns their ids. */
export async function appendEntries(kedge: Pick<Kedge, 'context'>, count: number): Promise<readonly string[]> {
  const recorded: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const entry = makeEntry(kedge.context, {
      type: 'UNIT_STALE',
      unit: 'payments-db',
      about: { kind: 'UNIT', id: `unit-${at % 7}` },
      body: { at },
      artifacts: [{ role: 'FAILURE', name: 'failure.json', value: { at } }],
    });
    await kedge.context.store.write((transaction) => transaction.appendEntry(entry));
    recorded.push(entry.id);
  }
  return recorded;
}
