import { createHash } from 'node:crypto';
import { z } from 'zod';
import { affectedQuery } from './affected/affected-query.ts';
import { changesOf, type Change } from './affected/change.ts';
import { converge } from './affected/converge.ts';
import { readFacts, type AffectedState } from './affected/read-facts.ts';
import { subjectsOf } from './affected/subject.ts';
import { columnGrantsLost } from './column-grant.ts';
import { dependentsOf } from './dependent-grant.ts';
import { oneLine, toFailure, WriteRefusal, type WriteFailure } from './failure.ts';
import { MIGRATION_LOCK_QUERY } from './migration-lock.ts';
import { movedSince, type PlanPart, type PlanServer } from './payload.ts';
import type { Write } from './statements/schema.ts';
import { renderMessage } from './statements/statement.ts';
import type { Writer } from './writer.ts';

/** What a transaction is told beside what to write. */
export interface TransactionContext {
  readonly unit: string;
  readonly server: PlanServer;
  readonly lockTimeoutMilliseconds: number;
  readonly statementTimeoutMilliseconds: number;
}

/** How one transaction ended. */
export type TransactionOutcome =
  | { readonly status: 'committed'; readonly xid: string; readonly statements: readonly string[] }
  | { readonly status: 'failed'; readonly failure: WriteFailure; readonly statements: readonly string[] }
  | {
      readonly status: 'in-doubt';
      readonly xid: string;
      readonly message: string;
      readonly statements: readonly string[];
    };

const ROUNDS = 6;
/** The first half of every advisory lock of Kedge, so that it shares no key with another program by chance. */
const LOCK_SPACE = 1_801_806_951;

const ServerBoolean = z.enum(['t', 'f']).transform((word) => word === 't');

const Guard = z.object({
  in_recovery: ServerBoolean,
  mine: ServerBoolean,
  database: z.string(),
  system_identifier: z.string(),
  migration: z.string().nullable(),
});

const Xid = z.object({ xid: z.string() });

function lockKey(unit: string): number {
  return createHash('sha256').update(unit).digest().readInt32BE(0);
}

function openingMessage(context: TransactionContext): string {
  return `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
SET LOCAL ROLE NONE; SET LOCAL search_path = pg_catalog; SET LOCAL standard_conforming_strings = on;
SET LOCAL lock_timeout = ${context.lockTimeoutMilliseconds}; SET LOCAL statement_timeout = ${context.statementTimeoutMilliseconds};
SELECT pg_catalog.pg_is_in_recovery() AS in_recovery, pg_catalog.pg_try_advisory_xact_lock(${LOCK_SPACE}, ${lockKey(context.unit)}) AS mine,
  pg_catalog.current_database()::text AS database, (SELECT s.system_identifier::text FROM pg_catalog.pg_control_system() s) AS system_identifier,
  ${MIGRATION_LOCK_QUERY} AS migration;`;
}

function refuse(code: WriteFailure['code'], retry: WriteFailure['retry'], message: string): never {
  throw new WriteRefusal({ code, retry, message });
}

function checkGuard(row: unknown, part: PlanPart, context: TransactionContext): void {
  const guard = Guard.parse(row);
  if (guard.in_recovery) refuse('NOT_PRIMARY', 'later', 'cannot write: this server is a standby; nothing changed');
  if (guard.system_identifier !== context.server.systemIdentifier) {
    refuse(
      'RACED',
      'later',
      'cannot write: another server answers at this address than the one observed; nothing changed',
    );
  }
  if (guard.database !== part.database) {
    refuse(
      'CONFIG_INVALID',
      'no',
      `cannot write: asked for database ${oneLine(part.database)} and reached ${oneLine(guard.database)}; nothing changed`,
    );
  }
  if (!guard.mine) refuse('LOCKED', 'later', 'cannot write: another Kedge is changing this unit; nothing changed');
  if (guard.migration !== null) {
    refuse('LOCKED', 'later', `cannot write: a migration is running (${oneLine(guard.migration)}); nothing changed`);
  }
}

interface Run {
  readonly writer: Writer;
  readonly part: PlanPart;
  readonly context: TransactionContext;
  readonly statements: string[];
}

function readQuery({ part, context }: Run, writes: readonly Write[]): string {
  return `${affectedQuery(subjectsOf(writes), { major: context.server.major, database: part.database })};`;
}

async function openTransaction(run: Run): Promise<AffectedState> {
  const results = await run.writer.send(`${openingMessage(run.context)}\n${readQuery(run, run.part.writes)}`);
  checkGuard(results.at(-2)?.[0], run.part, run.context);
  const before = readFacts(results.at(-1) ?? []);
  const moved = movedSince(run.part.seen, before.facts);
  if (moved.length > 0) {
    refuse(
      'RACED',
      'later',
      `cannot write: what was decided on has moved (${moved.map(oneLine).join('; ')}); nothing changed`,
    );
  }
  return before;
}

/** User code that a statement may start, an event trigger, finds the search path its author expects. */
function writeMessage(write: Write, major: number): string {
  return `SET LOCAL search_path TO DEFAULT; ${renderMessage(write, major)} SET LOCAL search_path = pg_catalog;`;
}

async function sendWrites(run: Run, writes: readonly Write[], before: AffectedState): Promise<void> {
  for (const write of writes) {
    const text = renderMessage(write, run.context.server.major);
    run.statements.push(text);
    try {
      await run.writer.send(writeMessage(write, run.context.server.major));
    } catch (error) {
      const failure = toFailure(error, `run ${oneLine(text)}`);
      const losses = failure.code === 'APPROVAL' ? dependentsOf(write, before.facts) : [];
      const listed = losses.length === 0 ? '' : `; with it would fall: ${losses.map(oneLine).join(', ')}`;
      throw new WriteRefusal({ ...failure, message: `${failure.message}${listed}; nothing changed` }, error);
    }
  }
}

async function readAgain(run: Run): Promise<{ readonly state: AffectedState; readonly xid: string }> {
  const results = await run.writer.send(
    `${readQuery(run, run.part.writes)} SELECT pg_catalog.pg_current_xact_id()::text AS xid;`,
  );
  return { state: readFacts(results.at(0) ?? []), xid: Xid.parse(results.at(-1)?.[0]).xid };
}

/** Catalog rows that somebody else wrote between the first look and this transaction's own write. */
function rowsOfOthers(before: AffectedState, after: AffectedState, xid: string): readonly string[] {
  const own = String(BigInt(xid) % 4_294_967_296n);
  return [...after.rows]
    .filter(([row, xmin]) => {
      const was = before.rows.get(row);
      return was !== undefined && was !== xmin && xmin !== own;
    })
    .map(([row]) => row);
}

async function writeUntilConverged(run: Run, before: AffectedState): Promise<string> {
  const changes: readonly Change[] = run.part.writes.flatMap((write) => changesOf(write, run.context.server));
  let next: readonly Write[] = run.part.writes;
  for (let round = 1; ; round += 1) {
    await sendWrites(run, next, before);
    const { state, xid } = await readAgain(run);
    const { missed, moved } = converge(before.facts, changes, state.facts);
    const raced = rowsOfOthers(before, state, xid);
    if (raced.length > 0)
      refuse(
        'RACED',
        'later',
        `cannot finish: ${raced.join(', ')} was written by somebody else meanwhile; nothing changed`,
      );
    if (missed.length === 0 && moved.length === 0) return xid;
    next = columnGrantsLost(run.part.writes, moved, { before: before.facts, after: state.facts });
    if (next.length === 0 || round === ROUNDS) {
      const wrong = [...missed.map((each) => `not reached: ${each}`), ...moved.map((each) => `moved: ${each}`)];
      refuse(
        'NOT_CONVERGED',
        'no',
        `the server took the statements and the second look does not agree (${wrong.map(oneLine).join('; ')}); nothing changed`,
      );
    }
  }
}

async function commit(run: Run, xid: string): Promise<TransactionOutcome> {
  try {
    await run.writer.commit();
    return { status: 'committed', xid, statements: run.statements };
  } catch (error) {
    const failure = toFailure(error, 'commit');
    if (failure.code !== 'UNREACHABLE') return { status: 'failed', failure, statements: run.statements };
    return {
      status: 'in-doubt',
      xid,
      message: `${failure.message}; transaction ${xid} may stand`,
      statements: run.statements,
    };
  }
}

/**
 * One transaction: lock, look, write, look again, commit only what converged. Anything else leaves the server as it was.
 */
export async function runTransaction(
  writer: Writer,
  part: PlanPart,
  context: TransactionContext,
): Promise<TransactionOutcome> {
  const run: Run = { writer, part, context, statements: [] };
  let xid: string;
  try {
    const before = await openTransaction(run);
    xid = await writeUntilConverged(run, before);
  } catch (error) {
    const failure = toFailure(error, `change database ${part.database}`);
    await writer.send('ROLLBACK').catch(() => {
      writer.cut();
    });
    return { status: 'failed', failure, statements: run.statements };
  }
  return await commit(run, xid);
}
