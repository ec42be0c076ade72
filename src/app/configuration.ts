import { access, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { parseYamlDocuments } from '../adapters/files/yaml-document.ts';
import type { Diagnostic } from '../core/model/diagnostic.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/model/json.ts';
import { nearest } from '../core/model/nearest.ts';
import { OperationError } from '../core/model/operation-error.ts';
import { KedgeConfigSpec } from '../core/policy/documents/kedge-config.ts';
import { KEDGE_GROUPS } from '../core/policy/documents/kinds.ts';
import { schemaFaults } from '../core/policy/documents/schema-faults.ts';

/** Where a value of the configuration comes from; the first that is there wins. */
export type Origin = 'flag' | 'environment' | 'file' | 'default';

/** The configuration in force, and where each key comes from. */
export interface Configuration {
  readonly spec: KedgeConfigSpec;
  /** The folder of `kedge.yaml`, or where the command stands. Documents and `.kedge/` are below it. */
  readonly root: string;
  readonly file: string | undefined;
  readonly origins: ReadonlyMap<string, Origin>;
  readonly diagnostics: readonly Diagnostic[];
  /** The store's address, when it is not the embedded one. */
  readonly storeUrl: string | undefined;
}

/** What the configuration is read from. */
export interface ConfigurationInput {
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `--config`. */
  readonly configFile?: string;
  /** Keys given as flags, by dotted name. */
  readonly flags?: Readonly<Record<string, string>>;
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

/** The nearest `kedge.yaml` from here up to the repository's root. */
async function findUpwards(from: string): Promise<string | undefined> {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const file = join(folder, 'kedge.yaml');
    if (await exists(file)) return file;
    if ((await exists(join(folder, '.git'))) || dirname(folder) === folder) return undefined;
  }
}

function variableName(key: string): string {
  return `KEDGE_${key
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll('.', '_')
    .toUpperCase()}`;
}

/** Every key of the configuration with its default, by dotted name. */
export function configurationKeys(): ReadonlyMap<string, JsonValue | undefined> {
  const keys = new Map<string, JsonValue | undefined>();
  const visit = (prefix: string, value: JsonValue): void => {
    if (isJsonObject(value) && Object.keys(value).length > 0)
      for (const [name, child] of Object.entries(value)) visit(prefix === '' ? name : `${prefix}.${name}`, child);
    else keys.set(prefix, value);
  };
  visit('', JSON.parse(JSON.stringify(KedgeConfigSpec.parse({}))) as JsonValue);
  for (const optional of [
    'store.url',
    'store.migrate',
    'log.format',
    'evidence.dir',
    'evidence.origin',
    'evidence.signingKey',
    'evidence.redactionKey',
  ])
    if (!keys.has(optional)) keys.set(optional, undefined);
  return new Map([...keys].sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Variables of Kedge that are no keys of the configuration. */
const OTHER_VARIABLES: ReadonlySet<string> = new Set([
  'KEDGE_CONFIG',
  'KEDGE_URL',
  'KEDGE_TOKEN',
  'KEDGE_WORK_DIR',
  'KEDGE_STORE_URL',
  'KEDGE_TEST_REQUIRE',
  'KEDGE_TEST_CACHE',
  'KEDGE_TEST_PG_MAJORS',
  'KEDGE_TEST_BROWSER',
  'KEDGE_FAILPOINT',
]);
const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, 1: true, false: false, 0: false };
const DURATION_DEFAULTS = /^(?:\d+)$/;

function setKey(tree: Record<string, JsonValue>, key: string, value: JsonValue): void {
  const names = key.split('.');
  let node: Record<string, JsonValue> = tree;
  for (const name of names.slice(0, -1)) {
    const child = node[name];
    const next: Record<string, JsonValue> = isJsonObject(child) ? { ...child } : {};
    node[name] = next;
    node = next;
  }
  node[names.at(-1) ?? ''] = value;
}

/** A variable's text as the key wants it: numbers, flags and lists by the shape of the default. */
function toValue(text: JsonValue, fallback: JsonValue | undefined): JsonValue {
  if (typeof text !== 'string') return text;
  if (typeof fallback === 'boolean') return BOOLEANS[text.toLowerCase()] ?? text;
  if (Array.isArray(fallback))
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  if (typeof fallback === 'number' && DURATION_DEFAULTS.test(text)) return Number(text);
  return text;
}

/** Keys that hold a secret: a variable of theirs is a reference to itself, never a value in the configuration. */
export const SECRET_KEYS: ReadonlySet<string> = new Set(['store.url', 'evidence.signingKey', 'evidence.redactionKey']);

interface Overrides {
  readonly values: ReadonlyMap<string, JsonValue>;
  readonly diagnostics: readonly Diagnostic[];
}

async function readValueFile(variable: string, path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new OperationError('CONFIG_UNREADABLE', `cannot read ${path}, named by ${variable}`, {
      retry: 'no',
      next: 'check the path and its permissions',
      cause,
    });
  });
  return text.trim();
}

async function readOverrides(environment: ConfigurationInput['environment']): Promise<Overrides> {
  const keys = configurationKeys();
  const names = new Map([...keys.keys()].map((key) => [variableName(key), key]));
  const values = new Map<string, JsonValue>();
  const diagnostics: Diagnostic[] = [];
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith('KEDGE_') || text === undefined || OTHER_VARIABLES.has(name) || name.startsWith('KEDGE_TEST_'))
      continue;
    const isFile = name.endsWith('_FILE') && names.has(name.slice(0, -'_FILE'.length));
    const key = names.get(isFile ? name.slice(0, -'_FILE'.length) : name);
    if (key === undefined) {
      const suggestion = nearest(name, [...names.keys(), ...OTHER_VARIABLES]);
      diagnostics.push({
        code: 'CONFIG_UNKNOWN_VARIABLE',
        level: 'warning',
        message: `the variable ${name} is no key of the configuration`,
        ...(suggestion === undefined ? {} : { suggestion }),
        next: '`kedge config show` lists the keys',
      });
      continue;
    }
    if (SECRET_KEYS.has(key)) values.set(key, isFile ? { file: text } : { env: name });
    else values.set(key, isFile ? await readValueFile(name, text) : text);
  }
  return { values, diagnostics };
}

function originsOf(
  spec: JsonObject,
  overrides: ReadonlyMap<string, JsonValue>,
  flags: Readonly<Record<string, string>>,
): ReadonlyMap<string, Origin> {
  const origins = new Map<string, Origin>();
  for (const key of configurationKeys().keys()) {
    let node: JsonValue | undefined = spec;
    for (const name of key.split('.')) node = isJsonObject(node) ? node[name] : undefined;
    origins.set(
      key,
      Object.hasOwn(flags, key) ? 'flag' : overrides.has(key) ? 'environment' : node === undefined ? 'default' : 'file',
    );
  }
  return origins;
}

interface FileSpec {
  readonly spec: JsonObject;
  readonly diagnostics: readonly Diagnostic[];
  locate(pointer: string, onKey: boolean): Diagnostic['location'];
}

async function readConfigFile(file: string, root: string): Promise<FileSpec> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new OperationError('CONFIG_UNREADABLE', `cannot read the configuration ${file}`, {
      retry: 'no',
      next: 'check the path of --config',
      cause,
    });
  });
  const { documents, diagnostics } = parseYamlDocuments(basename(file), text);
  const document = documents.find((each) => each.kind === 'KedgeConfig' && KEDGE_GROUPS.has(each.apiVersion));
  if (document === undefined && diagnostics.length === 0) {
    return {
      spec: {},
      diagnostics: [
        {
          code: 'CONFIG_INVALID',
          level: 'error',
          message: 'the file holds no KedgeConfig document',
          location: { file: basename(file), line: 1, column: 1 },
          next: `write apiVersion: kedge.dev/v1alpha1 and kind: KedgeConfig (in ${root})`,
        },
      ],
      locate: () => undefined,
    };
  }
  const spec = document?.value['spec'];
  return {
    spec: isJsonObject(spec) ? spec : {},
    diagnostics,
    locate: (pointer, onKey) => (onKey ? document?.locateKey(pointer) : document?.locate(pointer)),
  };
}

async function storeUrlOf(
  spec: KedgeConfigSpec,
  environment: ConfigurationInput['environment'],
  root: string,
): Promise<string | undefined> {
  const direct = environment['KEDGE_STORE_URL'] ?? environment['DATABASE_URL'];
  if (direct !== undefined && direct !== '') return direct;
  const { url } = spec.store;
  if (!isJsonObject(url)) return undefined;
  const { env, file } = url;
  if (typeof file === 'string') return await readValueFile('store.url', resolve(root, file));
  return typeof env === 'string' ? environment[env] : undefined;
}

/** Reads the configuration: flag, environment, file, default. Every fault at once; with an error nothing runs. */
export async function readConfiguration(input: ConfigurationInput): Promise<Configuration> {
  const named = input.configFile ?? input.environment['KEDGE_CONFIG'];
  const file = named === undefined ? await findUpwards(input.workingDirectory) : resolve(input.workingDirectory, named);
  const root = file === undefined ? resolve(input.workingDirectory) : dirname(file);
  const fromFile: FileSpec =
    file === undefined ? { spec: {}, diagnostics: [], locate: () => undefined } : await readConfigFile(file, root);
  const overrides = await readOverrides(input.environment);
  const flags = input.flags ?? {};
  const keys = configurationKeys();
  const merged = structuredClone(fromFile.spec) as Record<string, JsonValue>;
  for (const [key, text] of [...overrides.values, ...Object.entries(flags)])
    setKey(merged, key, toValue(text, keys.get(key)));
  const parsed = KedgeConfigSpec.safeParse(merged);
  const faults = parsed.success
    ? []
    : schemaFaults(parsed.error, merged, {
        kind: 'KedgeConfig',
        schema: KedgeConfigSpec,
        prefix: '/spec',
        unknownKeys: 'error',
      }).map(({ onKey, ...fault }): Diagnostic => {
        const location = fromFile.locate(fault.pointer, onKey);
        return { ...fault, ...(location === undefined ? {} : { location }) };
      });
  const spec = parsed.success ? parsed.data : KedgeConfigSpec.parse({});
  return {
    spec,
    root,
    file,
    origins: originsOf(fromFile.spec, overrides.values, flags),
    diagnostics: [...fromFile.diagnostics, ...overrides.diagnostics, ...faults],
    storeUrl: await storeUrlOf(spec, input.environment, root),
  };
}
