import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDemoServer, type DemoServer } from '../../app/demo-server.ts';
import type { Kedge } from '../../app/kedge.ts';
import type { FindingRecord } from '../../core/model/finding-record.ts';
import { run as runCheckCommand } from '../commands/check.ts';
import type { Invocation } from '../invocation.ts';
import { claim } from './claim.ts';
import { SETUP_SQL, UNIT, writeDocuments } from './documents.ts';

/** Two real servers, a folder with documents, and the ordinary product opened on them. */
export interface Stage {
  readonly folder: string;
  readonly server: DemoServer;
  readonly kedge: Kedge;
  readonly signal: AbortSignal;
  /** Asserts a claim and says it. */
  claim(text: string, holds: boolean, found?: unknown): void;
  say(text: string): void;
  /** Runs the ordinary `kedge check`; its report goes to the terminal. Returns the exit code. */
  check(): Promise<number>;
  /** The open finding on a resource and below a path, as the store holds it. */
  finding(resource: string, path: string): Promise<FindingRecord>;
  findings(): Promise<readonly FindingRecord[]>;
}

function checkInvocation(invocation: Invocation, kedge: Kedge, project: string): Invocation {
  return {
    ...invocation,
    path: ['check'],
    arguments: [UNIT],
    options: {},
    environment: {},
    workingDirectory: project,
    open: () => Promise.resolve(kedge),
  };
}

/** Variables of the caller's own installation must not reach the demonstration. */
function cleanEnvironment(environment: Invocation['environment']): Invocation['environment'] {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('KEDGE_') && name !== 'DATABASE_URL'),
  );
}

/** Builds the stage; everything on it is gone when the command ends, unless it is to be kept. */
export async function buildStage(invocation: Invocation, keep: boolean): Promise<Stage> {
  const { console, signal } = invocation;
  const folder = await mkdtemp(join(tmpdir(), 'kedge-demo-'));
  await chmod(folder, 0o755);
  const started: DemoServer[] = [];
  invocation.afterwards(async () => {
    for (const each of started) await each.stop();
    if (keep) console.say(`kept: ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  });
  const server = await startDemoServer(folder);
  started.push(server);
  await server.sql('administrator', SETUP_SQL);
  const project = join(folder, 'project');
  await mkdir(project, { mode: 0o755 });
  await writeDocuments(project, server);
  const kedge = await invocation.open({
    workingDirectory: project,
    environment: cleanEnvironment(invocation.environment),
  });
  const findings = (): Promise<readonly FindingRecord[]> => kedge.store.listFindings({ units: [UNIT] });
  return {
    folder,
    server,
    kedge,
    signal,
    claim: (text, holds, found) => {
      claim(console, text, holds, found);
    },
    say: (text) => {
      console.result(text);
    },
    check: () => runCheckCommand(checkInvocation(invocation, kedge, project)),
    findings,
    finding: async (resource, path) => {
      const all = await findings();
      const found = all.find(
        ({ finding }) =>
          finding.resourceRef.includes(resource) && finding.changedFields.some((field) => field.startsWith(path)),
      );
      claim(
        console,
        `the store holds a finding on ${resource} ${path}`,
        found !== undefined,
        all.map(({ finding }) => [finding.resourceRef, finding.changedFields]),
      );
      return found as FindingRecord;
    },
  };
}
