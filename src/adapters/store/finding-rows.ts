import { sql } from 'kysely';
import type { Finding } from '../../core/model/finding.ts';
import type { FindingLife, FindingRecord } from '../../core/model/finding-record.ts';
import type { FindingFilter } from '../../ports/store.ts';
import type { Queryable } from './record-rows.ts';

function toRecord(row: { readonly body: string; readonly life: string }): FindingRecord {
  return { finding: JSON.parse(row.body) as Finding, life: JSON.parse(row.life) as FindingLife };
}

/** Text for a column that only filters: what the server cannot hold is replaced there and kept in the record. */
function columnText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\uFFFD');
}

function ofUnit(db: Queryable, unit: string, closedSince: string) {
  return db
    .selectFrom('findings')
    .select(['body', 'life'])
    .where('unit', '=', unit)
    .where((eb) =>
      eb.or([
        eb('state', 'not in', ['RESOLVED', 'ARCHIVED']),
        eb.and([eb('state', '=', 'RESOLVED'), eb('resolved_at', '>=', closedSince)]),
      ]),
    )
    .orderBy('finding_id');
}

/** Findings: the public contract in one column, its life in another, and what lists filter by beside them. */
export const findingRows = {
  async find(db: Queryable, findingId: string): Promise<FindingRecord | undefined> {
    const row = await db
      .selectFrom('findings')
      .select(['body', 'life'])
      .where('finding_id', '=', findingId)
      .executeTakeFirst();
    return row === undefined ? undefined : toRecord(row);
  },

  async lock(db: Queryable, findingId: string): Promise<FindingRecord | undefined> {
    const row = await db
      .selectFrom('findings')
      .select(['body', 'life'])
      .where('finding_id', '=', findingId)
      .forUpdate()
      .executeTakeFirst();
    return row === undefined ? undefined : toRecord(row);
  },

  async list(db: Queryable, filter: FindingFilter): Promise<readonly FindingRecord[]> {
    let query = db.selectFrom('findings').select(['body', 'life']);
    if (filter.units !== undefined) query = query.where('unit', 'in', [...filter.units]);
    if (filter.states !== undefined) query = query.where('state', 'in', [...filter.states]);
    if (filter.risks !== undefined) query = query.where('risk', 'in', [...filter.risks]);
    if (filter.driftClasses !== undefined) query = query.where('drift_class', 'in', [...filter.driftClasses]);
    if (filter.resources !== undefined) query = query.where('resource', 'in', [...filter.resources]);
    if (filter.owners !== undefined) query = query.where('owner', 'in', [...filter.owners]);
    if (filter.limit !== undefined) query = query.limit(filter.limit);
    return (await query.orderBy('finding_id').execute()).map(toRecord);
  },

  /** What is not closed, and what was resolved since an instant. */
  async loadUnit(db: Queryable, unit: string, closedSince: string): Promise<readonly FindingRecord[]> {
    return (await ofUnit(db, unit, closedSince).execute()).map(toRecord);
  },

  /** The same, locked in the order of their ids. */
  async lockUnit(db: Queryable, unit: string, closedSince: string): Promise<readonly FindingRecord[]> {
    return (await ofUnit(db, unit, closedSince).forUpdate().execute()).map(toRecord);
  },

  async save(db: Queryable, { finding, life }: FindingRecord): Promise<void> {
    const row = {
      unit: finding.unit,
      identity: finding.identity,
      state: finding.state,
      risk: finding.risk,
      drift_class: finding.driftClass,
      resource: columnText(finding.resourceRef),
      owner: finding.owner,
      last_seen_at: finding.lastSeenAt,
      resolved_at: finding.resolvedAt ?? null,
      body: JSON.stringify(finding),
      life: JSON.stringify(life),
    };
    await db
      .insertInto('findings')
      .values({ finding_id: finding.findingId, ...row })
      .onConflict((conflict) => conflict.column('finding_id').doUpdateSet(row))
      .execute();
  },

  /** The next number of a UTC day. */
  async nextId(db: Queryable, day: string): Promise<string> {
    const row = await db
      .insertInto('finding_days')
      .values({ day, last: 1 })
      .onConflict((conflict) => conflict.column('day').doUpdateSet({ last: sql<number>`finding_days.last + 1` }))
      .returning('last')
      .executeTakeFirstOrThrow();
    return `drift-${day.replaceAll('-', '')}-${String(row.last).padStart(6, '0')}`;
  },
};
