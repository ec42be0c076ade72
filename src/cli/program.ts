import { Command, CommanderError, Option } from 'commander';
import type { Kedge } from '../app/kedge.ts';
import { VERSION } from '../app/version.ts';
import { nearest } from '../core/model/nearest.ts';
import type { OptionRow } from './command-summary.ts';
import { COMMANDS, type CommandRow } from './command-table.ts';
import { createConsole, type Console, type ConsoleOptions } from './console.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';
import type { Invocation } from './invocation.ts';

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

function addOption(command: Command, row: OptionRow): void {
  const option = new Option(row.flags, row.text);
  if (row.fallback !== undefined) option.default(row.fallback);
  if (row.choices !== undefined) option.choices([...row.choices]);
  if (row.repeatable === true)
    option.argParser((value: string, before: unknown) => [
      ...(Array.isArray(before) ? (before as string[]) : []),
      value,
    ]);
  command.addOption(option);
}

/** `-v` counts; every other repeatable option collects. */
function addGlobalOptions(command: Command, own: readonly OptionRow[]): void {
  const taken = new Set(own.flatMap((row) => row.flags.split(/[ ,]+/)));
  for (const row of GLOBAL_OPTIONS) {
    if (row.flags.startsWith('-v'))
      command.option(row.flags, row.text, (_: unknown, before: unknown) => Number(before ?? 0) + 1, 0);
    else if (!row.flags.split(/[ ,]+/).some((word) => word.startsWith('-') && taken.has(word))) addOption(command, row);
  }
}

function groupFor(root: Command, path: readonly string[], made: Map<string, Command>): Command {
  if (path.length === 0) return root;
  const key = path.join(' ');
  const known = made.get(key);
  if (known !== undefined) return known;
  const group = groupFor(root, path.slice(0, -1), made)
    .command(path.at(-1) ?? '')
    .description(`commands on ${path.join(' ')}`);
  made.set(key, group);
  return group;
}

function consoleOptions(options: Readonly<Record<string, unknown>>): ConsoleOptions {
  return {
    color: (options['color'] ?? 'auto') as ConsoleOptions['color'],
    ascii: options['ascii'] === true,
    quiet: options['quiet'] === true,
    verbosity: Number(options['verbose'] ?? 0),
    progress: (options['progress'] ?? 'auto') as ConsoleOptions['progress'],
    utc: options['utc'] === true,
  };
}

interface Runner {
  code: number;
}

async function runCommand(
  row: CommandRow,
  given: { readonly arguments: readonly string[]; readonly options: Readonly<Record<string, unknown>> },
): Promise<number> {
  const console = createConsole(consoleOptions(given.options), {
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
  });
  const controller = new AbortController();
  let signalled: keyof typeof SIGNALS | undefined;
  const handlers = (Object.keys(SIGNALS) as (keyof typeof SIGNALS)[]).map((name) => {
    const handler = (): void => {
      signalled ??= name;
      controller.abort(new Error(name));
    };
    process.on(name, handler);
    return () => process.off(name, handler);
  });
  const opened: Kedge[] = [];
  const afterwards: (() => Promise<void>)[] = [];
  const invocation = toInvocation(row, given, { console, signal: controller.signal, opened, afterwards });
  try {
    const { run } = await row.load();
    const code = await run(invocation);
    return signalled === undefined || row.endsBySignal === true ? code : SIGNALS[signalled];
  } catch (cause) {
    if (signalled !== undefined) return SIGNALS[signalled];
    const { reportFailure } = await import('./failure.ts');
    return reportFailure(cause, invocation);
  } finally {
    for (const kedge of opened)
      await kedge.close().catch((cause: unknown) => {
        console.fault(`closing failed: ${String(cause)}`);
      });
    for (const work of afterwards) await work();
    for (const off of handlers) off();
  }
}

function toInvocation(
  row: CommandRow,
  given: { readonly arguments: readonly string[]; readonly options: Readonly<Record<string, unknown>> },
  parts: {
    readonly console: Console;
    readonly signal: AbortSignal;
    readonly opened: Kedge[];
    readonly afterwards: (() => Promise<void>)[];
  },
): Invocation {
  return {
    path: row.path,
    commands: COMMANDS,
    arguments: given.arguments,
    options: given.options,
    console: parts.console,
    environment: process.env,
    workingDirectory: process.cwd(),
    signal: parts.signal,
    afterwards: (work) => {
      parts.afterwards.push(work);
    },
    async open(more = {}) {
      const { openKedge } = await import('../app/kedge.ts');
      const config = given.options['config'];
      const kedge = await openKedge({
        workingDirectory: process.cwd(),
        environment: process.env,
        signal: parts.signal,
        log: (line) => {
          parts.console.log(line);
        },
        logLevel: parts.console.options.verbosity > 1 ? 'debug' : 'info',
        logFormat: given.options['logFormat'] === 'json' ? 'json' : 'text',
        ...(typeof config === 'string' ? { configFile: config } : {}),
        ...more,
      });
      parts.console.protect((text, place) => kedge.guard.scrub(text, place));
      parts.opened.push(kedge);
      return kedge;
    },
  };
}

function flatten(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(flatten);
  return typeof value === 'string' ? [value] : [];
}

function addCommand(
  root: Command,
  row: CommandRow,
  parts: { readonly groups: Map<string, Command>; readonly runner: Runner },
): void {
  const parent = groupFor(root, row.path.slice(0, -1), parts.groups);
  const command = parent
    .command(`${row.path.at(-1) ?? ''}${row.arguments === undefined ? '' : ` ${row.arguments}`}`)
    .summary(row.summary)
    .description(row.summary);
  for (const option of row.options) addOption(command, option);
  addGlobalOptions(command, row.options);
  command.addHelpText('after', `\nExample:\n  ${row.example}`).action(async (...given: unknown[]) => {
    const own = given.at(-1) as Command;
    parts.runner.code = await runCommand(row, { arguments: flatten(given.slice(0, -2)), options: own.opts() });
  });
}

/** The program with every command of the table. */
export function buildProgram(runner: Runner = { code: 0 }): Command {
  const program = new Command('kedge')
    .description('Compares declared, recorded and actual state, decides by policy what to do, and proves it.')
    .version(VERSION, '--version', 'print the version');
  const groups = new Map<string, Command>();
  for (const row of COMMANDS) addCommand(program, row, { groups, runner });
  program.exitOverride().showSuggestionAfterError(true);
  for (const command of [program, ...groups.values(), ...allCommands(program)])
    command.exitOverride().configureOutput({ outputError: () => undefined });
  return program;
}

function allCommands(command: Command): readonly Command[] {
  return command.commands.flatMap((child) => [child, ...allCommands(child)]);
}

function usageText(error: CommanderError, argv: readonly string[]): string {
  const message = error.message.replace(/^error: /, '').split('\n')[0] ?? '';
  const words = COMMANDS.map((row) => row.path.join(' '));
  const typed = argv
    .filter((word) => !word.startsWith('-'))
    .slice(0, 2)
    .join(' ');
  const suggestion = error.code === 'commander.unknownCommand' ? nearest(typed, words) : undefined;
  const near = /\(Did you mean ([^)]+)\?\)/.exec(error.message)?.[1] ?? suggestion;
  return `error USAGE  ${message.replace(/\s*\(Did you mean.*$/, '')}${near === undefined ? '' : `   did you mean "${near}"?`}\n  next: \`kedge --help\` lists the commands, \`kedge COMMAND --help\` its options`;
}

/** Parses the words of the command line and runs what they ask for. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const runner: Runner = { code: 0 };
  const program = buildProgram(runner);
  if (argv.length === 0) {
    process.stdout.write(program.helpInformation());
    return 0;
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return runner.code;
  } catch (cause) {
    if (!(cause instanceof CommanderError)) throw cause;
    if (cause.exitCode === 0 || cause.code === 'commander.help') return cause.exitCode;
    process.stderr.write(`${usageText(cause, argv)}\n`);
    return 1;
  }
}
