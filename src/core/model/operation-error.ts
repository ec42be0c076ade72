/** What an {@link OperationError} carries beside its message. */
export interface OperationErrorOptions {
  /** `later`: the same call may succeed when the world has changed; `no`: it will not. */
  readonly retry: 'no' | 'later';
  /** What the reader should do or expect next, one sentence. */
  readonly next?: string;
  readonly cause?: unknown;
}

/**
 * A failure outside this program: a server refused, a disk is full, a lock is held.
 * `code` is a literal of a closed set and is what callers branch on; the message says what was attempted, on what,
 * and why it failed, and never holds a secret. An expected outcome is a value, never one of these; a bug is a plain Error.
 */
export class OperationError extends Error {
  override readonly name = 'OperationError';
  readonly code: string;
  readonly retry: 'no' | 'later';
  readonly next: string | undefined;

  constructor(code: string, message: string, options: OperationErrorOptions) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retry = options.retry;
    this.next = options.next;
  }
}
