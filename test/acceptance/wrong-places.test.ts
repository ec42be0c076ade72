import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runKedge } from '../support/installation.ts';

const BIN = resolve(import.meta.dirname, '../../bin/kedge.js');

describe('commands in the wrong place', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kedge-nowhere-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it.each([['check'], ['doctor'], ['findings', 'list'], ['serve'], ['store', 'status']])(
    'kedge %s %s makes nothing in a folder that holds nothing of Kedge',
    async (...words) => {
      const { code, stderr } = await runKedge(folder, words);

      expect([code, stderr]).toEqual([1, expect.stringContaining('error NO_INSTALLATION  cannot start in ')]);
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it('a result that cannot be written is no success', () => {
    const { status, stderr } = spawnSync(
      '/bin/sh',
      ['-c', `exec "$0" "$1" schema > /dev/full`, process.execPath, BIN],
      {
        encoding: 'utf8',
      },
    );

    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining('error OUTPUT_LOST  cannot write the result: ENOSPC'),
    ]);
  });
});
