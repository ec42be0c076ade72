import type { CredentialReference } from '../core/model/unit.ts';

/**
 * Resolves references of documents to values, per step, in memory only.
 * Whatever it returns is registered with the secret guard before the caller sees it. Nothing ambient is tried when the reference fails.
 */
export interface CredentialSource {
  /**
   * The fields of a credential (`{username, password}`) with every reference among them resolved; plain text fields stay.
   * @throws OperationError `CREDENTIALS` with a detail of `BOUND_MISSING HOST_NOT_BOUND NOT_FOUND EMPTY TOO_LARGE SOURCE_UNREACHABLE SOURCE_DENIED EXPIRED`.
   */
  resolve(reference: CredentialReference, signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
}
