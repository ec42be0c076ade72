import type { Diagnostic, SourceLocation } from '../core/model/diagnostic.ts';
import type { Instant } from '../core/model/instant.ts';
import type { JsonObject } from '../core/model/json.ts';

/** One YAML document, parsed as data, with the way back to the file. */
export interface SourceDocument {
  readonly file: string;
  /** Position of the document in its file, from 0. */
  readonly index: number;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly value: JsonObject;
  /** Line and column of the value at a JSON pointer, or of its nearest ancestor that is there. */
  locate(pointer: string): SourceLocation;
  /** Line and column of a member's key rather than of its value. */
  locateKey(pointer: string): SourceLocation;
  /** The text of one line, for error messages. */
  line(number: number): string;
}

/** What a source holds now: documents that parsed, and every fault of those that did not. */
export interface DocumentSet {
  readonly documents: readonly SourceDocument[];
  readonly diagnostics: readonly Diagnostic[];
  /** Revision of the source (a commit, or a digest of the bytes). */
  readonly revision: string;
  readonly readAt: Instant;
}

/** Where documents come from. Bounded in size, depth and aliases; never follows `..` or a link out of its root. */
export interface DocumentSource {
  read(signal: AbortSignal): Promise<DocumentSet>;
}
