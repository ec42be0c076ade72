import { counted } from '../../core/model/counted.ts';
import { stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { readDocuments } from '../../app/documents.ts';
import type { Diagnostic } from '../../core/model/diagnostic.ts';
import { runDocumentTests, type TestOutcome } from '../../core/policy/document-tests.ts';
import type { SourceDocument } from '../../ports/document-source.ts';
import { flagOption, textOption, type Invocation } from '../invocation.ts';
import { diagnosticsJson, renderDiagnostics } from '../render/diagnostics.ts';
import { printStructured } from '../structured.ts';
import { UsageError } from '../usage-error.ts';

/** A path as diagnostics name files: below the folder of the configuration. */
async function belowRoot(path: string, workingDirectory: string, root: string): Promise<string> {
  const full = resolve(workingDirectory, path);
  const below = relative(root, full);
  const there = await stat(full).catch(() => undefined);
  if (there === undefined || below.startsWith('..'))
    throw new UsageError(
      'USAGE',
      `cannot check ${path}: there is no such file or folder below ${root}`,
      'name a file or a folder of the working set, or none for all',
    );
  return below;
}

/** A proof that fails, at its place in its document. */
function testFaults(tests: readonly TestOutcome[], documents: readonly SourceDocument[]): readonly Diagnostic[] {
  return tests
    .filter((test) => test.failures.length > 0)
    .map(({ document, index, name, failures }): Diagnostic => {
      const pointer = `/spec/tests/${index}`;
      const source = documents.find((each) => each.kind === document.kind && each.name === document.name);
      return {
        code: 'TEST_FAILED',
        level: 'error',
        message: `${document.kind} ${document.name}, ${name}: ${failures.join('; ')}`,
        pointer,
        ...(source === undefined ? {} : { location: source.locate(pointer) }),
        next: 'correct the document, or what its test expects',
      };
    });
}

/** Checks configuration and documents, offline; runs the proofs that stand in them; all faults at once. */
export async function run(invocation: Invocation): Promise<number> {
  const config = textOption(invocation, 'config');
  const { configuration, loaded } = await readDocuments(
    {
      workingDirectory: invocation.workingDirectory,
      environment: invocation.environment,
      ...(config === undefined ? {} : { configFile: config }),
    },
    invocation.signal,
  );
  const paths = await Promise.all(
    invocation.arguments.map((path) => belowRoot(path, invocation.workingDirectory, configuration.root)),
  );
  const tests = runDocumentTests(loaded.set.units, loaded.set.policy);
  const all = [...configuration.diagnostics, ...loaded.diagnostics, ...testFaults(tests, loaded.documents)].filter(
    (each) =>
      paths.length === 0 ||
      paths.some(
        (path) => path === '' || each.location?.file === path || each.location?.file.startsWith(`${path}/`) === true,
      ),
  );
  if (loaded.documents.length === 0)
    throw new UsageError(
      'USAGE',
      `cannot check anything: no document stands below ${configuration.root}`,
      'start with a kedge.yaml and the documents below kedge/, or name the files under registries[].files',
    );
  const errors = all.filter((each) => each.level === 'error').length;
  if (
    !printStructured(invocation, {
      documents: loaded.documents.length,
      units: loaded.set.units.length,
      tests: tests.length,
      ...diagnosticsJson(all),
    })
  ) {
    if (all.length > 0) invocation.console.fault(renderDiagnostics(all, configuration.root));
    invocation.console.result(
      `${counted(loaded.documents.length, 'document')}, ${counted(loaded.set.units.length, 'unit')}${tests.length === 0 ? '' : `, ${counted(tests.length, 'test')}`}: ${counted(errors, 'error')}, ${counted(all.length - errors, 'remark')}`,
    );
  }
  return errors > 0 || (flagOption(invocation, 'strict') && all.length > 0) ? 1 : 0;
}
