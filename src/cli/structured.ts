import { textOption, type Invocation } from './invocation.ts';
import { inertJson } from './render/inert-text.ts';
import { renderYaml } from './render/yaml.ts';
import { UsageError } from './usage-error.ts';

/** Prints a result as JSON or YAML when that was asked for; says whether it did. */
export function printStructured(
  invocation: Invocation,
  value: unknown,
  /** Formats the command renders itself, beside its table. */
  own: readonly string[] = [],
): boolean {
  const format = textOption(invocation, 'output') ?? 'table';
  if (format === 'json') invocation.console.result(inertJson(JSON.stringify(value, null, 2)));
  else if (format === 'yaml') invocation.console.result(renderYaml(value));
  else if (format === 'table' || own.includes(format)) return false;
  else
    throw new UsageError(
      'USAGE',
      `this command has no format "${format}"`,
      `write one of ${['table', 'json', 'yaml', ...own].join(', ')}`,
    );
  return true;
}

/** Rows as columns padded to the widest cell; nothing is cut. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, [...cell].length);
  return rows
    .map((row) =>
      row
        .map((cell, index) =>
          index === row.length - 1 ? cell : cell + ' '.repeat((widths[index] ?? 0) - [...cell].length),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
