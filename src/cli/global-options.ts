import type { OptionRow } from './command-summary.ts';

/** Options of every command. */
export const GLOBAL_OPTIONS: readonly OptionRow[] = [
  { flags: '--config <FILE>', text: 'configuration; else kedge.yaml, looked for upwards' },
  { flags: '-o, --output <FMT>', text: 'format of the result on stdout', fallback: 'table' },
  { flags: '--report <FMT=FILE>', text: 'write the result to a file as well', repeatable: true },
  { flags: '--color <WHEN>', text: 'colour on the terminal', fallback: 'auto', choices: ['auto', 'always', 'never'] },
  { flags: '--ascii', text: 'symbols in ASCII' },
  { flags: '--utc', text: 'times in UTC' },
  { flags: '-q, --quiet', text: 'only the result and errors' },
  { flags: '-v, --verbose', text: 'more; twice: debug', repeatable: true },
  { flags: '--log-format <FMT>', text: 'format of log lines', choices: ['text', 'json'] },
  { flags: '--progress <HOW>', text: 'progress on stderr', fallback: 'auto', choices: ['auto', 'plain', 'none'] },
  { flags: '-y, --yes', text: 'answer yes to every question' },
];
