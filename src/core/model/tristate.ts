/** The answer of a condition. Unknown is an answer of its own: permissive documents need `true`, restrictive ones act on anything but `false`. */
export type Tristate = 'true' | 'false' | 'unknown';

/** All must hold: false beats unknown beats true. An empty list is true. */
export function every(answers: readonly Tristate[]): Tristate {
  if (answers.includes('false')) return 'false';
  return answers.includes('unknown') ? 'unknown' : 'true';
}

/** One must hold: true beats unknown beats false. An empty list is false. */
export function some(answers: readonly Tristate[]): Tristate {
  if (answers.includes('true')) return 'true';
  return answers.includes('unknown') ? 'unknown' : 'false';
}

/** The opposite; unknown stays unknown. */
export function not(answer: Tristate): Tristate {
  if (answer === 'unknown') return 'unknown';
  return answer === 'true' ? 'false' : 'true';
}
