import type { OutboxMessage } from './store.ts';

/** A receiver of messages. At least once; a rejected promise is retried by the outbox. */
export interface Notifier {
  readonly receiver: string;
  send(message: OutboxMessage, signal: AbortSignal): Promise<void>;
}
