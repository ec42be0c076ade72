import { constants } from 'node:fs';
import { access, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Console } from './console.ts';
import { isReportFormat, renderReport, REPORT_FORMATS, type ReportFormat } from './render/render-report.ts';
import type { CheckReport } from './render/report.ts';
import { UsageError } from './usage-error.ts';

/** A report that goes to a file as well. */
export interface ReportFile {
  readonly format: ReportFormat;
  readonly path: string;
}

/** Reads `FMT=FILE` words and makes sure that each can be written before anything is looked at. */
export async function openReportFiles(
  words: readonly string[],
  workingDirectory: string,
): Promise<readonly ReportFile[]> {
  const files = words.map((word): ReportFile => {
    const at = word.indexOf('=');
    const format = word.slice(0, at);
    if (at <= 0 || !isReportFormat(format))
      throw new UsageError(
        'REPORT_FORMAT',
        `cannot write a report "${word}"`,
        `write --report FMT=FILE with one of ${REPORT_FORMATS.join(', ')}`,
      );
    return { format, path: resolve(workingDirectory, word.slice(at + 1)) };
  });
  for (const file of files) {
    await access(dirname(file.path), constants.W_OK).catch((cause: unknown) => {
      throw unwritable(file, cause instanceof Error ? cause.message : String(cause));
    });
    const there = await stat(file.path).catch(() => undefined);
    if (there?.isDirectory() === true) throw unwritable(file, 'it is a folder');
  }
  return files;
}

function unwritable(file: ReportFile, why: string): UsageError {
  return new UsageError(
    'REPORT_UNWRITABLE',
    `cannot write the report ${file.path}: ${why}`,
    'name a file in a folder that is there and can be written',
  );
}

/** Writes one report whole or not at all: the old file stays until the new one is complete. */
export async function writeReportFile(report: CheckReport, file: ReportFile, console: Console): Promise<void> {
  const beside = `${file.path}.${process.pid}.part`;
  const handle = await open(beside, 'w', 0o644);
  try {
    for (const part of renderReport(report, file.format, { ...console, paint: (_, text) => text }))
      await handle.write(console.scrub(part, 'report'));
    await handle.sync();
    await handle.close();
    await rename(beside, file.path);
  } catch (cause) {
    await handle.close().catch(() => undefined);
    await rm(beside, { force: true });
    throw cause;
  }
}
