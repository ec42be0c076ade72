import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  parseAllDocuments,
  type Document,
  type Node,
} from 'yaml';
import type { Diagnostic } from '../../core/model/diagnostic.ts';
import { isJsonObject, type JsonValue } from '../../core/model/json.ts';
import type { SourceDocument } from '../../ports/document-source.ts';
import { bigNumberFaults, DOCUMENT_LIMITS, fault, locationAt, treeFaults, type Source } from './yaml-faults.ts';

/** The documents of one file that read well, and every fault of those that did not. */
export interface ParsedFile {
  readonly documents: readonly SourceDocument[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The value of a document; undefined when its aliases stand for more than they say. */
function toValue(document: Document.Parsed): JsonValue | undefined {
  try {
    return document.toJS({
      maxAliasCount: DOCUMENT_LIMITS.aliases,
      reviver: (_: unknown, value: unknown) => plainScalar(value),
    }) as JsonValue;
  } catch (cause) {
    if (cause instanceof ReferenceError) return undefined;
    throw cause;
  }
}

/** Numbers JSON does not know (`.inf`) and instants become text, so that documents stay JSON. */
function plainScalar(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value === 'bigint' || value instanceof Date) return String(value);
  return value;
}

function tokensOf(pointer: string): readonly string[] {
  return pointer === '' || pointer === '/'
    ? []
    : pointer
        .slice(1)
        .split('/')
        .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The node at a pointer or its nearest ancestor, and the key that leads to it. */
function nodeAt(
  document: Document.Parsed,
  pointer: string,
): { readonly node: Node | null; readonly key: Node | undefined } {
  let node: Node | null = document.contents;
  let key: Node | undefined;
  for (const token of tokensOf(pointer)) {
    const resolved: Node | null | undefined = isAlias(node) ? node.resolve(document) : node;
    if (isMap(resolved)) {
      const pair = resolved.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === token,
      );
      if (pair === undefined) break;
      key = pair.key as Node;
      node = (pair.value ?? pair.key) as Node;
    } else if (isSeq(resolved) && resolved.items[Number(token)] !== undefined) {
      node = resolved.items[Number(token)] as Node;
      key = undefined;
    } else break;
  }
  return { node, key };
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function toSourceDocument(source: Source, document: Document.Parsed, index: number): SourceDocument | Diagnostic {
  const start = document.contents?.range[0] ?? document.range[0];
  const value = toValue(document);
  if (value === undefined)
    return fault(
      source,
      start,
      'YAML_ALIASES',
      'its aliases stand for too much, or for nothing',
      'write the values out',
    );
  const metadata = isJsonObject(value) ? value['metadata'] : undefined;
  const kind = isJsonObject(value) ? text(value['kind']) : undefined;
  const apiVersion = isJsonObject(value) ? text(value['apiVersion']) : undefined;
  const name = isJsonObject(metadata) ? text(metadata['name']) : undefined;
  if (!isJsonObject(value) || kind === undefined || apiVersion === undefined) {
    return fault(
      source,
      start,
      'DOCUMENT_INVALID',
      'not a document: apiVersion and kind must be text',
      'begin the document with apiVersion, kind and metadata.name',
    );
  }
  if (name === undefined && kind !== 'KedgeConfig') {
    return fault(source, start, 'DOCUMENT_INVALID', `${kind} has no metadata.name`, 'give the document a name');
  }
  const namespace = isJsonObject(metadata) ? text(metadata['namespace']) : undefined;
  return {
    file: source.file,
    index,
    apiVersion,
    kind,
    name: name ?? 'kedge',
    namespace,
    value: value,
    locate: (pointer) => locationAt(source, nodeAt(document, pointer).node?.range?.[0] ?? start),
    locateKey: (pointer) => {
      const { node, key } = nodeAt(document, pointer);
      return locationAt(source, (key ?? node)?.range?.[0] ?? start);
    },
    line: (number) => source.lines[number - 1] ?? '',
  };
}

/** Nothing between two marks, as after a last `---`. */
function isEmpty({ contents }: Document.Parsed): boolean {
  return contents === null || (isScalar(contents) && contents.value === null);
}

/** Reads every YAML document of a file within bounds. All faults at once; a document with a fault is left out. */
export function parseYamlDocuments(file: string, content: string): ParsedFile {
  const lines = content.split('\n');
  const counter = new LineCounter();
  const source: Source = { file, lines, counter };
  if (Buffer.byteLength(content) > DOCUMENT_LIMITS.bytes) {
    const diagnostic: Diagnostic = {
      code: 'DOCUMENT_TOO_LARGE',
      level: 'error',
      message: 'the file is over 1 MiB',
      location: { file, line: 1, column: 1 },
      next: 'split it',
    };
    return { documents: [], diagnostics: [diagnostic] };
  }
  if (tooDeepText(content)) {
    const diagnostic: Diagnostic = {
      code: 'DOCUMENT_TOO_DEEP',
      level: 'error',
      message: `the document is nested deeper than ${DOCUMENT_LIMITS.depth} levels`,
      location: { file, line: 1, column: 1 },
      next: 'flatten it',
    };
    return { documents: [], diagnostics: [diagnostic] };
  }
  const parsed = parseWithinStack(content, counter);
  if (parsed === undefined) {
    const diagnostic: Diagnostic = {
      code: 'DOCUMENT_TOO_COMPLEX',
      level: 'error',
      message: `the file holds more than ${DOCUMENT_LIMITS.tokens} marks, or marks that nest without end`,
      location: { file, line: 1, column: 1 },
      next: 'split it into several files',
    };
    return { documents: [], diagnostics: [diagnostic] };
  }
  const documents: SourceDocument[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const [index, document] of parsed.entries()) {
    if (isEmpty(document) && document.errors.length === 0) continue;
    const faults = [
      ...document.errors.map((error) => fault(source, error.pos[0], 'YAML_SYNTAX', error.message, 'correct the YAML')),
      ...document.warnings.map((warning) =>
        fault(source, warning.pos[0], 'YAML_TAG', warning.message, 'write plain YAML without tags'),
      ),
    ];
    if (faults.length === 0) faults.push(...treeFaults(source, document), ...bigNumberFaults(source, document));
    if (faults.length === 0) {
      const made = toSourceDocument(source, document, index);
      if ('code' in made) faults.push(made);
      else documents.push(made);
    }
    for (const each of faults) diagnostics.push(each);
  }
  return { documents, diagnostics: firstFaults(file, diagnostics) };
}

function firstFaults(file: string, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const more = diagnostics.length - DOCUMENT_LIMITS.faults;
  if (more <= 0) return diagnostics;
  const rest: Diagnostic = {
    code: 'TOO_MANY_FAULTS',
    level: 'error',
    message: `${more} more faults in this file`,
    location: { file, line: 1, column: 1 },
    next: 'mend the first ones',
  };
  return [...diagnostics.slice(0, DOCUMENT_LIMITS.faults), rest];
}

/** Whether a file has so many marks that its tree would take more time or memory than any document deserves. */
function tooManyTokens(content: string): boolean {
  let tokens = 0;
  for (const _ of new Lexer().lex(content)) {
    tokens += 1;
    if (tokens > DOCUMENT_LIMITS.tokens) return true;
  }
  return false;
}

/** The documents of a file; undefined when it is too complex to be read. */
function parseWithinStack(content: string, lineCounter: LineCounter): readonly Document.Parsed[] | undefined {
  if (tooManyTokens(content)) return undefined;
  try {
    // The reader's own search for double keys takes the square of their number; `treeFaults` looks instead.
    const parsed = parseAllDocuments(content, {
      lineCounter,
      uniqueKeys: false,
      strict: true,
      prettyErrors: false,
      merge: false,
      version: '1.2',
      schema: 'core',
    });
    return Array.isArray(parsed) ? parsed : [];
  } catch (cause) {
    if (cause instanceof RangeError) return undefined;
    throw cause;
  }
}

/** Flow collections nested thousands deep would exhaust the stack of the YAML reader before it could say so. */
function tooDeepText(content: string): boolean {
  let depth = 0;
  for (const character of content) {
    if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1);
    else if (character === '\n' && depth > 0 && depth < 8) depth = 0;
    if (depth > 512) return true;
  }
  return /^(?: *- ){80}/m.test(content) || /^ {600}/m.test(content);
}
