const HOSTILE =
  /[\u0000-\u001F\u007F-\u009F\u00AD\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFE00-\uFE0F\uFEFF\uFFF9-\uFFFB]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/gu;

function show(character: string): string {
  return `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

/** Text from a watched system as it may be shown: control, bidi and zero-width characters become visible. */
export function inert(text: string): string {
  return text.replaceAll(HOSTILE, show);
}

/** The same for JSON, where it may stand as an escape: the value stays what it is, and no terminal obeys it. */
export function inertJson(json: string): string {
  return json.replaceAll(HOSTILE, (character) =>
    character === '\n'
      ? character
      : [...Array(character.length).keys()]
          .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
          .join(''),
  );
}

/** The same for Markdown: nothing formats, mentions or links. */
export function inertMarkdown(text: string): string {
  return inert(text)
    .replaceAll(/[\\`*_{}[\]()<>#+\-.!|~&:]/g, (character) =>
      character === '<' ? '&lt;' : character === '>' ? '&gt;' : character === '&' ? '&amp;' : `\\${character}`,
    )
    .replaceAll('@', '@\u2060');
}

/** The same for a CSV cell: no spreadsheet takes it for a formula. */
export function inertCell(text: string): string {
  const shown = inert(text);
  const guarded = /^[=+\-@\t\r]/.test(text) ? `'${shown}` : shown;
  return /[",\n\r']/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** The same for XML: illegal characters become U+FFFD, the rest is escaped. */
export function inertXml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll(HOSTILE, (character) => (/[\t\n\r]/.test(character) ? character : show(character)))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}
