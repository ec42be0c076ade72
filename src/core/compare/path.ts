/**
 * One step of a path: a member of an object, or the item of a keyed list that a merge key names.
 * In text a member is a JSON pointer token and an item is `[key=value]`; `~0` is `~`, `~1` is `/`,
 * and, beyond RFC 6901, `~2` is a `[` that begins a member's name and `~3` a `*` that is a name, not a pattern.
 */
export type PathSegment =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'item'; readonly key: string; readonly value: string };

/** The path of a whole resource. */
export const WHOLE_RESOURCE = '/';

function escapeText(text: string): string {
  return text.replaceAll('~', '~0').replaceAll('/', '~1');
}

function unescapeText(text: string): string {
  return text.replaceAll('~3', '*').replaceAll('~2', '[').replaceAll('~1', '/').replaceAll('~0', '~');
}

/** The text of a member's segment. */
export function memberText(name: string): string {
  const escaped = escapeText(name);
  if (escaped === '*' || escaped === '**') return escaped.replaceAll('*', '~3');
  return escaped.startsWith('[') ? `~2${escaped.slice(1)}` : escaped;
}

/** The text of an item's segment. */
export function itemText(key: string, value: string): string {
  const escaped = escapeText(value);
  return `[${escapeText(key)}=${escaped === '*' ? '~3' : escaped}]`;
}

/** Appends a segment's text to a path. */
export function join(path: string, segmentText: string): string {
  return path === WHOLE_RESOURCE ? `/${segmentText}` : `${path}/${segmentText}`;
}

/** The texts of a path's segments; none for the whole resource. */
export function segmentTexts(path: string): readonly string[] {
  return path === WHOLE_RESOURCE || path === '' ? [] : path.slice(1).split('/');
}

/** Reads one segment's text. */
export function parseSegment(text: string): PathSegment {
  const equals = text.indexOf('=');
  if (text.startsWith('[') && text.endsWith(']') && equals > 0) {
    return { kind: 'item', key: unescapeText(text.slice(1, equals)), value: unescapeText(text.slice(equals + 1, -1)) };
  }
  return { kind: 'member', name: unescapeText(text) };
}

/** Reads a path. Every path this package makes reads back to its own segments. */
export function parsePath(path: string): readonly PathSegment[] {
  return segmentTexts(path).map(parseSegment);
}

/** Writes segments as a path. */
export function formatPath(segments: readonly PathSegment[]): string {
  return segments.reduce(
    (path, segment) =>
      join(path, segment.kind === 'member' ? memberText(segment.name) : itemText(segment.key, segment.value)),
    WHOLE_RESOURCE,
  );
}

/** The path of the first segment: what a finding stands for when its catalogue says nothing else. */
export function rootOf(path: string): string {
  const [first] = segmentTexts(path);
  return first === undefined ? WHOLE_RESOURCE : `/${first}`;
}

/** Whether `path` is `ancestor` or lies below it. */
export function isWithin(path: string, ancestor: string): boolean {
  return ancestor === WHOLE_RESOURCE || path === ancestor || path.startsWith(`${ancestor}/`);
}
