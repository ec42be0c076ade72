/** What a person typed cannot be done as it stands. Exit code 1, before anything is looked at. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code: string;
  readonly next: string;

  constructor(code: string, message: string, next: string) {
    super(message);
    this.code = code;
    this.next = next;
  }
}
