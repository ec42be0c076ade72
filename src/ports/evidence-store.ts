/**
 * Where published evidence stands: files that are put once, and three kinds that are replaced by a longer form
 * (the checkpoint, the last leaf file, the last hash file).
 */
export interface EvidenceStore {
  /** Address for people and for `evidenceUri`: `file:///…` or `s3://…`, without a trailing slash. */
  readonly uri: string;
  /**
   * Binds the root to this store, or checks that it is.
   * @throws OperationError `EVIDENCE_ROOT_TAKEN` when another store's `origin` stands there, `STORE_NOT_LOCAL` on a network file system.
   */
  claim(origin: { readonly store: string; readonly origin: string }): Promise<void>;
  /** Puts a file once. Equal bytes already there are success. @throws OperationError `EVIDENCE_CONFLICT` when other bytes stand there. */
  putOnce(path: string, bytes: Uint8Array): Promise<void>;
  /** Replaces a file durably. Only for the checkpoint and the last leaf and hash file. */
  replace(path: string, bytes: Uint8Array): Promise<void>;
  read(path: string): Promise<Uint8Array | undefined>;
  /** Relative paths below a folder, sorted. */
  list(folder: string): Promise<readonly string[]>;
}
