import { sql, type Kysely } from 'kysely';
import { OperationError } from '../../core/model/operation-error.ts';
import type { Lease, LeaseHolder, LeaseStore } from '../../ports/lease-store.ts';
import { holderText } from './holder.ts';
import type { Queryable } from './record-rows.ts';
import type { Tables } from './tables.ts';

const LIFE = sql`interval '60 seconds'`;

/** Whether the process a lease names still lives, as far as this machine can tell. */
export type HolderProbe = (holder: string) => Promise<'alive' | 'dead' | 'unknown'>;

/** Fails the transaction unless the token is the current one and its time has not run out. */
export async function requireLease(db: Queryable, lease: Lease): Promise<void> {
  const row = await db
    .selectFrom('leases')
    .select('token')
    .where('name', '=', lease.name)
    .where('token', '=', String(lease.token))
    .where(sql<boolean>`expires_at > clock_timestamp()`)
    .forShare()
    .executeTakeFirst();
  if (row === undefined) {
    throw new OperationError('LEASE_LOST', `cannot record under the lease ${lease.name}: another process has it now`, {
      retry: 'no',
      next: 'the result is discarded; the other process looks again',
    });
  }
}

async function take(
  db: Kysely<Tables>,
  name: string,
  holder: string,
  over: { readonly holder: string; readonly token: string } | undefined,
): Promise<Lease | undefined> {
  const dead =
    over === undefined ? sql`false` : sql`leases.holder = ${over.holder} AND leases.token = ${over.token}::bigint`;
  const { rows } = await sql<{ token: string }>`
    INSERT INTO leases (name, holder, token, expires_at) VALUES (${name}, ${holder}, 1, clock_timestamp() + ${LIFE})
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, token = leases.token + 1, expires_at = clock_timestamp() + ${LIFE}
    WHERE leases.expires_at <= clock_timestamp() OR (${dead})
    RETURNING token`.execute(db);
  const token = rows[0]?.token;
  return token === undefined ? undefined : { name, token: BigInt(token) };
}

async function current(
  db: Kysely<Tables>,
  name: string,
): Promise<(LeaseHolder & { readonly token: string }) | undefined> {
  const { rows } = await sql<{ holder: string; token: string; left: string }>`
    SELECT holder, token, greatest(0, extract(epoch FROM expires_at - clock_timestamp()) * 1000)::bigint AS left FROM leases WHERE name = ${name} AND expires_at > clock_timestamp()`.execute(
    db,
  );
  const [row] = rows;
  return row === undefined
    ? undefined
    : { holder: row.holder, token: row.token, expiresInMilliseconds: Number(row.left) };
}

/** Leases on rows, in the database's time. A lease whose process is known to be dead is taken over at once. */
export function createLeaseStore(db: Kysely<Tables>, probe: HolderProbe): LeaseStore {
  return {
    async acquire(name, holder) {
      const lease = await take(db, name, holder, undefined);
      if (lease !== undefined) return { status: 'held', lease };
      const by = await current(db, name);
      if (by !== undefined && (await probe(by.holder)) === 'dead') {
        const taken = await take(db, name, holder, by);
        if (taken !== undefined) return { status: 'held', lease: taken };
      }
      const now = (await current(db, name)) ?? by;
      return {
        status: 'taken',
        by: {
          holder: holderText(now?.holder ?? 'another process'),
          expiresInMilliseconds: now?.expiresInMilliseconds ?? 0,
        },
      };
    },
    async renew(lease) {
      const { rows } = await sql<{ token: string }>`
        UPDATE leases SET expires_at = clock_timestamp() + ${LIFE} WHERE name = ${lease.name} AND token = ${String(lease.token)}::bigint AND expires_at > clock_timestamp() RETURNING token`.execute(
        db,
      );
      return rows.length === 1;
    },
    async release(lease) {
      await sql`UPDATE leases SET expires_at = clock_timestamp() WHERE name = ${lease.name} AND token = ${String(lease.token)}::bigint`.execute(
        db,
      );
    },
  };
}
