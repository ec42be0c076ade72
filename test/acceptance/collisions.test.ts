import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Kedge } from '../../src/app/kedge.ts';
import { OperationError } from '../../src/core/model/operation-error.ts';
import { checkUnit } from '../../src/engine/check.ts';
import type { EngineContext } from '../../src/engine/context.ts';
import { holdUnit } from '../../src/engine/hold.ts';
import { unitOf } from '../../src/engine/in-force.ts';
import { reconcileAction } from '../../src/engine/reconcile.ts';
import type { Requested } from '../../src/engine/request.ts';
import { answer, person, request } from '../support/consent.ts';
import { prepareServer, scene, type Scene } from '../support/database-scene.ts';
import { check, dbops, open, UNIT, type Installation } from '../support/installation.ts';
import { startServer, type TestServer } from '../support/postgres.ts';

const NEVER = new AbortController().signal;
const ROLE = dbops('DatabaseRole', 'reporting', 'roleName: reporting\npostgres: {superuser: false}');

async function approve(kedge: Kedge, requested: Requested, names: readonly string[]): Promise<void> {
  for (const name of names) await answer(kedge, requested.approval?.approvalId, name);
}

async function entryTypes(kedge: Kedge, findingId: string): Promise<readonly string[]> {
  return (await kedge.store.entries.listEntries({ kind: 'FINDING', id: findingId })).map((entry) => entry.type);
}

describe('several at once on one finding', () => {
  let server: TestServer;
  const places: Installation[] = [];

  beforeAll(async () => {
    server = await startServer();
    await prepareServer(server);
    await server.sql('CREATE ROLE reporting');
  });

  afterEach(async () => {
    for (const place of places.splice(0)) await place.remove();
    await server.sql('ALTER ROLE reporting NOSUPERUSER NOCREATEDB');
  });

  afterAll(async () => {
    await server.stop();
  });

  async function isSuperuser(): Promise<unknown> {
    const { rows } = await server.sql(`SELECT rolsuper FROM pg_roles WHERE rolname = 'reporting'`);
    return (rows[0] as { rolsuper: unknown }).rolsuper;
  }

  async function drifted(): Promise<Scene & { readonly findingId: string }> {
    const made = await scene({ server, declared: ROLE });
    places.push(made.place);
    await server.sql('ALTER ROLE reporting SUPERUSER');
    const [found] = open(await check(made.kedge));
    return { ...made, findingId: found?.finding.findingId ?? '' };
  }

  it('a request made while a check looks is still there when the check is recorded', async () => {
    const { kedge, findingId } = await drifted();
    const { store } = kedge;
    let requested: Requested | undefined;
    const late: EngineContext = {
      ...kedge.context,
      store: {
        ...store,
        loadFindings: async (unit, since) => {
          const findings = await store.loadFindings(unit, since);
          requested ??= await request(kedge.context, findingId);
          return findings;
        },
      },
    };
    const outcome = await checkUnit(late, { unit: unitOf(late, UNIT), lockTimeout: 0 }, NEVER);
    const finding = await store.findFinding(findingId);

    expect(outcome.status).toBe('checked');
    expect(requested?.action.status).toBe('AWAITING_APPROVAL');
    expect(finding?.finding.state).toBe('AWAITING_APPROVAL');
  });

  it('checks, requests and votes at once never lock each other out', async () => {
    const { kedge, findingId } = await drifted();
    for (let round = 0; round < 8; round += 1) {
      const requested = await request(kedge.context, findingId);
      const results = await Promise.allSettled([
        check(kedge),
        approve(kedge, requested, ['alice']),
        approve(kedge, requested, ['bob']),
        request(kedge.context, findingId),
      ]);
      expect(results.filter((each) => each.status === 'rejected')).toEqual([]);
      const finding = await kedge.store.findFinding(findingId);
      expect(finding?.finding.state).toBe('AWAITING_APPROVAL');
    }
  });

  it('one look uses one set of documents, whatever is read while it goes on', async () => {
    const { place, kedge, findingId, declare } = await drifted();
    await server.sql('ALTER ROLE reporting NOSUPERUSER');
    const first = kedge.context.workingSet();
    await place.write(
      'kedge/policies/three.yaml',
      'apiVersion: kedge.dev/v1alpha1\nkind: ApprovalPolicy\nmetadata: {name: three}\nspec:\n  require: {of: [{from: ["user:alice"]}]}\n',
    );
    await declare({ unit: '  riskTier: critical\n' });
    const second = kedge.context.workingSet();
    let asked = 0;
    const moving: EngineContext = {
      ...kedge.context,
      workingSet: () => {
        asked += 1;
        return asked === 1 ? first : second;
      },
    };
    await checkUnit(moving, { unit: unitOf(kedge.context, UNIT), lockTimeout: 0 }, NEVER);
    const entries = await kedge.store.entries.listEntries({ kind: 'FINDING', id: findingId });
    const last = JSON.parse(new TextDecoder().decode(entries.at(-1)?.statement)) as {
      predicate: { policies: { digest: string }[]; body: { finding: { riskTier: string } } };
    };

    expect(first.policy.digest).not.toBe(second.policy.digest);
    expect(asked).toBe(1);
    expect(last.predicate.policies.map((each) => each.digest)).toEqual([first.policy.digest]);
    expect(last.predicate.body.finding.riskTier).toBe('standard');
  });

  it('who is found to have made the drift after approving has not approved', async () => {
    const { kedge, findingId } = await drifted();
    const requested = await request(kedge.context, findingId);
    await approve(kedge, requested, ['alice', 'bob']);
    await kedge.store.write(async (transaction) => {
      const record = await transaction.lockFinding(findingId);
      if (record === undefined) return;
      const auditCorrelation = { ...record.finding.auditCorrelation, actor: 'alice' };
      await transaction.saveFinding({ ...record, finding: { ...record.finding, auditCorrelation } });
    });
    const { action } = await reconcileAction(kedge.context, requested.action.actionId, NEVER);

    expect(action.status).toBe('REFUSED');
    expect(action.gates.map((gate) => gate.code)).toEqual(['APPROVAL']);
    expect(action.outcome).toContain('alice: who made the change does not approve its correction');
    expect(await isSuperuser()).toBe(true);
  });

  it('an intent whose publication fails is tried again as the same intent, less and less often', async () => {
    const { kedge, findingId } = await drifted();
    const requested = await request(kedge.context, findingId);
    await approve(kedge, requested, ['alice', 'bob']);
    const away: EngineContext = {
      ...kedge.context,
      publisher: {
        ...kedge.context.publisher,
        publishEntry: () => Promise.reject(new OperationError('EVIDENCE_UNAVAILABLE', 'away', { retry: 'later' })),
      },
    };
    for (let round = 0; round < 3; round += 1) {
      const { action } = await reconcileAction(away, requested.action.actionId, NEVER);
      expect(action.status).toBe('INTENDED');
      expect(action.gates.map((gate) => gate.code)).toEqual(['EVIDENCE_UNAVAILABLE']);
      expect(Date.parse(action.retryAt ?? '')).toBeGreaterThan(Date.now());
    }
    const done = await reconcileAction(kedge.context, requested.action.actionId, NEVER);

    expect(done.action.status).toBe('CONVERGED');
    const types = await entryTypes(kedge, findingId);
    expect(types.filter((type) => type === 'ACTION_INTENDED')).toHaveLength(1);
  });

  it('a published intent that comes to nothing says so in the log', async () => {
    const { kedge, findingId } = await drifted();
    const requested = await request(kedge.context, findingId);
    await approve(kedge, requested, ['alice', 'bob']);
    const { publisher } = kedge.context;
    const held: EngineContext = {
      ...kedge.context,
      publisher: {
        ...publisher,
        publishEntry: async (entryId, signal) => {
          const receipt = await publisher.publishEntry(entryId, signal);
          await holdUnit(kedge.context, unitOf(kedge.context, UNIT), { reason: 'not now', by: person('dora') });
          return receipt;
        },
      },
    };
    const { action } = await reconcileAction(held, requested.action.actionId, NEVER);
    const finding = await kedge.store.findFinding(findingId);

    expect(action.status).toBe('REFUSED');
    expect(action.gates.map((gate) => gate.code)).toEqual(['HOLD']);
    expect(await isSuperuser()).toBe(true);
    expect(finding?.finding.state).toBe('ACTION_FAILED');
    expect((await entryTypes(kedge, findingId)).slice(-2)).toEqual(['ACTION_INTENDED', 'ACTION_FINISHED']);
  });

  it('a finding that closes by itself ends what was asked for it', async () => {
    const { kedge, findingId } = await drifted();
    const requested = await request(kedge.context, findingId);
    await server.sql('ALTER ROLE reporting NOSUPERUSER');
    await check(kedge);
    const approval = await kedge.store.findApproval(requested.approval?.approvalId ?? '');
    const action = await kedge.store.findAction(requested.action.actionId);

    expect((await kedge.store.findFinding(findingId))?.finding.state).toBe('RESOLVED');
    expect([approval?.status, action?.status]).toEqual(['VOID', 'CANCELLED']);
  });

  it('nothing is asked for on a finding that an action is at work on, or has just failed on', async () => {
    const { kedge, findingId } = await drifted();
    for (const [state, code] of [
      ['VERIFYING', 'LOCKED'],
      ['ACTION_FAILED', 'HEAL_LIMIT'],
      ['DETECTED', 'CONFIDENCE'],
    ] as const) {
      await kedge.store.write(async (transaction) => {
        const record = await transaction.lockFinding(findingId);
        if (record === undefined) return;
        const life = { ...record.life, retryAt: '2999-01-01T00:00:00Z' };
        await transaction.saveFinding({ life, finding: { ...record.finding, state } });
      });
      const { action, approval } = await request(kedge.context, findingId);
      expect([action.status, action.gates[0]?.code, approval]).toEqual(['REFUSED', code, undefined]);
    }
  });

  it('what was rejected is not asked for again before its time, unless it is something else', async () => {
    const { kedge, findingId } = await drifted();
    const requested = await request(kedge.context, findingId);
    await answer(kedge, requested.approval?.approvalId, 'alice', 'reject');
    const again = await request(kedge.context, findingId);
    await server.sql('ALTER ROLE reporting CREATEROLE');
    await check(kedge);
    const other = await request(kedge.context, findingId);

    expect([again.action.status, again.action.gates[0]?.code]).toEqual(['REFUSED', 'APPROVAL']);
    expect(again.action.outcome).toContain('alice rejected exactly this (looked)');
    expect(other.action.status).toBe('AWAITING_APPROVAL');
    await server.sql('ALTER ROLE reporting NOCREATEROLE');
  });
});
