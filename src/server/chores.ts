import type { Kedge } from '../app/kedge.ts';
import type { ProcessMetrics } from '../app/metrics/process-metrics.ts';
import { expireApprovals } from '../engine/approve.ts';
import { deliverMessages } from '../engine/deliver.ts';
import { enqueueDue, makeHealableDue } from '../engine/due.ts';
import { recoverActions, runDueActions } from '../engine/recover.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { Leadership } from './leadership.ts';
import type { Chore } from './repeat.ts';

const SECOND = 1_000;
/** So many waiting entries are published before their time. */
const MANY_ENTRIES = 256;

/** What the chores of a server work with. */
export interface ChoreParts {
  readonly kedge: Kedge;
  readonly jobs: JobQueue;
  readonly leadership: Leadership;
  readonly metrics: ProcessMetrics;
  /** No new work is begun after it. */
  readonly stop: AbortSignal;
}

/** What may heal is taken up at once when this process begins to lead; from then on what is due. */
function scheduling({ kedge, jobs }: ChoreParts): () => Promise<void> {
  let begun = false;
  return async () => {
    if (!begun) await makeHealableDue(kedge.context);
    begun = true;
    await enqueueDue(kedge.context, jobs);
  };
}

function publishing({ kedge, stop }: ChoreParts): () => Promise<void> {
  const { clock, publisher, store } = kedge.context;
  const every = kedge.configuration.spec.evidence.checkpointEvery;
  let publishedAt = clock.monotonicMilliseconds() - every;
  return async () => {
    const { entries } = await store.entries.countUnpublished();
    const isTime = clock.monotonicMilliseconds() - publishedAt >= every;
    if (entries === 0 || (!isTime && entries < MANY_ENTRIES)) return;
    publishedAt = clock.monotonicMilliseconds();
    await publisher.publish(stop);
  };
}

/** Reads the documents again; faults are logged each, and the last good set stays in force. */
export async function reloadDocuments({ kedge, metrics, stop }: ChoreParts): Promise<void> {
  const before = kedge.documents().set.revision;
  const fresh = await kedge.reload(stop);
  const faults = fresh.diagnostics.filter((each) => each.level === 'error');
  metrics.configValid.set(faults.length === 0 ? 1 : 0);
  for (const { code, message, location } of faults)
    kedge.logger.error('document refused, the last good set stays in force', {
      code,
      error: message,
      ...(location === undefined ? {} : { at: `${location.file}:${location.line}:${location.column}` }),
    });
  if (kedge.documents().set.revision !== before)
    kedge.logger.info('documents in force', { units: kedge.documents().set.units.length });
}

/** Everything a server does again and again beside checking units. */
export function choresOf(parts: ChoreParts): readonly Chore[] {
  const { kedge, leadership, stop } = parts;
  const { context, configuration } = kedge;
  const asLeader = (work: () => Promise<unknown>) => async (): Promise<void> => {
    if (leadership.isLeader()) await work();
  };
  return [
    { name: 'lead', everyMilliseconds: 5 * SECOND, run: () => leadership.seek(stop) },
    { name: 'due units', everyMilliseconds: SECOND, run: asLeader(scheduling(parts)) },
    { name: 'approved actions', everyMilliseconds: 2 * SECOND, run: () => runDueActions(context, stop) },
    {
      name: 'unproved actions',
      everyMilliseconds: 30 * SECOND,
      run: asLeader(() => recoverActions(context, stop)),
    },
    { name: 'expiry', everyMilliseconds: 10 * SECOND, run: asLeader(() => expireApprovals(context)) },
    { name: 'messages', everyMilliseconds: 5 * SECOND, run: asLeader(() => deliverMessages(context, stop)) },
    { name: 'evidence', everyMilliseconds: SECOND, run: publishing(parts) },
    {
      name: 'documents',
      everyMilliseconds: configuration.spec.registryPoll,
      run: () => reloadDocuments(parts),
    },
  ];
}
