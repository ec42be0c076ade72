import { spawn } from 'node:child_process';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { holderName, probeHolder } from './holder.ts';

describe('the holder of a lease', () => {
  it('is alive while its process is, and dead when the number is reused or gone', async () => {
    const own = await holderName();
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((done) => child.once('close', done));
    const gone = own.replace(/^pid \d+/, `pid ${child.pid}`);

    expect(await probeHolder(own)).toBe('alive');
    expect(await probeHolder(own.replace(/-(\d+)\)$/, '-1)'))).toBe('dead');
    expect(await probeHolder(gone)).toBe('dead');
  });

  it('is unknown in another process space, though host and number are the same', async () => {
    const own = await holderName();

    expect(await probeHolder(own.replace(/\([0-9a-f]+-/, '(00000000-'))).toBe('unknown');
    expect(await probeHolder(`pid ${process.pid} on ${hostname()}`)).toBe('unknown');
  });
});
