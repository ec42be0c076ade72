declare const published: unique symbol;

/**
 * Proof that an intent stands in the evidence log under a signed checkpoint.
 * Only the publisher makes one ({@link EvidenceReceipt} cannot be written as a literal): no write compiles without it.
 */
export interface EvidenceReceipt {
  readonly [published]: true;
  /** Origin of the log. */
  readonly log: string;
  readonly index: number;
  /** Size of the checkpoint that covers the index. */
  readonly size: number;
  /** Base64 root hash of that checkpoint. */
  readonly root: string;
  /** The entry (ULID) the receipt is for. */
  readonly entryId: string;
}
