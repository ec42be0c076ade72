import { describe, expect, it } from 'vitest';
import { aDifference, aResource, aUnit, NOW } from '../../../../test/support/builders.ts';
import { aPlanRequest } from '../../../../test/support/plan-request.ts';
import type { JsonObject } from '../../../core/model/json.ts';
import type { Planned } from '../../../ports/actuator.ts';
import { planWrites } from './plan.ts';

const FACTS: JsonObject = {
  systemIdentifier: '1',
  version: 18,
  host: '/run/pg',
  port: 5432,
  database: 'postgres',
  tls: 'local',
  inRecovery: false,
  observer: 'watcher',
};

function plan(
  more: {
    facts?: JsonObject;
    unit?: Parameters<typeof aUnit>[0];
    difference?: Parameters<typeof aDifference>[0];
    resource?: Parameters<typeof aResource>[0];
    approved?: boolean;
  } = {},
): Planned {
  const request = aPlanRequest(
    aUnit(more.unit),
    { ...FACTS, ...more.facts },
    {
      differences: [aDifference(more.difference)],
      resources: [aResource(more.resource)],
      approved: more.approved ?? false,
    },
  );
  return planWrites(request, NOW);
}

function codes(planned: Planned): readonly string[] {
  return planned.status === 'refused' ? planned.gates.map((gate) => gate.code) : [planned.status];
}

describe('planWrites', () => {
  it('prints what will be sent and binds it with a digest', () => {
    const planned = plan();
    const other = plan({ difference: { desired: 2, actual: 1 } });

    expect(planned).toMatchObject({
      status: 'planned',
      plan: {
        steps: [{ statement: 'ALTER ROLE "app" CONNECTION LIMIT 1;', loses: [] }],
        blastRadius: { resources: ['user/app'], writes: 1 },
      },
    });
    expect(
      planned.status === 'planned' && other.status === 'planned' && planned.plan.digest !== other.plan.digest,
    ).toBe(true);
    expect(plan()).toEqual(planned);
  });

  it('DB-43: writes nothing over a connection that proves nothing', () => {
    expect(codes(plan({ facts: { tls: 'unverified' } }))).toEqual(['TLS_WEAK']);
    expect(codes(plan({ facts: { tls: 'none' } }))).toEqual(['TLS_WEAK']);
    expect(codes(plan({ facts: { tls: 'verified' } }))).toEqual(['planned']);
  });

  it('writes nothing to a standby, and nothing without credentials of its own', () => {
    expect(codes(plan({ facts: { inRecovery: true } }))).toEqual(['NOT_PRIMARY']);
    expect(codes(plan({ unit: { writeCredentials: undefined } }))).toEqual(['NO_WRITE_CREDENTIALS']);
  });

  it('refuses a loss until the document or an approver allows it', () => {
    const difference = { resource: 'grant/app', path: '/extraRoles/[role=lead]', destructive: true } as const;
    const actual = {
      status: 'present',
      value: { extraRoles: [{ role: 'lead', admin: false, inherit: true, set: true, grantors: ['postgres'] }] },
    } as const;
    const planes = {
      desired: { status: 'present', value: { extraRoles: [] } },
      recorded: { status: 'not-applicable' },
      actual,
    } as const;
    const resource = { resource: 'grant/app', type: 'grant', facts: { grantee: 'app' }, planes } as const;

    expect(codes(plan({ difference, resource }))).toEqual(['DESTRUCTIVE']);
    expect(plan({ difference, resource, approved: true })).toMatchObject({
      plan: {
        steps: [
          {
            statement: 'REVOKE "lead" FROM "app" GRANTED BY "postgres";',
            loses: ['membership of app in lead, given by postgres'],
          },
        ],
      },
    });
    const operatorSwitch = { heals: true, allowsDestructive: true, minimumAge: 0, origin: 'grant/app' };
    expect(codes(plan({ difference, resource: { ...resource, operatorSwitch } }))).toEqual(['planned']);
  });

  it('DB-11: never offers what cannot be changed, allowed or not', () => {
    const resource = {
      resource: 'database/d',
      type: 'database',
      name: 'd',
      operatorSwitch: { heals: true, allowsDestructive: true, minimumAge: 0, origin: 'd' },
    } as const;
    const of = (path: string, more: object): readonly string[] =>
      codes(
        plan({
          resource,
          approved: true,
          difference: { resource: 'database/d', resourceType: 'database', path, offer: { write: 'none' }, ...more },
        }),
      );

    expect(of('/template', { destructive: true, immutable: true })).toEqual(['IMMUTABLE']);
    expect(of('/locale/encoding', { destructive: true })).toEqual(['INADMISSIBLE']);
    expect(of('/tablespace', {})).toEqual(['INADMISSIBLE']);
    expect(of('/', { relation: 'MISSING' })).toEqual(['INADMISSIBLE']);
    expect(of('/rowSecurity/[on=d.s.t]', {})).toEqual(['INADMISSIBLE']);
  });

  it('says who hears of a password', () => {
    const planned = plan({ difference: { path: '/password', desired: 'a', actual: 'b' } });

    expect(planned).toMatchObject({ status: 'refused', gates: [{ code: 'INADMISSIBLE' }] });
    expect(JSON.stringify(planned)).toContain('passwords are not compared');
  });

  it('plans nothing on what nobody knows', () => {
    const unknown = { ...aDifference(), actual: { status: 'unknown', reason: 'PERMISSION', detail: '' } } as const;
    const request = aPlanRequest(aUnit(), FACTS, { differences: [unknown], resources: [aResource()] });

    expect(codes(planWrites(request, NOW))).toEqual(['OBSERVATION_STALE']);
  });

  it('writes only when a revert is asked for', () => {
    const request = aPlanRequest(aUnit(), FACTS, { differences: [aDifference()], resources: [aResource()] });

    expect(codes(planWrites({ ...request, action: 'STATE_REFRESH' }, NOW))).toEqual(['INADMISSIBLE']);
    expect(codes(planWrites({ ...request, action: 'INCIDENT_AND_REVERT' }, NOW))).toEqual(['planned']);
  });
});
