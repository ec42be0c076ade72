import type { EngineContext } from './context.ts';

const BATCH = 100;

async function count(context: EngineContext, receiver: string, outcome: 'sent' | 'failed'): Promise<void> {
  await context.store.write((transaction) =>
    transaction.increment({ metric: 'kedge_notifications_total', labels: { receiver, outcome }, by: 1 }),
  );
}

/** Sends what waits in the outbox, in order for each receiver. What a receiver refuses stays and is tried again later. */
export async function deliverMessages(
  context: EngineContext,
  signal: AbortSignal,
): Promise<{ readonly sent: number; readonly failed: number }> {
  let sent = 0;
  let failed = 0;
  for (const notifier of context.notifiers) {
    for (const message of await context.store.listMessages(notifier.receiver, BATCH)) {
      try {
        await notifier.send(message, signal);
      } catch (cause) {
        failed += 1;
        await count(context, notifier.receiver, 'failed');
        context.logger.warn('message not delivered', {
          receiver: notifier.receiver,
          error: cause instanceof Error ? cause.message : String(cause),
        });
        break;
      }
      await context.store.markMessageSent(message.id);
      await count(context, notifier.receiver, 'sent');
      sent += 1;
    }
  }
  return { sent, failed };
}
