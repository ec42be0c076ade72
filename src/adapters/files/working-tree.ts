import { glob, lstat, readFile, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import type { Diagnostic } from '../../core/model/diagnostic.ts';
import { sha256 } from '../../core/model/digest.ts';
import { OperationError } from '../../core/model/operation-error.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DocumentSet, DocumentSource, SourceDocument } from '../../ports/document-source.ts';
import { parseYamlDocuments } from './yaml-document.ts';
import { DOCUMENT_LIMITS } from './yaml-faults.ts';

/** Which files of a folder hold documents. */
export interface WorkingTreeOptions {
  readonly root: string;
  /** Glob patterns relative to the root, `kedge/**` + `/*.yaml`. */
  readonly patterns: readonly string[];
  readonly clock: Clock;
}

function escapesRoot(path: string): boolean {
  return isAbsolute(path) || path.split(/[/\\]/).includes('..');
}

async function findFiles(options: WorkingTreeOptions): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const pattern of options.patterns) {
    if (escapesRoot(pattern)) {
      throw new OperationError(
        'CONFIG_INVALID',
        `cannot read documents matching ${pattern}: it leaves ${options.root}`,
        {
          retry: 'no',
          next: 'name files below the folder of kedge.yaml',
        },
      );
    }
    for await (const file of glob(pattern, {
      cwd: options.root,
      exclude: ['**/node_modules/**', '**/.git/**', '**/.kedge/**'],
    }))
      found.add(file);
  }
  return [...found].sort();
}

/** Reads a file that really lies below the root; a link out of it is refused. */
async function readInside(root: string, file: string): Promise<string | Diagnostic | undefined> {
  const path = join(root, file);
  const real = await realpath(path);
  if (escapesRoot(relative(await realpath(root), real))) {
    return {
      code: 'DOCUMENT_OUTSIDE',
      level: 'error',
      message: 'the file is a link to a place outside the document folder',
      location: { file, line: 1, column: 1 },
      next: 'copy the file',
    };
  }
  const status = await lstat(real);
  if (!status.isFile()) return undefined;
  if (status.size > DOCUMENT_LIMITS.bytes) {
    return {
      code: 'DOCUMENT_TOO_LARGE',
      level: 'error',
      message: 'the file is over 1 MiB',
      location: { file, line: 1, column: 1 },
      next: 'split it',
    };
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(real));
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    return {
      code: 'DOCUMENT_ENCODING',
      level: 'error',
      message: 'the file is not UTF-8',
      location: { file, line: 1, column: 1 },
      next: 'save it as UTF-8',
    };
  }
}

async function readAll(options: WorkingTreeOptions, signal: AbortSignal): Promise<Omit<DocumentSet, 'readAt'>> {
  const documents: SourceDocument[] = [];
  const diagnostics: Diagnostic[] = [];
  const digests: string[] = [];
  for (const file of await findFiles(options)) {
    signal.throwIfAborted();
    const content = await readInside(options.root, file).catch((cause: unknown): Diagnostic => ({
      code: 'DOCUMENT_UNREADABLE',
      level: 'error',
      message: `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      location: { file, line: 1, column: 1 },
      next: 'check its permissions',
    }));
    if (content === undefined) continue;
    if (typeof content !== 'string') {
      diagnostics.push(content);
      continue;
    }
    digests.push(`${file.split(sep).join('/')} ${sha256(content)}`);
    const parsed = parseYamlDocuments(file, content);
    documents.push(...parsed.documents);
    diagnostics.push(...parsed.diagnostics);
    if (documents.length > DOCUMENT_LIMITS.documents) {
      diagnostics.push({
        code: 'TOO_MANY_DOCUMENTS',
        level: 'error',
        message: `more than ${DOCUMENT_LIMITS.documents} documents`,
        location: { file, line: 1, column: 1 },
        next: 'narrow registries[].files',
      });
      break;
    }
  }
  return { documents, diagnostics, revision: sha256(digests.join('\n')) };
}

/** The documents of a working tree, in a fixed order whatever the file system says. */
export function createWorkingTreeSource(options: WorkingTreeOptions): DocumentSource {
  return {
    async read(signal) {
      const readAt = options.clock.now();
      return { ...(await readAll(options, signal)), readAt };
    },
  };
}
