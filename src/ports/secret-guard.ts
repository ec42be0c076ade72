/** The backstop behind every redaction: nothing that leaves the process may hold a resolved secret. */
export interface SecretGuard {
  /** Registers a resolved secret; shorter than 6 bytes is not searched for. */
  register(secret: string): void;
  /** The text with every secret in any common encoding replaced by `[REDACTED]`; counts hits per place. */
  scrub(text: string, place: string): string;
  hits(): ReadonlyMap<string, number>;
}
