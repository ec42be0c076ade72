import { diagnosticsJson } from './diagnostics.ts';
import { inertJson } from './inert-text.ts';
import { summarise, type CheckReport } from './report.ts';

/** A report for programs; version 1 only grows. */
export function reportObject(report: CheckReport): Readonly<Record<string, unknown>> {
  return {
    schemaVersion: '1.0',
    kind: 'CheckReport',
    kedgeVersion: report.kedgeVersion,
    mode: report.mode,
    startedAt: report.startedAt,
    finishedAt: report.finishedAt,
    exitCode: report.exitCode,
    summary: summarise(report),
    results: report.results.map(({ declaredAt: _, ...result }) => result),
    findings: report.findings.map(({ finding, knownUntil }) =>
      knownUntil === undefined ? finding : { ...finding, knownUntil },
    ),
    ...diagnosticsJson(report.diagnostics),
  };
}

/** The report as JSON, in parts: what is large is never one string. */
export function* renderJson(report: CheckReport): Generator<string> {
  const { findings, results, ...rest } = reportObject(report) as {
    findings: readonly unknown[];
    results: readonly unknown[];
  };
  yield `${inertJson(JSON.stringify(rest)).slice(0, -1)},"results":[`;
  yield* listParts(results);
  yield '],"findings":[';
  yield* listParts(findings);
  yield ']}\n';
}

function* listParts(items: readonly unknown[]): Generator<string> {
  for (const [index, item] of items.entries()) yield `${index === 0 ? '' : ','}${inertJson(JSON.stringify(item))}`;
}
