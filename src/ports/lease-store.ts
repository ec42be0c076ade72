/** A lease held by this process. The token grows with every new holder: whoever presents an older one is refused. */
export interface Lease {
  readonly name: string;
  readonly token: bigint;
}

/** Who holds a lease now, for messages. */
export interface LeaseHolder {
  readonly holder: string;
  readonly expiresInMilliseconds: number;
}

/**
 * Leases as rows, with database time and fencing tokens; no session state, so transaction poolers work.
 * A lease lasts 60 s and is renewed every 20 s by its holder.
 */
export interface LeaseStore {
  /** Takes a free or expired lease, or one whose holder is known to be dead; else says who holds it. `holder` names process and host for people (`pid 4711 on host`). */
  acquire(
    name: string,
    holder: string,
  ): Promise<
    { readonly status: 'held'; readonly lease: Lease } | { readonly status: 'taken'; readonly by: LeaseHolder }
  >;
  /** False when the lease was lost: its work must stop and counts no more. */
  renew(lease: Lease): Promise<boolean>;
  release(lease: Lease): Promise<void>;
}
