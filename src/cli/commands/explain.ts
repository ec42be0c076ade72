import { TERMS } from '../terms.ts';
import { nearest } from '../../core/model/nearest.ts';
import type { TraceEntry } from '../../core/model/evaluation.ts';
import type { Finding } from '../../core/model/finding.ts';
import { openFinding } from '../open-finding.ts';
import type { Invocation } from '../invocation.ts';
import { inert } from '../render/inert-text.ts';
import { planesLine } from '../render/plane-text.ts';
import { printStructured } from '../structured.ts';
import { UsageError } from '../usage-error.ts';

function stepLines(entry: TraceEntry, index: number): readonly string[] {
  const facts = (entry.facts ?? []).map(
    (fact) =>
      `       ${inert(fact.name)}: ${inert(fact.value)}${fact.source === undefined ? '' : ` (${inert(fact.source)}${fact.at === undefined ? '' : `, ${fact.at}`})`}`,
  );
  const nearestRule =
    entry.nearest === undefined
      ? []
      : [`       nearest that did not apply: ${inert(entry.nearest.rule)}: ${inert(entry.nearest.failed)}`];
  return [
    `  ${String(index + 1).padStart(2)}. ${entry.step}${entry.rule === undefined ? '' : ` [${inert(entry.rule)}]`}: ${inert(entry.outcome)}`,
    ...facts,
    ...nearestRule,
  ];
}

function changeLines(finding: Finding): readonly string[] {
  const [first] = finding.decision.reasons;
  const ways = [
    first === undefined ? undefined : `heal by itself: ${first.code} would have to pass (${first.because})`,
    finding.driftClass === 'UNCLASSIFIED'
      ? 'another class: an audit source that names the writer, or a rule that matches'
      : undefined,
    `by hand: kedge plan ${finding.findingId}`,
  ];
  return ways.filter((way) => way !== undefined).map((way) => `  ${inert(way)}`);
}

async function explainFinding(invocation: Invocation): Promise<number> {
  const { record } = await openFinding(invocation);
  const { finding } = record;
  if (
    printStructured(invocation, {
      findingId: finding.findingId,
      classification: finding.classification,
      decision: finding.decision,
    })
  )
    return 0;
  const trace = finding.classification.trace as unknown as readonly TraceEntry[];
  invocation.console.result(
    [
      `${finding.findingId}: ${finding.risk} ${finding.driftClass} on ${inert(finding.resourceRef)} of ${inert(finding.unit)}, ${finding.state}`,
      ...finding.differences.slice(0, 10).map((each) => `  ${inert(each.path)}  ${planesLine(each)}`),
      '',
      'Why, step by step:',
      ...trace.flatMap(stepLines),
      '',
      'What would change the decision:',
      ...changeLines(finding),
    ].join('\n'),
  );
  return 0;
}

/** Says why a finding was decided so, or what a code, class, reason, metric or key means. */
export async function run(invocation: Invocation): Promise<number> {
  const [term = ''] = invocation.arguments;
  if (/^drift-\d{8}-\d+$/.test(term)) return await explainFinding(invocation);
  const meaning = Object.hasOwn(TERMS, term) ? TERMS[term] : undefined;
  if (meaning === undefined) {
    const near = nearest(term, Object.keys(TERMS));
    throw new UsageError(
      'TERM_UNKNOWN',
      `nothing is known of "${inert(term.slice(0, 80))}"${near === undefined ? '' : `   did you mean "${near}"?`}`,
      'name a finding, a code, a class, a reason, a metric or a configuration key',
    );
  }
  if (!printStructured(invocation, { term, ...meaning }))
    invocation.console.result(`${term}  (${meaning.kind})\n  ${meaning.text}`);
  return 0;
}
