import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aDifference, aResource } from '../../../../test/support/builders.ts';
import {
  aPlanRequest,
  databaseUnit,
  RECEIPT,
  serverFacts,
  writerContext,
} from '../../../../test/support/plan-request.ts';
import { MAJORS, startServer, type TestServer } from '../../../../test/support/postgres.ts';
import type { JsonObject } from '../../../core/model/json.ts';
import type { ActOutcome, Actuator, PlanRequest } from '../../../ports/actuator.ts';
import { createPostgresActuator } from './actuator.ts';

const NEVER = new AbortController().signal;

describe.each(MAJORS)('actuator on PostgreSQL %i', (major) => {
  let server: TestServer;
  let actuator: Actuator;
  let facts: JsonObject;

  beforeAll(async () => {
    server = await startServer({ major });
    facts = await serverFacts(server);
    actuator = createPostgresActuator(writerContext(databaseUnit(server)));
  });
  afterAll(async () => {
    await server.stop();
  });

  function request(what: Parameters<typeof aPlanRequest>[2]): PlanRequest {
    return aPlanRequest(databaseUnit(server), facts, what);
  }

  async function heal(what: Parameters<typeof aPlanRequest>[2]): Promise<ActOutcome> {
    const planned = actuator.plan(request(what));
    if (planned.status === 'refused') throw new Error(JSON.stringify(planned.gates));
    return await actuator.act(planned.plan, RECEIPT, NEVER);
  }

  async function value(query: string, database?: string): Promise<unknown> {
    const { rows } = await server.sql(query, database);
    return Object.values((rows[0] ?? {}) as Record<string, unknown>)[0];
  }

  it('sets a connection limit back within ten round trips', async () => {
    await server.sql('CREATE ROLE app LOGIN CONNECTION LIMIT 50');

    const outcome = await heal({
      differences: [aDifference({ path: '/connectionLimit', desired: 100, recorded: 100, actual: 50 })],
      resources: [aResource()],
    });

    expect(outcome.status).toBe('done');
    expect(await value("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'app'")).toBe(100);
    const [transaction] = outcome.details['transactions'] as readonly {
      roundTrips: number;
      statements: readonly string[];
    }[];
    expect(transaction?.roundTrips).toBeLessThanOrEqual(10);
    expect(transaction?.statements).toEqual(['ALTER ROLE "app" CONNECTION LIMIT 100;']);
  });

  it('refuses with RACED when what was decided on has moved', async () => {
    await server.sql('CREATE ROLE moved CONNECTION LIMIT 51');

    const outcome = await heal({
      differences: [aDifference({ resource: 'role/moved', path: '/connectionLimit', desired: 100, actual: 50 })],
      resources: [aResource({ resource: 'role/moved', type: 'role', name: 'moved' })],
    });

    expect(outcome).toMatchObject({ status: 'failed', code: 'RACED', retry: 'later' });
    expect(await value("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'moved'")).toBe(51);
  });

  it('takes an attribute back that was gained', async () => {
    await server.sql('CREATE ROLE gained SUPERUSER');

    const outcome = await heal({
      differences: [
        aDifference({ resource: 'role/gained', path: '/attributes/superuser', desired: false, actual: true }),
      ],
      resources: [aResource({ resource: 'role/gained', type: 'role', name: 'gained' })],
    });

    expect(outcome.status).toBe('done');
    expect(await value("SELECT rolsuper FROM pg_roles WHERE rolname = 'gained'")).toBe(false);
  });
});
