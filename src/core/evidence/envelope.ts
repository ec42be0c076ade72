import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { z } from 'zod';

export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** A DSSE envelope. `keyid` is a hint and never believed. */
export const Envelope = z.strictObject({
  payloadType: z.literal(PAYLOAD_TYPE),
  payload: z.base64(),
  signatures: z
    .array(z.strictObject({ keyid: z.string().optional(), sig: z.base64() }))
    .min(1)
    .max(8),
});
export type Envelope = z.infer<typeof Envelope>;

/** What a DSSE signature is over. */
export function preAuthenticationEncoding(payload: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `), payload]);
}

/** Signs a payload; the same payload and key give the same bytes. */
export function signEnvelope(
  payload: Uint8Array,
  signer: { readonly keyId: string; sign(bytes: Uint8Array): Uint8Array },
): Uint8Array {
  const signature = Buffer.from(signer.sign(preAuthenticationEncoding(payload))).toString('base64');
  const envelope: Envelope = {
    payloadType: PAYLOAD_TYPE,
    payload: Buffer.from(payload).toString('base64'),
    signatures: [{ keyid: signer.keyId, sig: signature }],
  };
  return new TextEncoder().encode(`${JSON.stringify(envelope)}\n`);
}

/** Reads an envelope and its payload without judging any signature. */
export function openEnvelope(bytes: Uint8Array): { readonly envelope: Envelope; readonly payload: Uint8Array } {
  const envelope = Envelope.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  const payload = Buffer.from(envelope.payload, 'base64');
  if (payload.toString('base64') !== envelope.payload) throw new SyntaxError('the payload is not canonical base64');
  return { envelope, payload: new Uint8Array(payload) };
}

const ED25519_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** An Ed25519 public key of its 32 bytes. */
export function ed25519Key(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([ED25519_PREFIX, raw]), format: 'der', type: 'spki' });
}

/** Which of the given keys signed the payload. */
export function signedBy<Key extends { readonly publicKey: KeyObject }>(
  opened: { readonly envelope: Envelope; readonly payload: Uint8Array },
  keys: readonly Key[],
): readonly Key[] {
  const message = preAuthenticationEncoding(opened.payload);
  return keys.filter((key) =>
    opened.envelope.signatures.some(({ sig }) => verify(null, message, key.publicKey, Buffer.from(sig, 'base64'))),
  );
}
