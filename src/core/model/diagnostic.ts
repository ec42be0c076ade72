/** A place in a file a person wrote; line and column count from 1. */
export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * One fault or remark about something a person wrote, in the shape every surface prints:
 * `error CODE file:line:column message`, the line itself, a suggestion, the next step.
 */
export interface Diagnostic {
  readonly code: string;
  readonly level: 'error' | 'warning' | 'note';
  readonly message: string;
  readonly location?: SourceLocation;
  /** JSON pointer into the document. */
  readonly pointer?: string;
  /** The nearest allowed word, for a did-you-mean. */
  readonly suggestion?: string;
  /** What to do next, one sentence. */
  readonly next?: string;
}
