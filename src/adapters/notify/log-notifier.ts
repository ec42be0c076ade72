import type { Logger } from '../../ports/logger.ts';
import type { Notifier } from '../../ports/notifier.ts';

/** The receiver that is there when no document names one: messages become log lines. */
export function createLogNotifier(logger: Logger): Notifier {
  return {
    receiver: 'log',
    send(message) {
      logger.warn('drift message', { kind: message.kind, findingId: message.findingId, ...message.body });
      return Promise.resolve();
    },
  };
}
