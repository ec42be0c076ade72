import { DocumentFaults } from '../app/kedge.ts';
import { OperationError } from '../core/model/operation-error.ts';
import type { Invocation } from './invocation.ts';
import { diagnosticsJson, renderDiagnostics } from './render/diagnostics.ts';
import { inert } from './render/inert-text.ts';
import { UsageError } from './usage-error.ts';

function wantsJson(invocation: Invocation): boolean {
  return invocation.options['output'] === 'json';
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
  console.fault(`error INTERNAL  ${inert(error.message)}\n  next: run again with -vv and report what it prints`);
  if (console.options.verbosity > 1) console.fault(error.stack ?? '');
  return 1;
}
