import { isScalar, visit, type Document, type LineCounter, type Node, type ParsedNode, type YAMLMap } from 'yaml';
import type { Diagnostic, SourceLocation } from '../../core/model/diagnostic.ts';

/** Bounds of one file of documents. */
export const DOCUMENT_LIMITS = {
  bytes: 1024 * 1024,
  tokens: 250_000,
  aliases: 100,
  depth: 64,
  documents: 10_000,
  faults: 500,
} as const;

const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** One file under reading. */
export interface Source {
  readonly file: string;
  readonly lines: readonly string[];
  readonly counter: LineCounter;
}

/** The place of an offset. */
export function locationAt(source: Source, offset: number): SourceLocation {
  const { line, col } = source.counter.linePos(offset);
  return { file: source.file, line: Math.max(1, line), column: Math.max(1, col) };
}

/** A fault at an offset. */
export function fault(source: Source, offset: number, code: string, message: string, next: string): Diagnostic {
  return { code, level: 'error', message, location: locationAt(source, offset), next };
}

function depthFault(source: Source, node: Node): Diagnostic {
  return fault(
    source,
    node.range?.[0] ?? 0,
    'DOCUMENT_TOO_DEEP',
    `the document is nested deeper than ${DOCUMENT_LIMITS.depth} levels`,
    'flatten it; no kind of Kedge needs that depth',
  );
}

function doubleKeys(source: Source, map: YAMLMap): readonly Diagnostic[] {
  const seen = new Set<unknown>();
  const faults: Diagnostic[] = [];
  for (const { key } of map.items) {
    if (!isScalar(key)) continue;
    if (seen.has(key.value))
      faults.push(
        fault(
          source,
          key.range?.[0] ?? 0,
          'YAML_DUPLICATE_KEY',
          `the key "${String(key.value)}" stands twice in one map`,
          'remove one',
        ),
      );
    seen.add(key.value);
  }
  return faults;
}

/** Faults of a parsed tree that the YAML reader itself accepts: depth, aliases, keys that are names of machinery, tags. */
export function treeFaults(source: Source, document: Document.Parsed): readonly Diagnostic[] {
  const faults: Diagnostic[] = [];
  let aliases = 0;
  visit(document, {
    Map(_, map) {
      for (const each of doubleKeys(source, map)) faults.push(each);
    },
    Pair(_, pair, path) {
      if (path.length > DOCUMENT_LIMITS.depth * 2) {
        if (isScalar(pair.key)) faults.push(depthFault(source, pair.key));
        return visit.BREAK;
      }
      const key = isScalar(pair.key) ? pair.key.value : undefined;
      if (typeof key !== 'string') {
        faults.push(
          fault(
            source,
            (pair.key as ParsedNode | null)?.range[0] ?? 0,
            'YAML_KEY',
            'a key is not plain text',
            'quote the key',
          ),
        );
      } else if (FORBIDDEN_KEYS.has(key)) {
        faults.push(
          fault(
            source,
            (pair.key as ParsedNode).range[0],
            'YAML_KEY',
            `the key "${key}" is not allowed`,
            'rename the key',
          ),
        );
      }
      return undefined;
    },
    Scalar(_, node) {
      if (typeof node.value === 'string' && !node.value.isWellFormed())
        faults.push(
          fault(
            source,
            node.range?.[0] ?? 0,
            'YAML_TEXT',
            'the text holds half of a character (a lone surrogate)',
            'write the whole character',
          ),
        );
    },
    Seq(_, node, path) {
      if (path.length <= DOCUMENT_LIMITS.depth * 2) return undefined;
      faults.push(depthFault(source, node));
      return visit.BREAK;
    },
    Alias(_, node, path) {
      aliases += 1;
      if (path.includes(node.resolve(document) as Node)) {
        faults.push(
          fault(
            source,
            node.range?.[0] ?? 0,
            'YAML_ALIASES',
            `the alias *${node.source} stands inside what it stands for`,
            'write the value out',
          ),
        );
        return visit.BREAK;
      }
      if (aliases <= DOCUMENT_LIMITS.aliases) return undefined;
      faults.push(
        fault(
          source,
          node.range?.[0] ?? 0,
          'YAML_ALIASES',
          `more than ${DOCUMENT_LIMITS.aliases} aliases`,
          'write the values out',
        ),
      );
      return visit.BREAK;
    },
  });
  return faults;
}

const UNSAFE_NUMBER = /^[-+]?\d{16,}$/;

/** Whole numbers that JavaScript would round. */
export function bigNumberFaults(source: Source, document: Document.Parsed): readonly Diagnostic[] {
  const faults: Diagnostic[] = [];
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'number' && node.source !== undefined && UNSAFE_NUMBER.test(node.source)) {
        faults.push(
          fault(
            source,
            node.range?.[0] ?? 0,
            'YAML_NUMBER',
            `the number ${node.source} is too large to be exact`,
            'quote it if it is a name',
          ),
        );
      }
    },
  });
  return faults;
}
