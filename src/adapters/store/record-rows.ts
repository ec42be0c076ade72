import type { Kysely, Transaction } from 'kysely';
import type { ActionRecord, ActionStatus } from '../../core/model/action-record.ts';
import type { ApprovalRecord } from '../../core/model/approval-record.ts';
import type { Check, UnitRecord } from '../../core/model/check.ts';
import type { Snapshot } from '../../core/model/snapshot.ts';
import type { Tables } from './tables.ts';

/** Anything that can run a query: the pool, or one transaction. */
export type Queryable = Kysely<Tables> | Transaction<Tables>;

function read<T>(text: string): T {
  return JSON.parse(text) as T;
}

/** Units, checks and snapshots: whole records by name. */
export const unitRows = {
  async find(db: Queryable, unit: string): Promise<UnitRecord | undefined> {
    const row = await db.selectFrom('units').select('body').where('unit', '=', unit).executeTakeFirst();
    return row === undefined ? undefined : read<UnitRecord>(row.body);
  },
  async list(db: Queryable): Promise<readonly UnitRecord[]> {
    return (await db.selectFrom('units').select('body').orderBy('unit').execute()).map((row) =>
      read<UnitRecord>(row.body),
    );
  },
  async lock(db: Queryable, unit: string): Promise<UnitRecord | undefined> {
    const row = await db.selectFrom('units').select('body').where('unit', '=', unit).forUpdate().executeTakeFirst();
    return row === undefined ? undefined : read<UnitRecord>(row.body);
  },
  async save(db: Queryable, record: UnitRecord): Promise<void> {
    const body = JSON.stringify(record);
    await db
      .insertInto('units')
      .values({ unit: record.unit, body })
      .onConflict((conflict) => conflict.column('unit').doUpdateSet({ body }))
      .execute();
  },
};

export const checkRows = {
  async find(db: Queryable, checkId: string): Promise<Check | undefined> {
    const row = await db.selectFrom('checks').select('body').where('check_id', '=', checkId).executeTakeFirst();
    return row === undefined ? undefined : read<Check>(row.body);
  },
  async list(db: Queryable, unit: string, limit: number): Promise<readonly Check[]> {
    const rows = await db
      .selectFrom('checks')
      .select('body')
      .where('unit', '=', unit)
      .orderBy('finished_at', 'desc')
      .orderBy('check_id', 'desc')
      .limit(limit)
      .execute();
    return rows.map((row) => read<Check>(row.body));
  },
  async save(db: Queryable, check: Check): Promise<void> {
    await db
      .insertInto('checks')
      .values({
        check_id: check.checkId,
        unit: check.unit,
        finished_at: check.finishedAt,
        result: check.result,
        body: JSON.stringify(check),
        gathered: check.result !== 'IN_SYNC',
      })
      .execute();
  },
};

export const snapshotRows = {
  async load(db: Queryable, unit: string): Promise<ReadonlyMap<string, Snapshot>> {
    const rows = await db.selectFrom('snapshots').select(['resource', 'body']).where('unit', '=', unit).execute();
    return new Map(rows.map((row) => [row.resource, read<Snapshot>(row.body)]));
  },
  async save(db: Queryable, unit: string, snapshots: readonly Snapshot[]): Promise<void> {
    for (let from = 0; from < snapshots.length; from += 500) {
      const rows = snapshots
        .slice(from, from + 500)
        .map((snapshot) => ({ unit, resource: snapshot.resource, body: JSON.stringify(snapshot) }));
      await db
        .insertInto('snapshots')
        .values(rows)
        .onConflict((conflict) =>
          conflict.columns(['unit', 'resource']).doUpdateSet((eb) => ({ body: eb.ref('excluded.body') })),
        )
        .execute();
    }
  },
  async remove(db: Queryable, unit: string, resources: readonly string[]): Promise<void> {
    if (resources.length === 0) return;
    await db.deleteFrom('snapshots').where('unit', '=', unit).where('resource', 'in', resources).execute();
  },
};

/** Which actions of a finding or unit. */
export interface ActionFilter {
  readonly findingId?: string;
  readonly unit?: string;
  readonly statuses?: readonly ActionStatus[];
}

export const actionRows = {
  async find(db: Queryable, actionId: string): Promise<ActionRecord | undefined> {
    const row = await db.selectFrom('actions').select('body').where('action_id', '=', actionId).executeTakeFirst();
    return row === undefined ? undefined : read<ActionRecord>(row.body);
  },
  async lock(db: Queryable, actionId: string): Promise<ActionRecord | undefined> {
    const row = await db
      .selectFrom('actions')
      .select('body')
      .where('action_id', '=', actionId)
      .forUpdate()
      .executeTakeFirst();
    return row === undefined ? undefined : read<ActionRecord>(row.body);
  },
  async list(db: Queryable, filter: ActionFilter): Promise<readonly ActionRecord[]> {
    let query = db.selectFrom('actions').select('body');
    if (filter.findingId !== undefined) query = query.where('finding_id', '=', filter.findingId);
    if (filter.unit !== undefined) query = query.where('unit', '=', filter.unit);
    if (filter.statuses !== undefined) query = query.where('status', 'in', [...filter.statuses]);
    return (await query.orderBy('requested_at', 'desc').orderBy('action_id', 'desc').execute()).map((row) =>
      read<ActionRecord>(row.body),
    );
  },
  async save(db: Queryable, record: ActionRecord): Promise<void> {
    const row = {
      finding_id: record.findingId,
      unit: record.unit,
      status: record.status,
      requested_at: record.requestedAt,
      body: JSON.stringify(record),
    };
    await db
      .insertInto('actions')
      .values({ action_id: record.actionId, ...row })
      .onConflict((conflict) => conflict.column('action_id').doUpdateSet(row))
      .execute();
  },
};

/** Which approvals of a finding or unit. */
export interface ApprovalFilter {
  readonly findingId?: string;
  readonly unit?: string;
  readonly status?: string;
}

export const approvalRows = {
  async find(db: Queryable, approvalId: string): Promise<ApprovalRecord | undefined> {
    const row = await db
      .selectFrom('approvals')
      .select('body')
      .where('approval_id', '=', approvalId)
      .executeTakeFirst();
    return row === undefined ? undefined : read<ApprovalRecord>(row.body);
  },
  async lock(db: Queryable, approvalId: string): Promise<ApprovalRecord | undefined> {
    const row = await db
      .selectFrom('approvals')
      .select('body')
      .where('approval_id', '=', approvalId)
      .forUpdate()
      .executeTakeFirst();
    return row === undefined ? undefined : read<ApprovalRecord>(row.body);
  },
  async list(db: Queryable, filter: ApprovalFilter): Promise<readonly ApprovalRecord[]> {
    let query = db.selectFrom('approvals').select('body');
    if (filter.findingId !== undefined) query = query.where('finding_id', '=', filter.findingId);
    if (filter.unit !== undefined) query = query.where('unit', '=', filter.unit);
    if (filter.status !== undefined) query = query.where('status', '=', filter.status);
    return (await query.orderBy('requested_at', 'desc').orderBy('approval_id', 'desc').execute()).map((row) =>
      read<ApprovalRecord>(row.body),
    );
  },
  async save(db: Queryable, record: ApprovalRecord): Promise<void> {
    const row = {
      action_id: record.actionId,
      finding_id: record.findingId,
      unit: record.unit,
      status: record.status,
      requested_at: record.requestedAt,
      body: JSON.stringify(record),
    };
    await db
      .insertInto('approvals')
      .values({ approval_id: record.approvalId, ...row })
      .onConflict((conflict) => conflict.column('approval_id').doUpdateSet(row))
      .execute();
  },
};
