import { z } from 'zod';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts';
import { nearest } from '../../model/nearest.ts';

/** A fault by pointer, before somebody has found its line. */
export type PointedFault = Omit<Diagnostic, 'location'> & { readonly pointer: string; readonly onKey: boolean };

function toPointer(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

const schemas = new WeakMap<z.ZodType, JsonObject>();

/** The JSON Schema of what a document may hold. */
export function inputSchema(schema: z.ZodType): JsonObject {
  const known = schemas.get(schema);
  if (known !== undefined) return known;
  const made = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as unknown as JsonObject;
  schemas.set(schema, made);
  return made;
}

function step(node: JsonValue | undefined, token: PropertyKey): JsonValue | undefined {
  if (!isJsonObject(node)) return undefined;
  const { properties, additionalProperties, items, anyOf } = node;
  if (isJsonObject(properties) && Object.hasOwn(properties, String(token))) return properties[String(token)];
  if (typeof token === 'number') return items;
  if (Array.isArray(anyOf))
    return (anyOf as readonly JsonValue[]).map((each) => step(each, token)).find((each) => each !== undefined);
  return additionalProperties;
}

function allowedKeys(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let node: JsonValue | undefined = inputSchema(schema);
  for (const token of path) node = step(node, token);
  const properties = isJsonObject(node) ? node['properties'] : undefined;
  return isJsonObject(properties) ? Object.keys(properties) : [];
}

function where(naming: Naming, path: readonly PropertyKey[]): string {
  return [naming.kind, ...naming.prefix.split('/').slice(1), ...path.map(String)].join('.');
}

interface Naming {
  readonly kind: string;
  readonly schema: z.ZodType;
  readonly prefix: string;
  readonly unknownKeys: Diagnostic['level'];
}

function unknownKeyFaults(issue: z.core.$ZodIssueUnrecognizedKeys, naming: Naming): readonly PointedFault[] {
  const allowed = allowedKeys(naming.schema, issue.path);
  return issue.keys.map((key) => {
    const suggestion = nearest(key, allowed);
    return {
      code: 'CONFIG_UNKNOWN_KEY',
      level: naming.unknownKeys,
      onKey: true,
      pointer: `${naming.prefix}${toPointer([...issue.path, key])}`,
      message: `unknown key "${key}" in ${where(naming, issue.path)}`,
      ...(suggestion === undefined ? {} : { suggestion }),
      next: `${suggestion === undefined ? 'remove' : 'rename'} the key; \`kedge schema ${naming.kind}\` lists the allowed keys`,
    };
  });
}

function wordFault(issue: z.core.$ZodIssueInvalidValue, given: JsonValue | undefined, naming: Naming): PointedFault {
  const allowed = issue.values.map(String);
  const suggestion = typeof given === 'string' ? nearest(given, allowed) : undefined;
  const custom = issue.message.startsWith('Invalid')
    ? `${where(naming, issue.path)} must be one of ${allowed.join(', ')}`
    : `${where(naming, issue.path)}: ${issue.message}`;
  return {
    code: 'CONFIG_INVALID_VALUE',
    level: 'error',
    onKey: false,
    pointer: `${naming.prefix}${toPointer(issue.path)}`,
    message: custom,
    ...(suggestion === undefined ? {} : { suggestion }),
    next: 'write one of the allowed words',
  };
}

function valueAt(value: JsonValue | undefined, path: readonly PropertyKey[]): JsonValue | undefined {
  let node: unknown = value;
  for (const token of path)
    node = typeof node === 'object' && node !== null ? (node as Record<PropertyKey, unknown>)[token] : undefined;
  return node as JsonValue | undefined;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
  null: 'empty',
};

const FORM_WORDS: Readonly<Record<string, string>> = { string: 'characters', array: 'items', object: 'keys' };

/** What was given, by its type alone: the value may be a secret in the wrong place. */
function typeOf(given: JsonValue | undefined): string {
  if (given === null) return 'empty';
  if (Array.isArray(given)) return 'a list';
  return TYPE_WORDS[typeof given] ?? 'something else';
}

function boundWords(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const [relation, bound] =
    issue.code === 'too_small'
      ? [issue.inclusive === false ? 'more than' : 'at least', issue.minimum]
      : [issue.inclusive === false ? 'less than' : 'at most', issue.maximum];
  const unit = FORM_WORDS[issue.origin];
  return unit === undefined ? `must be ${relation} ${bound}` : `must have ${relation} ${bound} ${unit}`;
}

/** What is wrong with a value, in words: the library's own where the schema's author wrote them. */
function wordsOf(issue: z.core.$ZodIssue, given: JsonValue | undefined): string {
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input'))
    return ` must be ${TYPE_WORDS[issue.expected] ?? issue.expected}, and is ${issue.expected === 'int' && typeof given === 'number' ? 'no whole one' : typeOf(given)}`;
  const isBound = (issue.code === 'too_small' || issue.code === 'too_big') && issue.message.startsWith('Too ');
  if (isBound) return ` ${boundWords(issue)}`;
  return `: ${issue.message}`;
}

function plainFault(issue: z.core.$ZodIssue, value: JsonValue | undefined, naming: Naming): PointedFault {
  const pointer = `${naming.prefix}${toPointer(issue.path)}`;
  const missing = issue.code === 'invalid_type' && valueAt(value, issue.path) === undefined;
  if (missing) {
    return {
      code: 'CONFIG_MISSING_KEY',
      level: 'error',
      onKey: false,
      pointer,
      message: `${where(naming, issue.path)} is missing`,
      next: 'add the key',
    };
  }
  const own = (issue as { params?: { kedge?: string } }).params?.kedge;
  return {
    code: own ?? 'CONFIG_INVALID_VALUE',
    level: 'error',
    onKey: false,
    pointer,
    message: `${where(naming, issue.path)}${wordsOf(issue, valueAt(value, issue.path))}`,
    next:
      own === 'SECRET_LITERAL'
        ? 'put the secret in a variable or a file and name that'
        : `see \`kedge schema ${naming.kind}\``,
  };
}

function flatten(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const nearestBranch = [...issue.errors].sort((left, right) => left.length - right.length)[0] ?? [];
  return nearestBranch.flatMap((inner) => flatten({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** Every fault a schema finds in a value, by pointer, with a did-you-mean where a word is near. */
export function schemaFaults(error: z.ZodError, value: JsonValue | undefined, naming: Naming): readonly PointedFault[] {
  return error.issues.flatMap(flatten).flatMap((issue): readonly PointedFault[] => {
    if (issue.code === 'unrecognized_keys') return unknownKeyFaults(issue, naming);
    if (issue.code === 'invalid_value') return [wordFault(issue, valueAt(value, issue.path), naming)];
    return [plainFault(issue, value, naming)];
  });
}
