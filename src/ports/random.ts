/** Unpredictable bytes, for ids and keys. */
export interface Random {
  bytes(length: number): Uint8Array;
}
