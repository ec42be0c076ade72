import { z } from 'zod';
import { parseGoDuration } from '../../../core/model/duration.ts';
import type { JsonObject } from '../../../core/model/json.ts';
import type { Plan } from '../../../core/model/plan.ts';
import type { ActOutcome, Actuator } from '../../../ports/actuator.ts';
import type { WriterContext } from '../../../ports/adapter.ts';
import type { EvidenceReceipt } from '../../../ports/evidence-receipt.ts';
import { DatabaseBlock } from '../unit-block.ts';
import type { Endpoint } from './connection.ts';
import { toFailure, WriteRefusal, type WriteFailure } from './failure.ts';
import { PlanPayload, type PlanServer } from './payload.ts';
import { digestOfPlan, planWrites } from './plan.ts';
import { formatSettlement, parseSettlement, settleAll } from './settlement.ts';
import { quoteLiteral } from './statements/quote.ts';
import { runTransaction, type TransactionOutcome } from './transaction.ts';
import { openWriter, type Writer, type WriterIdentity } from './writer.ts';

const LOOPBACK = /^(\/.*|localhost|::1|127(\.\d{1,3}){3})$/;

/** The writer trusts only what proves itself: the machine itself, or a verified certificate. */
function endpointOf(
  context: WriterContext,
  place: { readonly host: string; readonly port: number; readonly database: string },
): Endpoint {
  const block = DatabaseBlock.parse(context.unit.block);
  return {
    host: place.host,
    port: place.port,
    database: place.database,
    tlsMode: LOOPBACK.test(place.host) ? 'local' : 'verify-full',
    caFile: block.connection.tls?.caFile,
    statementTimeout: parseGoDuration(block.observe.statementTimeout) ?? 30_000,
    lockTimeout: parseGoDuration(block.observe.lockTimeout) ?? 2_000,
  };
}

async function identityOf(context: WriterContext, signal: AbortSignal): Promise<WriterIdentity> {
  const { writeCredentials } = context.unit;
  if (writeCredentials === undefined) {
    throw new WriteRefusal({
      code: 'CREDENTIALS',
      retry: 'no',
      message: `cannot write to ${context.unit.name}: it names no writeCredentials`,
    });
  }
  const fields = await context.credentials.resolve(writeCredentials, signal);
  const { username, password } = fields;
  if (username === undefined) {
    throw new WriteRefusal({
      code: 'CREDENTIALS',
      retry: 'no',
      message: `cannot write to ${context.unit.name}: writeCredentials hold no username`,
    });
  }
  return { username, password };
}

interface Acting {
  readonly context: WriterContext;
  readonly server: PlanServer;
  readonly identity: WriterIdentity;
  readonly signal: AbortSignal;
}

interface PartResult {
  readonly database: string;
  readonly outcome: TransactionOutcome;
  readonly roundTrips: number;
}

async function runPart(acting: Acting, part: PlanPayload['parts'][number]): Promise<PartResult> {
  const endpoint = endpointOf(acting.context, { ...acting.server, database: part.database });
  let writer: Writer | undefined;
  try {
    writer = await openWriter(endpoint, acting.identity, acting.signal);
    const outcome = await runTransaction(writer, part, {
      unit: acting.context.unit.name,
      server: acting.server,
      lockTimeoutMilliseconds: endpoint.lockTimeout,
      statementTimeoutMilliseconds: endpoint.statementTimeout,
    });
    return { database: part.database, outcome, roundTrips: writer.roundTrips() };
  } catch (error) {
    const failure = toFailure(error, `write to database ${part.database}`);
    return { database: part.database, outcome: { status: 'failed', failure, statements: [] }, roundTrips: 0 };
  } finally {
    await writer?.close();
  }
}

function detailsOf(server: PlanServer, results: readonly PartResult[]): JsonObject {
  return {
    server: server.systemIdentifier,
    transactions: results.map(({ database, outcome, roundTrips }) => ({
      database,
      status: outcome.status,
      statements: [...outcome.statements],
      roundTrips,
      ...(outcome.status === 'failed' ? { failure: outcome.failure.code } : { xid: outcome.xid }),
    })),
  };
}

function settlementOf(server: PlanServer, database: string, xids: readonly string[]): string {
  return formatSettlement({
    system: server.systemIdentifier,
    host: server.host,
    port: server.port,
    database,
    xids: [...xids],
  });
}

/** What a part that did not commit leaves of those before it: the whole is neither done nor undone, and a look says what is there. */
function whatStands(results: readonly PartResult[]): string {
  const committed = results.filter(({ outcome }) => outcome.status === 'committed').map(({ database }) => database);
  return committed.length === 0 ? '' : `; what was written before in ${committed.join(', ')} stands`;
}

function toOutcome(server: PlanServer, results: readonly PartResult[]): ActOutcome {
  const details = detailsOf(server, results);
  const last = results.at(-1);
  if (last === undefined) throw new TypeError('a plan without a part was acted on');
  const { outcome, database } = last;
  const xids = results.flatMap((each) => (each.outcome.status === 'failed' ? [] : [each.outcome.xid]));
  if (outcome.status === 'committed')
    return { status: 'done', settlement: settlementOf(server, database, xids), details };
  if (outcome.status === 'in-doubt') {
    const settlement = settlementOf(server, database, xids);
    return { status: 'in-doubt', settlement, message: `${outcome.message}${whatStands(results)}`, details };
  }
  const { code, message, retry } = outcome.failure;
  if (xids.length === 0) return { status: 'failed', code, message, retry, details };
  const settlement = settlementOf(server, database, xids);
  return { status: 'in-doubt', settlement, message: `${message}${whatStands(results)}`, details };
}

function failed(failure: WriteFailure): ActOutcome {
  return { status: 'failed', ...failure, details: {} };
}

/** One transaction for each database of the plan, in order; the first that does not commit ends it. */
async function act(context: WriterContext, plan: Plan, signal: AbortSignal): Promise<ActOutcome> {
  if (digestOfPlan(plan) !== plan.digest) {
    return failed({
      code: 'RACED',
      retry: 'no',
      message: 'cannot write: the plan is not the one its digest names; plan again',
    });
  }
  const payload = PlanPayload.parse(plan.payload);
  let identity: WriterIdentity;
  try {
    identity = await identityOf(context, signal);
  } catch (error) {
    return failed(toFailure(error, `read the writeCredentials of ${context.unit.name}`));
  }
  const acting: Acting = { context, server: payload.server, identity, signal };
  const results: PartResult[] = [];
  for (const part of payload.parts) {
    const result = await runPart(acting, part);
    results.push(result);
    if (result.outcome.status !== 'committed') break;
  }
  return toOutcome(payload.server, results);
}

const StatusRow = z.object({ system: z.string(), standby: z.string(), status: z.string().nullable() });

/** Asks the server what became of transactions; anything but its own clear word is unknown. */
async function settle(
  context: WriterContext,
  text: string,
  signal: AbortSignal,
): Promise<'committed' | 'aborted' | 'unknown'> {
  const settlement = parseSettlement(text);
  if (settlement === undefined) return 'unknown';
  let writer: Writer | undefined;
  try {
    writer = await openWriter(endpointOf(context, settlement), await identityOf(context, signal), signal);
    const xids = settlement.xids.map((xid) => `(${quoteLiteral(xid)}::text)`).join(', ');
    const [rows = []] = await writer.send(
      `SELECT (SELECT s.system_identifier::text FROM pg_catalog.pg_control_system() s) AS system, pg_catalog.pg_is_in_recovery() AS standby,
       pg_catalog.pg_xact_status(asked.xid::pg_catalog.xid8) AS status FROM (VALUES ${xids}) AS asked(xid)`,
    );
    const answers = rows.map((row) => StatusRow.parse(row));
    if (answers.some(({ system, standby }) => system !== settlement.system || standby !== 'f')) return 'unknown';
    return settleAll(answers.map(({ status }) => status));
  } catch {
    return 'unknown';
  } finally {
    await writer?.close();
  }
}

/** The writing half of a PostgreSQL server, built from the unit's `writeCredentials` alone. */
export function createPostgresActuator(context: WriterContext): Actuator {
  return {
    plan: (request) => planWrites(request, context.clock.now()),
    // The receipt is proof that the intent is published; nothing in it is needed here, and nothing runs without it.
    act: async (plan: Plan, _receipt: EvidenceReceipt, signal: AbortSignal) => await act(context, plan, signal),
    settle: async (settlement, signal) => await settle(context, settlement, signal),
  };
}
