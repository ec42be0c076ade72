import type { EngineContext } from './context.ts';

const BATCH = 100;

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
        context.logger.warn('message not delivered', {
          receiver: notifier.receiver,
          error: cause instanceof Error ? cause.message : String(cause),
        });
        break;
      }
      await context.store.markMessageSent(message.id);
      sent += 1;
    }
  }
  return { sent, failed };
}
