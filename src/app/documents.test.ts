import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '../adapters/clock/system-clock.ts';
import { readConfiguration } from './configuration.ts';
import { lastGood, loadDocuments, type LoadedDocuments } from './documents.ts';

let root = '';

async function write(file: string, text: string): Promise<void> {
  await mkdir(join(root, 'kedge'), { recursive: true });
  await writeFile(join(root, 'kedge', file), text);
}

async function load(): Promise<LoadedDocuments> {
  const configuration = await readConfiguration({ workingDirectory: root, environment: {} });
  return await loadDocuments(configuration, createSystemClock(), new AbortController().signal);
}

const GOOD = `apiVersion: kedge.dev/v1alpha1
kind: DriftManagedUnit
metadata: {name: orders-db}
spec:
  type: database-instance
  owner: orders
  source: {path: databases}
  database: {connection: {host: localhost}}
`;

describe('the documents of an installation', () => {
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kedge-documents-'));
    await writeFile(join(root, 'kedge.yaml'), 'apiVersion: kedge.dev/v1alpha1\nkind: KedgeConfig\nspec: {}\n');
  });
  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  it('UI-12: three documents with seven faults give all seven, each with file, line, column and did-you-mean, and the good unit stays', async () => {
    await write('good.yaml', GOOD);
    await write(
      'unit.yaml',
      GOOD.replace('orders-db', 'payments-db')
        .replace('type: database-instance', 'type: database-instanc')
        .concat('  riskTeir: high\n  environmnet: prod\n'),
    );
    await write(
      'rules.yaml',
      `apiVersion: kedge.dev/v1alpha1
kind: IgnoreRule
metadata: {name: pooler}
spec:
  reason: tuned by the pooler
  ownedBy: {team: data, controler: pooler}
  match: {kind: DatabaseUser, unit: payments-db, pathes: [/connectionLimit]}
  compensatingDetectors: ["none: a limit"]
  expiresat: 2026-10-01
`,
    );
    await write(
      'kind.yaml',
      'apiVersion: kedge.dev/v1alpha1\nkind: DriftOwnrshipRule\nmetadata: {name: x}\nspec: {}\n',
    );

    const { set, refusedUnits, diagnostics } = await load();

    const told = diagnostics.map(({ location, suggestion }) => [
      location?.file,
      location?.line,
      location?.column,
      suggestion,
    ]);
    expect(told).toEqual([
      ['kedge/kind.yaml', 2, 7, 'DriftOwnershipRule'],
      ['kedge/rules.yaml', 6, 25, 'controller'],
      ['kedge/rules.yaml', 7, 50, 'paths'],
      ['kedge/rules.yaml', 9, 3, 'expiresAt'],
      ['kedge/unit.yaml', 5, 9, 'database-instance'],
      ['kedge/unit.yaml', 9, 3, 'riskTier'],
      ['kedge/unit.yaml', 10, 3, 'environment'],
    ]);
    expect(diagnostics.every((each) => each.level === 'error' && each.next !== undefined)).toBe(true);
    expect(set.units.map((each) => each.name)).toEqual(['orders-db']);
    expect(refusedUnits).toEqual(['payments-db']);
  });

  it('GOV-02: a misspelt key of a document in force refuses the new set, and the last good one stays until it is mended', async () => {
    await write('good.yaml', GOOD);
    const first = await load();
    await write('good.yaml', GOOD.concat('  expiresAtt: 2026-10-01\n').replace('owner: orders', 'owner: mallory'));
    const broken = await load();
    await write('good.yaml', GOOD.replace('owner: orders', 'owner: payments'));
    const mended = await load();

    const kept = lastGood(first, broken);

    expect(broken.diagnostics.map((each) => [each.code, each.location])).toEqual([
      ['CONFIG_UNKNOWN_KEY', { file: 'kedge/good.yaml', line: 9, column: 3 }],
    ]);
    expect(kept.set.units.map((each) => each.owner)).toEqual(['orders']);
    expect(lastGood(kept, mended).set.units.map((each) => each.owner)).toEqual(['payments']);
  });

  it('GOV-12: tells the tie of two ownership rules at the second one', async () => {
    const rule = (name: string, spec: string): string =>
      `{apiVersion: kedge.dev/v1alpha1, kind: DriftOwnershipRule, metadata: {name: ${name}}, spec: ${spec}}\n`;
    await write('rules.yaml', `${rule('one', '{gitOwned: [/a]}')}---\n${rule('two', '{runtimeOwned: [/a]}')}`);

    const { diagnostics } = await load();

    expect(diagnostics.map((each) => [each.code, each.level, each.location?.line])).toEqual([['KL120', 'error', 3]]);
  });

  it('GOV-23: refuses a policy that names a kind of the database adapter', async () => {
    await write(
      'heal.yaml',
      'apiVersion: kedge.dev/v1alpha1\nkind: AutoHealPolicy\nmetadata: {name: heal}\nspec:\n  appliesTo: {resourceKinds: [DatabaseGrant]}\n  allowedPaths: [/privileges]\n',
    );

    const { set, diagnostics } = await load();

    expect(set.policy.autoHealPolicies).toEqual([]);
    expect(diagnostics.map((each) => [each.code, each.location?.line])).toEqual([['KIND_GATED', 5]]);
  });
});
