import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openKedge, type Kedge, type OpenOptions } from '../../src/app/kedge.ts';
import type { FindingRecord } from '../../src/core/model/finding-record.ts';
import { checkUnit } from '../../src/engine/check.ts';
import { passUnit, type Pass } from '../../src/engine/pass.ts';
import type { RecordedCheck } from '../../src/engine/record/record-request.ts';
import { unitOf } from '../../src/engine/in-force.ts';
import type { TestServer } from './postgres.ts';

const BIN = resolve(dirname(fileURLToPath(import.meta.url)), '../../bin/kedge.js');
const NEVER = new AbortController().signal;

/** What a command came to. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
  readonly signalAfter?: { readonly milliseconds: number; readonly signal: NodeJS.Signals };
}

/** A folder with documents, as a team would have it, and the ordinary product in it. */
export interface Installation {
  readonly folder: string;
  write(path: string, text: string): Promise<void>;
  /** Runs `kedge …` as a process of its own. */
  kedge(words: readonly string[], options?: RunOptions): Promise<Ran>;
  /** The product opened in this process; closed with the installation. */
  open(more?: Partial<OpenOptions>): Promise<Kedge>;
  remove(): Promise<void>;
}

/** Runs the command line in a folder. */
export async function runKedge(folder: string, words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = spawn(process.execPath, [BIN, ...words], {
    cwd: options.cwd ?? folder,
    env: { PATH: process.env['PATH'], HOME: folder, LANG: 'C.UTF-8', NO_COLOR: '1', ...options.environment },
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.end(options.input ?? '');
  const { signalAfter } = options;
  if (signalAfter !== undefined) setTimeout(() => child.kill(signalAfter.signal), signalAfter.milliseconds).unref();
  const code = await new Promise<number>((done, fail) => {
    child.once('error', fail);
    child.once('close', (exit) => {
      done(exit ?? -1);
    });
  });
  return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}

/** An empty installation below the temporary folder. */
export async function installation(): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'kedge-installation-'));
  await chmod(folder, 0o755);
  const opened: Kedge[] = [];
  return {
    folder,
    write: async (path, text) => {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    },
    kedge: (words, options) => runKedge(folder, words, options),
    open: async (more = {}) => {
      const kedge = await openKedge({
        workingDirectory: folder,
        environment: {},
        log: () => undefined,
        signal: NEVER,
        ...more,
      });
      opened.push(kedge);
      return kedge;
    },
    remove: async () => {
      for (const kedge of opened) await kedge.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The documents of a database unit: an instance, what a test declares beside it, and the unit. */
export interface DatabaseDocuments {
  readonly server: Pick<TestServer, 'host' | 'port'>;
  /** Documents of the dbops kinds, without the instance. */
  readonly declared: string;
  readonly instance?: string;
  /** More of the unit's spec. */
  readonly unit?: string;
  readonly mode?: 'ignore' | 'detect' | 'correct';
  readonly configuration?: string;
  readonly database?: string;
}

export const UNIT = 'payments-db';

/** Writes configuration, unit and declarations for one server. */
export async function writeDatabaseUnit(place: Installation, documents: DatabaseDocuments): Promise<void> {
  const { server, declared, instance = '', unit = '', mode = 'detect', configuration = '' } = documents;
  await place.write(
    'kedge.yaml',
    `apiVersion: kedge.dev/v1alpha1\nkind: KedgeConfig\nmetadata: {name: kedge}\nspec:\n  access: {localApprovals: true}\n${configuration}`,
  );
  await place.write(
    'kedge/units/payments-db.yaml',
    `apiVersion: kedge.dev/v1alpha1
kind: DriftManagedUnit
metadata: {name: ${UNIT}}
spec:
  type: database-instance
  owner: payments
  environment: prod
  source: {path: kedge/databases}
  credentials: {username: kedge_reader}
  writeCredentials: {username: kedge_writer}
${unit}`,
  );
  await place.write(
    'kedge/databases/payments.yaml',
    `apiVersion: dbops.dbprovision.io/v1alpha1
kind: DatabaseInstance
metadata: {name: payments-db}
spec:
  engine: postgres
  connection: {host: ${server.host}, port: ${server.port}${documents.database === undefined ? '' : `, database: ${documents.database}`}}
  driftPolicy: {mode: ${mode}}
${instance}---
${declared}`,
  );
}

/** The header of one dbops document. */
export function dbops(kind: string, name: string, spec: string): string {
  return `apiVersion: dbops.dbprovision.io/v1alpha1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec:\n  instanceRef: {name: payments-db}\n${spec
    .trim()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')}\n---\n`;
}

/** The roles Kedge signs in with. */
export const KEDGE_ROLES = 'CREATE ROLE kedge_reader LOGIN; CREATE ROLE kedge_writer LOGIN SUPERUSER;';

/** One full check of the unit; it must not be kept waiting. */
export async function check(kedge: Kedge, resources?: readonly string[]): Promise<RecordedCheck> {
  const unit = unitOf(kedge.context, UNIT);
  const request = { unit, lockTimeout: 10_000, ...(resources === undefined ? {} : { resources }) };
  const outcome = await checkUnit(kedge.context, request, NEVER);
  if (outcome.status !== 'checked') throw new Error(`not checked: ${JSON.stringify(outcome)}`);
  return outcome;
}

/** One check and what heals after it. */
export async function pass(kedge: Kedge): Promise<Pass> {
  return await passUnit(kedge.context, { unit: unitOf(kedge.context, UNIT), lockTimeout: 10_000 }, NEVER);
}

/** Findings that are not closed, by resource and first changed field. */
export function open(recorded: Pick<RecordedCheck, 'findings'>): readonly FindingRecord[] {
  return recorded.findings.filter(({ finding }) => finding.state !== 'RESOLVED' && finding.state !== 'ARCHIVED');
}

/** `resource path` of each open finding, sorted. */
export function places(recorded: Pick<RecordedCheck, 'findings'>): readonly string[] {
  return open(recorded)
    .flatMap(({ finding }) => finding.changedFields.map((field) => `${finding.resourceRef} ${field}`))
    .sort();
}
