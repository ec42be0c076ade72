import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { installation, type Installation } from '../support/installation.ts';
import { startServer, type TestServer } from '../support/postgres.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGES = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** What every program answers. */
const ALWAYS = new Set(['--help', '--version']);

interface Block {
  readonly page: string;
  readonly language: string;
  readonly text: string;
}

function blocksOf(page: string): readonly Block[] {
  const found = readFileSync(join(ROOT, page), 'utf8').matchAll(/^```(\w+)\n(.*?)^```$/gms);
  return [...found].map(([, language = '', text = '']) => ({ page, language, text }));
}

const BLOCKS = PAGES.flatMap(blocksOf);

function of(...languages: readonly string[]): readonly Block[] {
  return BLOCKS.filter(({ language }) => languages.includes(language));
}

/** The commands of shell blocks, and those that stand in the running text. */
const COMMANDS = PAGES.flatMap((page) => {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const inline = [...text.matchAll(/`(kedge [^`\n]+)`/g)].map(([, command = '']) => command);
  const fenced = blocksOf(page)
    .filter(({ language }) => language === 'sh')
    .flatMap((block) => block.text.split('\n').filter((line) => line.startsWith('kedge ')));
  return [...inline, ...fenced].map((command) => ({ page, command }));
});

describe('README and docs', () => {
  let server: TestServer;
  let place: Installation;

  beforeAll(async () => {
    server = await startServer();
    await server.sql('CREATE ROLE app LOGIN CONNECTION LIMIT 20');
    place = await installation();
    const quick = of('yaml').filter(({ page }) => page === 'docs/quickstart.md');
    for (const { text } of quick) {
      const [, path = ''] = /^# (\S+\.yaml)$/m.exec(text) ?? [];
      await place.write(path, text);
    }
  });

  afterAll(async () => {
    await place.remove();
    await server.stop();
  });

  it('UI-67: every fenced YAML and JSON is read by what it is for', async () => {
    expect(of('yaml').length).toBeGreaterThan(0);
    for (const { text } of of('json')) expect(() => JSON.parse(text) as unknown).not.toThrow();
    const linted = await place.kedge(['lint', '-o', 'json']);
    expect(linted.code, linted.stderr + linted.stdout).toBe(0);
    for (const { page, text } of of('yaml').filter((each) => each.page !== 'docs/quickstart.md')) {
      for (const document of parseAllDocuments(text)) expect(document.errors, page).toEqual([]);
      if (!/^apiVersion:/m.test(text)) continue;
      const other = await installation();
      const kind = /^kind: KedgeConfig$/m.test(text) ? 'kedge.yaml' : 'kedge/page.yaml';
      if (kind !== 'kedge.yaml')
        await other.write(
          'kedge.yaml',
          'apiVersion: kedge.dev/v1alpha1\nkind: KedgeConfig\nmetadata: {name: kedge}\nspec: {}\n',
        );
      await other.write(kind, text);
      const { code, stdout, stderr } = await other.kedge(['lint']);
      await other.remove();
      expect({ page, code, said: stdout + stderr }).toMatchObject({ code: 0 });
    }
  });

  it('UI-67: every command that is named exists, with its options', () => {
    expect(COMMANDS.length).toBeGreaterThan(20);
    const reference = readFileSync(join(ROOT, 'docs/reference/command-line.md'), 'utf8');
    const known = [...reference.matchAll(/^#+ `?kedge ([a-z -]+?)`?(?: [[<A-Z].*)?$/gm)].map(([, path = '']) =>
      path.trim(),
    );
    const unknown = COMMANDS.filter(({ command }) => {
      const words = command.split(/\s+/).slice(1);
      const plain = words
        .slice(0, words.findIndex((word) => !/^[a-z-]+$/.test(word) || word.startsWith('-')) >>> 0)
        .join(' ');
      const path = known
        .filter((each) => `${plain} `.startsWith(`${each} `))
        .sort((left, right) => right.length - left.length)[0];
      const options = words.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0] ?? word);
      return (
        (path === undefined && !words[0]?.startsWith('-')) ||
        options.some((option) => !ALWAYS.has(option) && !reference.includes(option))
      );
    });
    expect(unknown).toEqual([]);
  });

  it('UI-67: the commands of the quickstart run, in its order, on a real server', async () => {
    await place.write(
      'kedge/databases/payments.yaml',
      (of('yaml').find(({ text }) => text.includes('kind: DatabaseInstance'))?.text ?? '').replace(
        '{ host: localhost, port: 5432 }',
        `{ host: "${server.host}", port: ${server.port} }`,
      ),
    );
    const lines = of('sh')
      .filter(({ page }) => page === 'docs/quickstart.md')
      .flatMap(({ text }) => text.split('\n').filter((line) => line.startsWith('kedge ')))
      .map((line) => line.replace(/ > \S+$/, ''));
    expect(lines.length).toBeGreaterThan(7);
    for (const line of lines) {
      const { code, stdout, stderr } = await place.kedge(line.split(/\s+/).slice(1), {
        environment: { PG_OBSERVER: 'observer', PG_ACTUATOR: 'actuator' },
      });
      expect({ line, code, said: stdout + stderr }).toEqual({ line, code: 0, said: expect.anything() as string });
      if (line.startsWith('kedge db grants')) await server.sql(stdout);
    }
  });

  it('UI-67: the generated pages equal the committed ones', () => {
    const output = execFileSync(process.execPath, ['tools/references.mjs', '--check'], { cwd: ROOT }).toString();
    expect(output).not.toMatch(/stale/i);
  });
});
