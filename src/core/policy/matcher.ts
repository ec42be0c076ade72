import { covers, touches } from '../compare/path-pattern.ts';
import type { Match } from './documents/match.ts';
import { every, not, some, type Tristate } from '../model/tristate.ts';
import { regularExpression } from './regular-expression.ts';

/** What is known of one property of a finding: its words, or that nobody knows. */
export type Words = { readonly status: 'known'; readonly words: readonly string[] } | { readonly status: 'unknown' };

/** The finding as selectors see it. */
export interface MatchSubject {
  property(key: string): Words;
  label(name: string): Words;
  readonly paths: readonly string[];
}

/** How paths and unknowns are read: permissive documents cover at or below, restrictive ones also above. */
export type Reading = 'permissive' | 'restrictive';

/** Whether a glob (`*` any run of characters) takes a word; linear in both. */
export function globMatches(glob: string, word: string): boolean {
  const parts = glob.split('*');
  if (parts.length === 1) return glob === word;
  const [first = '', ...rest] = parts;
  const last = rest.pop() ?? '';
  if (!word.startsWith(first) || word.length < first.length + last.length || !word.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = word.indexOf(part, at);
    if (found < 0 || found + part.length > word.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}

function wordMatches(wanted: string, word: string): Tristate {
  if (wanted.startsWith('re:')) {
    const expression = regularExpression(wanted.slice(3));
    if (expression === undefined) return 'unknown';
    return expression.matches(word) ? 'true' : 'false';
  }
  return globMatches(wanted, word) ? 'true' : 'false';
}

function termMatches(term: string, words: Words): Tristate {
  if (words.status === 'unknown') return 'unknown';
  if (term.startsWith('!')) return not(some(words.words.map((word) => wordMatches(term.slice(1), word))));
  return some(words.words.map((word) => wordMatches(term, word)));
}

/** Negated terms of a list must all hold; of the others one must. */
function listMatches(terms: readonly string[], words: Words): Tristate {
  const negated = terms.filter((term) => term.startsWith('!')).map((term) => termMatches(term, words));
  const plain = terms.filter((term) => !term.startsWith('!')).map((term) => termMatches(term, words));
  return every([...negated, ...(plain.length === 0 ? [] : [some(plain)])]);
}

/** One key of a match and what it answered, for the trace. */
export interface MatchAnswer {
  readonly answer: Tristate;
  /** The first key that did not hold. */
  readonly failed: string | undefined;
}

function keyAnswers(match: Match, subject: MatchSubject, reading: Reading): readonly (readonly [string, Tristate])[] {
  const answers: (readonly [string, Tristate])[] = [];
  for (const [key, wanted] of Object.entries(match)) {
    if (key === 'paths') answers.push(['paths', pathsMatch(wanted as readonly string[], subject, reading)]);
    else if (key === 'labels') {
      for (const [name, words] of Object.entries(wanted as Record<string, string[]>))
        answers.push([`labels.${name}`, listMatches(words, subject.label(name))]);
    } else if (key === 'resource') {
      for (const [name, words] of Object.entries(wanted as Record<string, string[]>))
        answers.push([`resource.${name}`, listMatches(words, subject.property(`resource.${name}`))]);
    } else if (key === 'severity')
      answers.push([
        'severity',
        listMatches(
          (wanted as string[]).map((word) => word.toUpperCase()),
          subject.property('risk'),
        ),
      ]);
    else answers.push([key, listMatches(wanted as readonly string[], subject.property(key))]);
  }
  return answers;
}

function pathsMatch(wanted: readonly string[], subject: MatchSubject, reading: Reading): Tristate {
  const takes = reading === 'permissive' ? covers : touches;
  return some(subject.paths.map((path) => (wanted.some((pattern) => takes(pattern, path)) ? 'true' : 'false')));
}

/** Whether a finding is what a document speaks of. An empty match takes everything. */
export function matches(match: Match, subject: MatchSubject, reading: Reading): MatchAnswer {
  const answers = keyAnswers(match, subject, reading);
  const answer = every(answers.map(([, each]) => each));
  const failed = answers.find(([, each]) => each === 'false') ?? answers.find(([, each]) => each === 'unknown');
  return { answer, failed: failed === undefined ? undefined : failed[0] };
}
