import { foldSetting } from '../settings.ts';

/** Settings that are lists of names: the server quotes each and joins them, and one literal would be one name. */
const NAME_LISTS: ReadonlySet<string> = new Set([
  'search_path',
  'temp_tablespaces',
  'session_preload_libraries',
  'local_preload_libraries',
  'shared_preload_libraries',
]);

/** The literals a statement must list so that the server keeps what a folded text means. */
export function settingValues(name: string, text: string): readonly string[] {
  if (!NAME_LISTS.has(name.toLowerCase())) return [text];
  return text.split(',').map((part) => part.trim());
}

/** One text for equal settings, whatever quoting and spaces they were written with. */
export function settingText(text: string): string {
  return foldSetting(text, undefined, false);
}

/** One text for equal instants: milliseconds since 1970, or `infinity`. */
export function validUntilText(text: string): string {
  if (text === 'infinity' || text === '-infinity') return text;
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? text : String(milliseconds);
}
