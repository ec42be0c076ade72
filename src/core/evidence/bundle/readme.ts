import type { Answer } from '../answers/answer.ts';
import type { Statement } from '../statement.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for a page: markup shows as text, and what would hide or turn characters shows as its code. */
function escape(text: string): string {
  return text
    .replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? character)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
      const code = character.codePointAt(0) ?? 0;
      return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
    });
}

function answerRow(answer: Answer): string {
  const reason = answer.reason === undefined ? '' : `<br><small>${escape(answer.reason)}</small>`;
  return `<tr><td>${answer.number}</td><td>${escape(answer.question)}</td><td>${answer.status}</td><td>${escape(answer.text)}${reason}</td></tr>`;
}

function entryRow({ predicate }: Statement): string {
  return `<tr><td>${escape(predicate.at)}</td><td>${predicate.type}</td><td>${escape(predicate.actor.name)}</td><td><code>${escape(predicate.id)}</code></td></tr>`;
}

/** The page of a bundle for people: ten answers and the entries behind them. It has no script and proves nothing. */
export function renderReadme(findingId: string, answers: readonly Answer[], statements: readonly Statement[]): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Evidence of ${escape(findingId)}</title>
<style>body{font-family:sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse}td{border:1px solid #999;padding:.3rem .6rem;vertical-align:top;overflow-wrap:anywhere}</style></head><body>
<h1>Evidence of ${escape(findingId)}</h1>
<p>This page is for reading and proves nothing. <code>kedge evidence verify BUNDLE --trust FILE</code> verifies the files beside it.</p>
<table>
${answers.map(answerRow).join('\n')}
</table>
<h2>Entries</h2>
<table>
${statements.map(entryRow).join('\n')}
</table>
</body></html>
`;
}
