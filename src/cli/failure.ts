import { DocumentFaults } from '../app/kedge.ts';
import { OperationError } from '../core/model/operation-error.ts';
import type { Invocation } from './invocation.ts';
import { diagnosticsJson, renderDiagnostics } from './render/diagnostics.ts';
import { inert } from './render/inert-text.ts';
import { UsageError } from './usage-error.ts';

function wantsJson(invocation: Invocation): boolean {
  return invocation.options['output'] === 'json';
}

const SYSTEM_NEXT: Readonly<Record<string, string>> = {
  ENOSPC: 'make room on the disk and run it again',
  EDQUOT: 'make room within the quota and run it again',
  EROFS: 'the file system is read-only: Kedge keeps its store and evidence below .kedge/',
  EACCES: 'run it as the user who owns the installation, or correct the permissions',
  EPERM: 'run it as the user who owns the installation, or correct the permissions',
  EMFILE: 'raise the limit of open files and run it again',
};

/** A refusal of the operating system, which is no fault of Kedge: what, where and what next. */
function systemFailure(error: NodeJS.ErrnoException): string | undefined {
  const next = SYSTEM_NEXT[error.code ?? ''];
  return next === undefined ? undefined : `error SYSTEM_REFUSED  ${inert(error.message)}\n  next: ${next}`;
}

/** Says what went wrong in the house's words, and that the command could not do its work. */
export function reportFailure(cause: unknown, invocation: Invocation): number {
  const { console } = invocation;
  if (cause instanceof DocumentFaults) {
    if (wantsJson(invocation)) console.result(JSON.stringify(diagnosticsJson(cause.loaded), null, 2));
    console.fault(renderDiagnostics(cause.loaded, invocation.workingDirectory));
    return 1;
  }
  if (cause instanceof OperationError || cause instanceof UsageError) {
    const next = cause.next === undefined ? '' : `\n  next: ${inert(cause.next)}`;
    if (wantsJson(invocation))
      console.result(
        JSON.stringify(
          {
            diagnostics: [
              {
                code: cause.code,
                level: 'error',
                message: cause.message,
                ...(cause.next === undefined ? {} : { next: cause.next }),
              },
            ],
          },
          null,
          2,
        ),
      );
    console.fault(`error ${cause.code}  ${inert(cause.message)}${next}`);
    if (console.options.verbosity > 1 && cause.cause instanceof Error)
      console.fault(cause.cause.stack ?? String(cause.cause));
    return 1;
  }
  const error = cause instanceof Error ? cause : new Error(String(cause));
  console.fault(
    systemFailure(error) ??
      `error INTERNAL  ${inert(error.message)}\n  next: run again with -vv and report what it prints`,
  );
  if (console.options.verbosity > 1) console.fault(error.stack ?? '');
  return 1;
}
