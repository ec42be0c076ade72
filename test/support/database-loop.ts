import { createPostgresActuator } from '../../src/adapters/database/postgres/actuator.ts';
import { databaseAdapter } from '../../src/adapters/database/adapter.ts';
import { createPostgresObserver } from '../../src/adapters/database/postgres/observer.ts';
import { parseYamlDocuments } from '../../src/adapters/files/yaml-document.ts';
import { compare, type Comparison } from '../../src/core/compare/compare.ts';
import { groupDifferences, type DifferenceGroup } from '../../src/core/compare/identity.ts';
import { nextSnapshots } from '../../src/core/compare/snapshot.ts';
import type { Observation } from '../../src/core/model/observation.ts';
import type { Snapshot } from '../../src/core/model/snapshot.ts';
import type { Unit } from '../../src/core/model/unit.ts';
import type { ActOutcome, Actuator, Planned } from '../../src/ports/actuator.ts';
import type { SourceDocument } from '../../src/ports/document-source.ts';
import { aFinding } from './builders.ts';
import { databaseUnit, RECEIPT, writerContext } from './plan-request.ts';
import type { TestServer } from './postgres.ts';

type Observed = Extract<Observation, { status: 'observed' }>;

/** One look, compared and grouped. */
export interface Look {
  readonly observation: Observed;
  readonly comparison: Comparison;
  readonly groups: readonly DifferenceGroup[];
}

/** Observe, compare, plan and act against one real server, without engine, policy or store. */
export interface DatabaseLoop {
  readonly actuator: Actuator;
  readonly unit: Unit;
  /** Where plans made from now on send their statements. */
  reach(place: { readonly host: string; readonly port: number }): void;
  /** Replaces the documents; the DatabaseInstance is added. */
  readonly declare: (yaml: string) => void;
  look(): Promise<Look>;
  /** A look whose state becomes the recorded plane. */
  baseline(): Promise<void>;
  plan(look: Look, group: DifferenceGroup, approved?: boolean): Planned;
  act(planned: Planned): Promise<ActOutcome>;
  /** Heals every group of a new look, in order; the outcomes. */
  healAll(): Promise<readonly ActOutcome[]>;
}

const NEVER = new AbortController().signal;

function instanceDocument(server: TestServer): string {
  return `apiVersion: dbops.dbprovision.io/v1alpha1
kind: DatabaseInstance
metadata: {name: pg}
spec: {engine: postgres, connection: {host: ${server.host}, port: ${server.port}}, driftPolicy: {mode: correct}}
---
`;
}

export function databaseLoop(server: TestServer, more: Partial<Unit> = {}): DatabaseLoop {
  const unit = databaseUnit(server, more);
  const context = writerContext(unit);
  const observer = createPostgresObserver(context);
  const actuator = createPostgresActuator(context);
  let documents: readonly SourceDocument[] = [];
  let place: { readonly host: string; readonly port: number } = { host: server.host, port: server.port };
  let snapshots: ReadonlyMap<string, Snapshot> = new Map();

  async function look(): Promise<Look> {
    const request = {
      unit,
      documents,
      documentsAt: context.clock.now(),
      snapshots: { status: 'read', byResource: snapshots },
      redactor: { digest: () => 'hmac-sha256:test:' },
    } as const;
    const observation = await observer.observe(request, NEVER);
    if (observation.status !== 'observed') throw new Error(JSON.stringify(observation.reasons));
    const options = {
      catalogue: databaseAdapter.catalogue,
      undeclaredPaths: unit.policies.undeclaredPaths,
      domain: 'database',
    };
    const comparison = compare(observation, options);
    return { observation, comparison, groups: groupDifferences(unit.name, comparison.differences) };
  }

  function plan(seen: Look, group: DifferenceGroup, approved = false): Planned {
    const finding = aFinding({ identity: group.identity, content: group.content });
    const observation = { ...seen.observation, facts: { ...seen.observation.facts, ...place } };
    return actuator.plan({
      unit,
      finding,
      differences: group.differences,
      observation,
      action: 'RUNTIME_REVERT',
      approved,
    });
  }

  async function act(planned: Planned): Promise<ActOutcome> {
    if (planned.status === 'refused') throw new Error(JSON.stringify(planned.gates));
    return await actuator.act(planned.plan, RECEIPT, NEVER);
  }

  return {
    actuator,
    unit,
    reach: (to) => {
      place = to;
    },
    declare: (yaml) => {
      const parsed = parseYamlDocuments('databases.yaml', instanceDocument(server) + yaml.replace(/---\n$/, ''));
      if (parsed.diagnostics.length > 0) throw new Error(JSON.stringify(parsed.diagnostics));
      documents = parsed.documents;
    },
    look,
    baseline: async () => {
      const { observation, comparison } = await look();
      const change = nextSnapshots({
        observation,
        comparison,
        previous: snapshots,
        normalizerVersion: databaseAdapter.normalizerVersion,
        at: context.clock.now(),
      });
      const next = new Map(snapshots);
      for (const snapshot of change.save) next.set(snapshot.resource, snapshot);
      for (const resource of change.forget) next.delete(resource);
      snapshots = next;
    },
    plan,
    act,
    healAll: async () => {
      const seen = await look();
      const outcomes: ActOutcome[] = [];
      for (const group of seen.groups) outcomes.push(await act(plan(seen, group)));
      return outcomes;
    },
  };
}
