/** Settings that are lists of names: the server quotes each and joins them, and one literal would be one name. */
const NAME_LISTS: ReadonlySet<string> = new Set([
  'search_path',
  'temp_tablespaces',
  'session_preload_libraries',
  'local_preload_libraries',
  'shared_preload_libraries',
]);

function readName(text: string, start: number): { readonly name: string; readonly end: number } {
  if (text[start] !== '"') {
    const comma = text.indexOf(',', start);
    const end = comma === -1 ? text.length : comma;
    return { name: text.slice(start, end).trim().toLowerCase(), end };
  }
  let name = '';
  let at = start + 1;
  while (at < text.length && (text[at] !== '"' || text[at + 1] === '"')) {
    if (text[at] === '"') at += 1;
    name += text[at] ?? '';
    at += 1;
  }
  return { name, end: at + 1 };
}

function splitNames(text: string): readonly string[] {
  const names: string[] = [];
  let at = 0;
  while (at < text.length) {
    while (text[at] === ' ' || text[at] === ',') at += 1;
    if (at >= text.length) break;
    const { name, end } = readName(text, at);
    names.push(name);
    at = end;
  }
  return names;
}

/** The values a setting's text stands for, as a statement must list them. */
export function settingValues(name: string, text: string): readonly string[] {
  if (!NAME_LISTS.has(name.toLowerCase())) return [text];
  const names = splitNames(text);
  return names.length === 0 ? [''] : names;
}

/** One text for equal settings, whatever quoting and spaces they were written with. */
export function settingText(name: string, values: readonly string[]): string {
  return NAME_LISTS.has(name.toLowerCase()) ? JSON.stringify(values) : values.join(', ');
}

/** One text for equal instants: milliseconds since 1970, or `infinity`. */
export function validUntilText(text: string): string {
  if (text === 'infinity' || text === '-infinity') return text;
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? text : String(milliseconds);
}
