import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../../core/model/diagnostic.ts';
import { inert } from './inert-text.ts';

const SHOWN = 100;

/** Words beside which a secret may stand. Such a line is not shown: its place and the message say enough. */
const DELICATE = /pass|secret|token|credential|key|private|:\/\/[^/\s]*@/i;

/** Faults whose line is a secret, or stands in a file that is none of the documents. */
const UNSHOWN: ReadonlySet<string> = new Set(['SECRET_LITERAL', 'DOCUMENT_OUTSIDE', 'DOCUMENT_UNREADABLE']);

function sourceLine(root: string, diagnostic: Diagnostic): string | undefined {
  const { location } = diagnostic;
  if (location === undefined) return undefined;
  try {
    return readFileSync(join(root, location.file), 'utf8').split('\n')[location.line - 1];
  } catch {
    return undefined;
  }
}

/** The line as people may see it; undefined when a secret may stand on it. */
function shownLine(root: string, diagnostic: Diagnostic): string | undefined {
  if (UNSHOWN.has(diagnostic.code)) return undefined;
  const line = sourceLine(root, diagnostic);
  return line === undefined || DELICATE.test(line) ? undefined : line;
}

function renderOne(diagnostic: Diagnostic, root: string): string {
  const { location } = diagnostic;
  const place = location === undefined ? '' : `  ${inert(location.file)}:${location.line}:${location.column}`;
  const line = shownLine(root, diagnostic);
  const suggestion = diagnostic.suggestion === undefined ? '' : `did you mean "${inert(diagnostic.suggestion)}"?`;
  const middle =
    line === undefined
      ? suggestion === ''
        ? ''
        : `\n  ${suggestion}`
      : `\n  ${location?.line ?? ''} | ${inert(line).slice(0, 160)}${suggestion === '' ? '' : `          ${suggestion}`}`;
  return `${diagnostic.level} ${diagnostic.code}${place}  ${inert(diagnostic.message)}${middle}${diagnostic.next === undefined ? '' : `\n  next: ${inert(diagnostic.next)}`}`;
}

/** Faults as people read them: code, place, the line itself, a did-you-mean, the next step. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], root: string): string {
  const shown = diagnostics.slice(0, SHOWN).map((each) => renderOne(each, root));
  const more = diagnostics.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

/** Faults as programs read them. */
export function diagnosticsJson(diagnostics: readonly Diagnostic[]): {
  readonly diagnostics: readonly Record<string, unknown>[];
} {
  return {
    diagnostics: diagnostics.map(({ code, level, message, location, pointer, suggestion, next }) => ({
      code,
      level,
      message,
      ...(location === undefined ? {} : { file: location.file, line: location.line, column: location.column }),
      ...(pointer === undefined ? {} : { pointer }),
      ...(suggestion === undefined ? {} : { suggestion }),
      ...(next === undefined ? {} : { next }),
    })),
  };
}
