import { Finding } from '../../model/finding.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts';
import type { EntryType } from '../entry-type.ts';
import type { Statement } from '../statement.ts';

/** A finding's entries in order of the log, as questions ask of them. */
export interface EntryView {
  readonly findingId: string;
  /** Entries about the finding alone. */
  readonly own: readonly Statement[];
  /** The last entry that tells the finding's content while it was open. */
  readonly told: Statement | undefined;
  readonly finding: Finding | undefined;
  readonly closing: Statement | undefined;
}

const CONTENT_TYPES: ReadonlySet<EntryType> = new Set(['FINDING_OPENED', 'FINDING_UPDATED', 'FINDING_REOPENED']);
const CLOSING_TYPES: ReadonlySet<EntryType> = new Set(['FINDING_RESOLVED', 'FINDING_ARCHIVED']);

/** The type of an entry. */
export function typeOf(entry: Statement): EntryType {
  return entry.predicate.type;
}

/** A field of an entry's body. */
export function bodyField(entry: Statement | undefined, name: string): JsonValue | undefined {
  return entry?.predicate.body[name];
}

/** A field of an entry's body that is an object, else an empty one. */
export function bodyObject(entry: Statement | undefined, name: string): JsonObject {
  const value = bodyField(entry, name);
  return isJsonObject(value) ? value : {};
}

/** A field of an entry's body that is text. */
export function bodyText(entry: Statement | undefined, name: string): string | undefined {
  const value = bodyField(entry, name);
  return typeof value === 'string' ? value : undefined;
}

function findingOf(entry: Statement | undefined): Finding | undefined {
  const { trace } = entry?.predicate.body ?? {};
  const told = bodyObject(entry, 'finding');
  const classification = isJsonObject(told['classification']) ? told['classification'] : {};
  const parsed = Finding.safeParse({ ...told, classification: { ...classification, trace: trace ?? [] } });
  return parsed.success ? parsed.data : undefined;
}

/** Sorts a finding's entries out for the questions. */
export function viewEntries(findingId: string, statements: readonly Statement[]): EntryView {
  const own = statements.filter(
    ({ predicate }) => predicate.about.kind === 'FINDING' && predicate.about.id === findingId,
  );
  const told = own.findLast((entry) => CONTENT_TYPES.has(typeOf(entry)));
  const last = own.findLast((entry) => CONTENT_TYPES.has(typeOf(entry)) || CLOSING_TYPES.has(typeOf(entry)));
  const closing = last !== undefined && CLOSING_TYPES.has(typeOf(last)) ? last : undefined;
  return { findingId, own, told, finding: findingOf(told), closing };
}
