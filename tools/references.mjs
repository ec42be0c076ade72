// Writes the reference pages from the tables and schemas of the code. With --check it only says which are stale.
import { mkdirSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import prettier from 'prettier';
import { ADAPTERS } from '../src/app/adapters.ts';
import { configurationKeys } from '../src/app/configuration.ts';
import { PROCESS_METRICS, STORE_GAUGES, STORED_COUNTERS } from '../src/app/metrics/metric-table.ts';
import { COMMANDS } from '../src/cli/command-table.ts';
import { GLOBAL_OPTIONS } from '../src/cli/global-options.ts';
import { TERMS } from '../src/cli/terms.ts';
import { KIND_SCHEMAS } from '../src/core/policy/documents/kinds.ts';
import { inputSchema } from '../src/core/policy/documents/schema-faults.ts';
import { root } from './stages.mjs';

const NOTE = '<!-- Made from the code by `npm run references`. Do not edit. -->';
const cell = (text) => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ');
const row = (cells) => `| ${cells.map(cell).join(' | ')} |`;
const table = (head, rows) => [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

function optionTable(options) {
  return table(
    ['option', 'meaning', 'default'],
    options.map(({ flags, text, choices, fallback }) => [
      `\`${flags}\``,
      choices === undefined ? text : `${text}: ${choices.join(', ')}`,
      fallback === undefined ? '' : `\`${fallback}\``,
    ]),
  );
}

function commandLine() {
  const groups = [...new Set(COMMANDS.map((command) => command.group))];
  const section = (command) => {
    const title = `\`kedge ${command.path.join(' ')}${command.arguments === undefined ? '' : ` ${command.arguments}`}\``;
    const options = command.options.length === 0 ? '' : `\n\n${optionTable(command.options)}`;
    return `### ${title}\n\n${command.summary}.\n\n    ${command.example}${options}`;
  };
  const parts = groups.map(
    (group) =>
      `## ${group}\n\n${COMMANDS.filter((command) => command.group === group)
        .map(section)
        .join('\n\n')}`,
  );
  return `# Command line\n\n${NOTE}\n\n## Options of every command\n\n${optionTable(GLOBAL_OPTIONS)}\n\n${parts.join('\n\n')}\n`;
}

function propertyRows(schema, prefix = '') {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const kinds = property.anyOf ?? property.oneOf ?? [property];
    const type =
      property.enum?.map((each) => `\`${JSON.stringify(each)}\``).join(' ') ??
      kinds.map((each) => each.type ?? 'any').join(' or ');
    const fallback = property.default === undefined ? '' : `\`${JSON.stringify(property.default)}\``;
    const needed = (schema.required ?? []).includes(name) ? 'yes' : '';
    const nested = property.type === 'object' ? property : (property.items ?? {});
    return [
      [`\`${path}\``, type, needed, fallback],
      ...propertyRows(nested, property.type === 'array' ? `${path}[]` : path),
    ];
  });
}

function kinds() {
  const own = Object.entries(KIND_SCHEMAS).map(([kind, { summary, spec }]) => ({
    kind,
    group: 'kedge.dev/v1alpha1',
    summary,
    spec,
  }));
  const foreign = ADAPTERS.flatMap((adapter) =>
    adapter.documents.map(({ kind, apiVersion, schema }) => ({
      kind,
      group: apiVersion,
      summary: 'Read as desired state.',
      spec: schema,
    })),
  );
  const section = ({ kind, group, summary, spec }) =>
    `## ${kind}\n\n\`apiVersion: ${group}\`. ${summary}\n\n${table(['key of `spec`', 'type', 'required', 'default'], propertyRows(inputSchema(spec)))}`;
  return `# Kinds of documents\n\n${NOTE}\n\n\`kedge schema KIND\` prints the JSON Schema.\n\n${[...own, ...foreign].map(section).join('\n\n')}\n`;
}

function codes() {
  const byKind = Map.groupBy(Object.entries(TERMS), ([, term]) => term.kind);
  const sections = [...byKind].map(
    ([kind, terms]) =>
      `## ${kind}\n\n${table(
        ['word', 'meaning'],
        terms.map(([word, { text }]) => [`\`${word}\``, text]),
      )}`,
  );
  return `# Words and codes\n\n${NOTE}\n\n\`kedge explain WORD\` prints the same.\n\n${sections.join('\n\n')}\n`;
}

function configuration() {
  const variable = (key) =>
    `KEDGE_${key
      .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
      .replaceAll('.', '_')
      .toUpperCase()}`;
  const rows = [...configurationKeys()].map(([key, value]) => [
    `\`${key}\``,
    `\`${variable(key)}\``,
    value === undefined ? '' : `\`${JSON.stringify(value)}\``,
  ]);
  return `# Configuration\n\n${NOTE}\n\nThe keys of \`spec\` in \`kedge.yaml\`. The first of flag, environment, file and default wins; \`kedge config show --origin\` says which. Durations are shown in milliseconds and written as \`30s\`, \`5m\`, \`4h\`, \`7d\`.\n\n${table(['key', 'variable', 'default'], rows)}\n`;
}

function metrics() {
  const gauges = ADAPTERS.flatMap((adapter) => adapter.metrics?.gauges ?? []).map(({ metric, help, labels }) => [
    metric,
    'gauge',
    labels,
    help,
  ]);
  const counters = ADAPTERS.flatMap((adapter) => adapter.metrics?.counters ?? []).map(({ metric, help, labels }) => [
    metric,
    'counter',
    labels,
    help,
  ]);
  const rows = [
    ...Object.entries(STORE_GAUGES).map(([name, { help, labels }]) => [name, 'gauge', labels, help]),
    ...Object.entries(STORED_COUNTERS).map(([name, { help, labels }]) => [name, 'counter', labels, help]),
    ...Object.entries(PROCESS_METRICS).map(([name, { help, labels, type }]) => [name, type, labels, help]),
    ...gauges,
    ...counters,
  ];
  return `# Metrics\n\n${NOTE}\n\n\`kedge serve\` exports them on \`metrics.listen\`, with those of the process and of Node.\n\n${table(
    ['metric', 'type', 'labels', 'meaning'],
    rows.map(([name, type, labels, help]) => [
      `\`${name}\``,
      type,
      labels.map((label) => `\`${label}\``).join(' '),
      help,
    ]),
  )}\n`;
}

/** What an adapter observes and what it deliberately does not, beside its code. */
function adapterReadme({ system, unitTypes, documents, hints, gates, coverage }) {
  const types = unitTypes.map(({ type }) => `\`${type}\``).join(', ');
  const kindNames = documents.map(({ kind }) => `\`${kind}\``).join(', ');
  const sections = [
    `Unit types: ${types}. Kinds of documents: ${kindNames}.`,
    `## Coverage\n\n${table(
      ['what', 'observed', 'note'],
      coverage.map(({ what, observed, note }) => [what, observed ? 'yes' : 'no, on purpose', note]),
    )}`,
    `## Hints\n\n${table(
      ['hint', 'meaning'],
      Object.entries(hints).map(([hint, meaning]) => [`\`${hint}\``, meaning]),
    )}`,
    `## Gates of its own\n\n${table(
      ['code', 'group', 'an approval passes it', 'meaning'],
      gates.map(({ code, group, approvable, meaning }) => [`\`${code}\``, group, approvable ? 'yes' : 'no', meaning]),
    )}`,
  ];
  return `# The ${system} adapter\n\n${NOTE}\n\n${sections.join('\n\n')}\n`;
}

const PAGES = {
  'docs/reference/command-line.md': commandLine,
  'docs/reference/kinds.md': kinds,
  'docs/reference/codes.md': codes,
  'docs/reference/configuration.md': configuration,
  'docs/reference/metrics.md': metrics,
  ...Object.fromEntries(
    ADAPTERS.map((adapter) => [`src/adapters/${adapter.system}/readme.md`, () => adapterReadme(adapter)]),
  ),
};
const stale = [];
for (const [name, write] of Object.entries(PAGES)) {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  const text = await prettier.format(write(), { ...(await prettier.resolveConfig(path)), filepath: path });
  if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
  stale.push(name);
  if (!process.argv.includes('--check')) writeFileSync(path, text);
}
const check = process.argv.includes('--check');
if (stale.length > 0)
  process.stdout.write(`${check ? 'stale, run `npm run references`' : 'written'}: ${stale.join(', ')}\n`);
process.exitCode = check && stale.length > 0 ? 1 : 0;
