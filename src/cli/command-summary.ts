/** One option of a command, as help, completion and the reference print it. */
export interface OptionRow {
  /** Commander's notation: `-o, --output <FMT>`. */
  readonly flags: string;
  readonly text: string;
  readonly fallback?: string;
  readonly choices?: readonly string[];
  readonly repeatable?: boolean;
}

/** One command as help, completion and the reference print it. */
export interface CommandSummary {
  readonly path: readonly string[];
  /** Commander's notation: `[UNIT...]`. */
  readonly arguments?: string;
  readonly group: 'Start' | 'Detect' | 'Act' | 'Govern' | 'Prove' | 'Run' | 'Adapters';
  readonly summary: string;
  readonly options: readonly OptionRow[];
  /** Output formats beside the global ones. */
  readonly formats?: readonly string[];
  readonly example: string;
  /** A signal is how it is told to end: its own code stands. */
  readonly endsBySignal?: boolean;
}
