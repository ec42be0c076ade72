import type { Kedge, OpenOptions } from '../app/kedge.ts';
import type { CommandSummary } from './command-summary.ts';
import type { Console } from './console.ts';

/** One run of a command: what was asked, and the means to answer. */
export interface Invocation {
  readonly path: readonly string[];
  /** Every command there is, for what is written about commands. */
  readonly commands: readonly CommandSummary[];
  readonly arguments: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly console: Console;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly signal: AbortSignal;
  /** Opens the installation; it is closed by itself when the command ends. */
  open(more?: Partial<OpenOptions>): Promise<Kedge>;
  /** Runs when the installation is closed, whatever the command came to. */
  afterwards(work: () => Promise<void>): void;
}

/** A text option, or undefined. */
export function textOption(invocation: Invocation, name: string): string | undefined {
  const value = invocation.options[name];
  return typeof value === 'string' ? value : undefined;
}

/** A repeatable option as a list. */
export function listOption(invocation: Invocation, name: string): readonly string[] {
  const value = invocation.options[name];
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'string' ? [value] : [];
}

/** Whether a flag was given. */
export function flagOption(invocation: Invocation, name: string): boolean {
  return invocation.options[name] === true;
}
