import type { Difference } from '../../src/core/model/difference.ts';
import type { JsonObject } from '../../src/core/model/json.ts';
import type { Observation, ResourceObservation } from '../../src/core/model/observation.ts';
import type { Unit } from '../../src/core/model/unit.ts';
import { createSystemClock } from '../../src/adapters/clock/system-clock.ts';
import { DatabaseBlock } from '../../src/adapters/database/unit-block.ts';
import type { PlanRequest } from '../../src/ports/actuator.ts';
import type { WriterContext } from '../../src/ports/adapter.ts';
import type { EvidenceReceipt } from '../../src/ports/evidence-receipt.ts';
import { aFinding, aUnit, NOW } from './builders.ts';
import type { TestServer } from './postgres.ts';

/** A receipt that only a publisher can make, for tests of what comes after publishing. */
export const RECEIPT = { log: 'test', index: 0, size: 1, root: '', entryId: '' } as unknown as EvidenceReceipt;

/** Credentials that are plain text already. */
export function writerContext(unit: Unit): WriterContext {
  return {
    unit,
    credentials: { resolve: (reference) => Promise.resolve(reference as Readonly<Record<string, string>>) },
    clock: createSystemClock(),
  };
}

export function databaseUnit(server: TestServer, more: Partial<Unit> = {}): Unit {
  return aUnit({
    block: DatabaseBlock.parse({ connection: { host: server.host, port: server.port } }) as unknown as JsonObject,
    credentials: { username: 'postgres' },
    writeCredentials: { username: 'postgres' },
    ...more,
  });
}

/** What an observer says of a server it reached over its socket. */
export async function serverFacts(server: TestServer, more: JsonObject = {}): Promise<JsonObject> {
  const found = await server.sql('SELECT system_identifier::text AS id FROM pg_control_system()');
  return {
    systemIdentifier: (found.rows[0] as { id: string }).id,
    version: server.major,
    host: server.host,
    port: server.port,
    database: 'postgres',
    tls: 'local',
    inRecovery: false,
    observer: 'postgres',
    ...more,
  };
}

export function aPlanRequest(
  unit: Unit,
  facts: JsonObject,
  what: {
    readonly differences: readonly Difference[];
    readonly resources: readonly ResourceObservation[];
    readonly approved?: boolean;
  },
): PlanRequest {
  const observation: Extract<Observation, { status: 'observed' }> = {
    status: 'observed',
    startedAt: NOW,
    at: NOW,
    resources: what.resources,
    coverage: { complete: true, unchecked: [] },
    revisions: { desired: 'sha256:0' },
    desiredAt: NOW,
    identity: 'postgres',
    warnings: [],
    facts,
  };
  return {
    unit,
    finding: aFinding(),
    differences: what.differences,
    observation,
    action: 'RUNTIME_REVERT',
    approved: what.approved ?? false,
  };
}
