import picocolors from 'picocolors';

/** How much and how colourfully a command speaks. */
export interface ConsoleOptions {
  readonly color: 'auto' | 'always' | 'never';
  readonly ascii: boolean;
  readonly quiet: boolean;
  readonly verbosity: number;
  readonly progress: 'auto' | 'plain' | 'none';
  readonly utc: boolean;
}

/** Where a command's words go: the result to stdout alone, all else to stderr. */
export interface Console {
  readonly options: ConsoleOptions;
  readonly colored: boolean;
  readonly unicode: boolean;
  readonly isTerminal: boolean;
  /** From now on every word passes this before it leaves. */
  protect(scrub: Scrub): void;
  /** A text as it may leave. */
  scrub(text: string, place: string): string;
  /** A part of the result, as it is. */
  part(text: string): void;
  /** The result. */
  result(text: string): void;
  /** Everything else; left out when quiet. */
  say(text: string): void;
  /** Faults; never left out. */
  fault(text: string): void;
  log(line: string): void;
  paint(style: 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan' | 'magenta', text: string): string;
}

/** Takes secrets out of a text that leaves by a place. */
export type Scrub = (text: string, place: string) => string;

/** A stream a console writes to. */
export interface ConsoleStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

function wantsColor(
  options: ConsoleOptions,
  environment: Readonly<Record<string, string | undefined>>,
  terminal: boolean,
): boolean {
  if (options.color !== 'auto') return options.color === 'always';
  if ((environment['NO_COLOR'] ?? '') !== '') return false;
  const forced = environment['FORCE_COLOR'] ?? environment['CLICOLOR_FORCE'] ?? '';
  if (forced !== '' && forced !== '0') return true;
  return terminal && environment['TERM'] !== 'dumb';
}

function isUtf8(environment: Readonly<Record<string, string | undefined>>): boolean {
  const locale = environment['LC_ALL'] ?? environment['LC_CTYPE'] ?? environment['LANG'] ?? 'C.UTF-8';
  return /utf-?8/i.test(locale);
}

/** A console over two streams. */
export function createConsole(
  options: ConsoleOptions,
  streams: {
    readonly stdout: ConsoleStream;
    readonly stderr: ConsoleStream;
    readonly environment: Readonly<Record<string, string | undefined>>;
  },
): Console {
  const { stdout, stderr, environment } = streams;
  const colored = wantsColor(options, environment, stdout.isTTY === true);
  let scrub: Scrub = (text) => text;
  const colors = picocolors.createColors(colored);
  return {
    options,
    colored,
    unicode: !options.ascii && isUtf8(environment),
    isTerminal: stdout.isTTY === true,
    protect: (given) => {
      scrub = given;
    },
    scrub: (text, place) => scrub(text, place),
    part: (text) => {
      stdout.write(scrub(text, 'stdout'));
    },
    result: (text) => {
      stdout.write(scrub(text.endsWith('\n') ? text : `${text}\n`, 'stdout'));
    },
    say: (text) => {
      if (!options.quiet) stderr.write(scrub(`${text}\n`, 'stderr'));
    },
    fault: (text) => {
      stderr.write(scrub(`${text}\n`, 'stderr'));
    },
    log: (line) => {
      if (options.verbosity > 0) stderr.write(line);
    },
    paint: (style, text) => colors[style](text),
  };
}
