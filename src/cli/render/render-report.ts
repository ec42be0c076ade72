import type { Console } from '../console.ts';
import { renderCsv } from './csv.ts';
import { renderJson, reportObject } from './json.ts';
import { inertJson } from './inert-text.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import type { CheckReport } from './report.ts';
import { renderSarif } from './sarif.ts';
import { renderTable } from './table.ts';
import { renderYaml } from './yaml.ts';

export const REPORT_FORMATS = ['table', 'json', 'yaml', 'markdown', 'csv', 'sarif', 'junit'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

const RENDERERS: Readonly<Record<ReportFormat, (report: CheckReport, console: Console) => Iterable<string>>> = {
  table: (report, console) => [`${renderTable(report, console)}\n`],
  json: (report) => renderJson(report),
  yaml: (report) => [renderYaml(reportObject(report))],
  markdown: (report) => [renderMarkdown(report)],
  csv: (report) => [renderCsv(report)],
  sarif: (report) => [inertJson(renderSarif(report))],
  junit: (report) => [renderJunit(report)],
};

/** Whether a word is a format of reports. */
export function isReportFormat(word: string): word is ReportFormat {
  return (REPORT_FORMATS as readonly string[]).includes(word);
}

/** The parts of a report in one format. */
export function renderReport(report: CheckReport, format: ReportFormat, console: Console): Iterable<string> {
  return RENDERERS[format](report, console);
}
