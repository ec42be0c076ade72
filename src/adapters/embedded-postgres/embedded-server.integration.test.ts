import { spawn } from 'node:child_process';
import { mkdtemp, chmod, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmbeddedPostgres } from './embedded-server.ts';
import { isAlive, readPidFile } from './server-process.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kedge-embedded-'));
  await chmod(folder, 0o755);
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function setting(connection: pg.ClientConfig, name: string): Promise<string> {
  const client = new pg.Client(connection);
  await client.connect();
  const { rows } = await client.query<Record<string, string>>(`SHOW ${name}`);
  await client.end();
  return rows[0]?.[name] ?? '';
}

describe('the embedded server', () => {
  it('starts durable and on a socket alone, and leaves nothing running', async () => {
    const server = await startEmbeddedPostgres(folder);
    const settings = await Promise.all(
      ['fsync', 'synchronous_commit', 'listen_addresses'].map((name) => setting(server.connection, name)),
    );
    const running = await readPidFile(join(folder, 'pg'));
    await server.close();

    expect(settings).toEqual(['on', 'on', '']);
    expect(running?.ready).toBe(true);
    expect(await readPidFile(join(folder, 'pg'))).toBeUndefined();
  });

  it('UI-18: is shared by processes: one server, and the last one stops it; a killed user is forgotten', async () => {
    const module = new URL('embedded-server.ts', import.meta.url).href;
    const script = `const { startEmbeddedPostgres } = await import(${JSON.stringify(module)}); await startEmbeddedPostgres(${JSON.stringify(folder)}); console.log('up'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const before = await readPidFile(join(folder, 'pg'));
    const server = await startEmbeddedPostgres(folder);
    const attached = await readPidFile(join(folder, 'pg'));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    const survived = await setting(server.connection, 'fsync');
    await server.close();

    expect(attached?.pid).toBe(before?.pid);
    expect(survived).toBe('on');
    expect(before !== undefined && (await isAlive(before.pid))).toBe(false);
  });

  it('recovers after its postmaster was killed', async () => {
    const first = await startEmbeddedPostgres(folder);
    const running = await readPidFile(join(folder, 'pg'));
    if (running === undefined) throw new Error('no server');
    process.kill(running.pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const second = await startEmbeddedPostgres(folder);
    const works = await setting(second.connection, 'fsync');
    await second.close();
    await first.close();

    expect(works).toBe('on');
  });
});
