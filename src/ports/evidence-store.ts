/**
 * Where published evidence stands: files that are put once, the leaf and hash files, which grow at their end, and the checkpoint.
 * When its signal aborts, a call rejects; what it was to put may stand or not, and the same call again is safe.
 */
export interface EvidenceStore {
  /** Address for people and for `evidenceUri`: `file:///…` or `s3://…`, without a trailing slash. */
  readonly uri: string;
  /**
   * Binds the root to this store, or checks that it is.
   * @throws OperationError `EVIDENCE_ROOT_TAKEN` when another store's `origin` stands there, `STORE_NOT_LOCAL` on a network file system.
   */
  claim(origin: { readonly store: string; readonly origin: string }, signal: AbortSignal): Promise<void>;
  /** Puts a file once. Equal bytes already there are success. @throws OperationError `EVIDENCE_CONFLICT` when other bytes stand there. */
  putOnce(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /**
   * Puts the longer form of a file that begins with what stands there; a file that is already as long stays as it is.
   * @throws OperationError `EVIDENCE_CONFLICT` when neither begins with the other.
   */
  extend(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Replaces a file durably. Only for the checkpoint. */
  replace(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  read(path: string, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  /** Relative paths below a folder, sorted. */
  list(folder: string): Promise<readonly string[]>;
}
