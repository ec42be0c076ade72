import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../../core/model/diagnostic.ts';
import { inert } from './inert-text.ts';

const SHOWN = 100;

function sourceLine(root: string, diagnostic: Diagnostic): string | undefined {
  const { location } = diagnostic;
  if (location === undefined) return undefined;
  try {
    return readFileSync(join(root, location.file), 'utf8').split('\n')[location.line - 1];
  } catch {
    return undefined;
  }
}

function renderOne(diagnostic: Diagnostic, root: string): string {
  const { location } = diagnostic;
  const place = location === undefined ? '' : `  ${inert(location.file)}:${location.line}:${location.column}`;
  const line = diagnostic.code === 'SECRET_LITERAL' ? undefined : sourceLine(root, diagnostic);
  const suggestion = diagnostic.suggestion === undefined ? '' : `did you mean "${inert(diagnostic.suggestion)}"?`;
  const middle = line === undefined ? (suggestion === '' ? '' : `\n  ${suggestion}`) : `\n  ${location?.line ?? ''} | ${inert(line).slice(0, 160)}${suggestion === '' ? '' : `          ${suggestion}`}`;
  return `${diagnostic.level} ${diagnostic.code}${place}  ${inert(diagnostic.message)}${middle}${diagnostic.next === undefined ? '' : `\n  next: ${inert(diagnostic.next)}`}`;
}

/** Faults as people read them: code, place, the line itself, a did-you-mean, the next step. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], root: string): string {
  const shown = diagnostics.slice(0, SHOWN).map((each) => renderOne(each, root));
  const more = diagnostics.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

/** Faults as programs read them. */
export function diagnosticsJson(diagnostics: readonly Diagnostic[]): { readonly diagnostics: readonly Record<string, unknown>[] } {
  return {
    diagnostics: diagnostics.map(({ code, level, message, location, pointer, suggestion, next }) => ({
      code, level, message, ...(location === undefined ? {} : { file: location.file, line: location.line, column: location.column }), ...(pointer === undefined ? {} : { pointer }), ...(suggestion === undefined ? {} : { suggestion }), ...(next === undefined ? {} : { next }),
    })),
  };
}
