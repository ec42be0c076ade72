import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '../clock/system-clock.ts';
import { createWorkingTreeSource } from './working-tree.ts';

const clock = createSystemClock();
const signal = new AbortController().signal;
let root = '';

function thing(name: string): string {
  return `apiVersion: kedge.dev/v1alpha1\nkind: Thing\nmetadata: {name: ${name}}\n`;
}

describe('a working tree', () => {
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kedge-tree-'));
    await mkdir(join(root, 'kedge', 'units'), { recursive: true });
  });
  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  it('reads the files in a fixed order, with a revision that follows their bytes alone', async () => {
    const source = createWorkingTreeSource({ root, patterns: ['kedge/**/*.yaml'], clock });
    await writeFile(join(root, 'kedge', 'b.yaml'), thing('b'));
    await writeFile(join(root, 'kedge', 'units', 'a.yaml'), thing('a'));
    await writeFile(join(root, 'kedge', 'notes.txt'), 'no document');

    const first = await source.read(signal);
    const second = await source.read(signal);
    await writeFile(join(root, 'kedge', 'b.yaml'), thing('c'));
    const third = await source.read(signal);

    expect(first.documents.map((each) => [each.file, each.name])).toEqual([
      ['kedge/b.yaml', 'b'],
      ['kedge/units/a.yaml', 'a'],
    ]);
    expect(second.revision).toBe(first.revision);
    expect(third.revision).not.toBe(first.revision);
  });

  it('EV-59: never follows a link or a pattern out of its folder', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'kedge-outside-'));
    await writeFile(join(outside, 'x.yaml'), thing('x'));
    await symlink(join(outside, 'x.yaml'), join(root, 'kedge', 'x.yaml'));

    const { documents, diagnostics } = await createWorkingTreeSource({
      root,
      patterns: ['kedge/**/*.yaml'],
      clock,
    }).read(signal);

    expect(documents).toEqual([]);
    expect(diagnostics.map((each) => [each.code, each.location?.file])).toEqual([['DOCUMENT_OUTSIDE', 'kedge/x.yaml']]);
    await rm(join(root, 'kedge', 'x.yaml'));
    await writeFile(join(root, 'kedge', 'latin.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xe4]));
    const latin = await createWorkingTreeSource({ root, patterns: ['kedge/**/*.yaml'], clock }).read(signal);
    expect(latin.diagnostics.map((each) => each.code)).toEqual(['DOCUMENT_ENCODING']);
    await expect(createWorkingTreeSource({ root, patterns: ['../**/*.yaml'], clock }).read(signal)).rejects.toThrow(
      /leaves/,
    );
    await rm(outside, { recursive: true });
  });

  it('keeps the good documents of a tree in which one file is broken', async () => {
    await writeFile(join(root, 'kedge', 'bad.yaml'), 'a: [');
    await writeFile(join(root, 'kedge', 'good.yaml'), thing('good'));

    const { documents, diagnostics } = await createWorkingTreeSource({
      root,
      patterns: ['kedge/**/*.yaml'],
      clock,
    }).read(signal);

    expect(documents.map((each) => each.name)).toEqual(['good']);
    expect(diagnostics.every((each) => each.location?.file === 'kedge/bad.yaml')).toBe(true);
    expect(diagnostics).not.toEqual([]);
  });
});
