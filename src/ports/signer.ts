/** The signing key of the evidence log, held by the publisher alone. */
export interface Signer {
  /** The verifier key to pin: `<name>+<hash>+<base64>`. */
  readonly vkey: string;
  readonly keyId: string;
  /** Ed25519 over the bytes. */
  sign(bytes: Uint8Array): Uint8Array;
}
