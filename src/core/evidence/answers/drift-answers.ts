import type { FindingDifference } from '../../model/finding.ts';
import { epochMilliseconds } from '../../model/instant.ts';
import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { AnswerBody } from './answer.ts';
import { bodyObject, bodyText, typeOf, type EntryView } from './entry-view.ts';

const LOST: AnswerBody = {
  status: 'UNKNOWN',
  text: 'no entry tells the finding',
  value: 'unknown',
  reason: 'the entry that opened the finding is not among those given',
};

/** 1. What resource drifted? */
export function answerResource({ finding }: EntryView): AnswerBody {
  if (finding === undefined) return LOST;
  const { resourceRef, unit, environment, owner, changedFields } = finding;
  return {
    status: 'ANSWERED',
    text: `${resourceRef} ${changedFields.join(', ')} of ${unit} (${environment}), owned by ${owner}`,
    value: { resourceRef, unit, environment, owner, changedFields },
  };
}

type Plane = 'desired' | 'actual';

function planeWord(difference: FindingDifference, plane: Plane): string {
  return difference.planes?.[plane] ?? (difference[plane] === undefined ? 'absent' : 'present');
}

function planeValue(difference: FindingDifference, plane: Plane): JsonObject {
  const value = difference[plane];
  return { path: difference.path, state: planeWord(difference, plane), ...(value === undefined ? {} : { value }) };
}

function planeText(difference: FindingDifference, plane: Plane): string {
  const value = difference[plane];
  return `${difference.path} = ${value === undefined ? planeWord(difference, plane) : JSON.stringify(value)}`;
}

function answerPlane(view: EntryView, plane: Plane, more: JsonObject): AnswerBody {
  const { finding } = view;
  if (finding === undefined) return LOST;
  const words = finding.differences.map((each) => planeWord(each, plane));
  const value = { differences: finding.differences.map((each) => planeValue(each, plane)), ...more };
  const text = finding.differences.map((each) => planeText(each, plane)).join('; ');
  if (words.length === 0) return { ...LOST, reason: 'the entries tell no difference' };
  if (words.every((word) => word === 'not-applicable'))
    return { status: 'NOT_APPLICABLE', text: 'nobody declares it', value };
  if (words.every((word) => word === 'unknown'))
    return { status: 'UNKNOWN', text: 'it could not be seen', value, reason: 'the plane was not observed' };
  return { status: 'ANSWERED', text, value };
}

/** 2. What was the desired state? */
export function answerDesired(view: EntryView): AnswerBody {
  const revisions = bodyObject(view.told, 'revisions');
  return answerPlane(view, 'desired', { revision: revisions['desired'] ?? 'not recorded' });
}

/** 3. What was the observed actual state? */
export function answerActual(view: EntryView): AnswerBody {
  return answerPlane(view, 'actual', {
    observer: bodyText(view.told, 'observer') ?? 'not recorded',
    observedAt: view.told?.predicate.at ?? 'not recorded',
  });
}

/** 4. When was drift detected? */
export function answerDetected(view: EntryView): AnswerBody {
  const { finding, own } = view;
  if (finding === undefined) return LOST;
  const opened = own.find((entry) => typeOf(entry) === 'FINDING_OPENED');
  const checkId = bodyText(opened, 'checkId') ?? 'not recorded';
  return {
    status: 'ANSWERED',
    text: `${finding.detectedAt}, by check ${checkId}`,
    value: { detectedAt: finding.detectedAt, checkId },
  };
}

function seconds(from: string, to: string): number {
  return Math.max(0, Math.round((epochMilliseconds(to) - epochMilliseconds(from)) / 1_000));
}

/** 5. How long did it exist? */
export function answerDuration(view: EntryView): AnswerBody {
  const { finding, closing, own } = view;
  if (finding === undefined) return LOST;
  const { onset } = finding;
  const end = closing?.predicate.at ?? own.at(-1)?.predicate.at ?? onset.notAfter;
  const least = seconds(onset.notAfter, end);
  const most = onset.notBefore === undefined ? undefined : seconds(onset.notBefore, end);
  const upTo = most === undefined ? 'no upper bound' : `at most ${most}s`;
  return {
    status: 'ANSWERED',
    text: closing === undefined ? `at least ${least}s; it is open` : `at least ${least}s, ${upTo}; closed at ${end}`,
    value: {
      onset: onset as unknown as JsonValue,
      closedAt: closing === undefined ? 'open' : end,
      atLeastSeconds: least,
      ...(most === undefined ? {} : { atMostSeconds: most }),
    },
  };
}

const NOT_KNOWN: Readonly<Record<string, AnswerBody>> = {
  none: { status: 'UNKNOWN', text: 'nobody', value: 'none', reason: 'the audit sources were read and name no writer' },
  'not-covered': {
    status: 'UNKNOWN',
    text: 'not covered',
    value: 'not-covered',
    reason: 'no audit source covers this unit',
  },
  pending: {
    status: 'PENDING',
    text: 'not known yet',
    value: 'pending',
    reason: 'an audit source has not answered yet',
  },
  ambiguous: { status: 'UNKNOWN', text: 'several', value: 'ambiguous', reason: 'several writers fit equally well' },
};

/** 6. Who or what caused it? */
export function answerActor({ finding }: EntryView): AnswerBody {
  if (finding === undefined) return LOST;
  const { auditCorrelation } = finding;
  const { actor, confidence, source, detail } = auditCorrelation;
  const value = auditCorrelation as unknown as JsonValue;
  if (actor !== undefined)
    return { status: 'ANSWERED', text: `${actor} (${confidence}, ${source ?? 'unnamed source'})`, value };
  const known = NOT_KNOWN[confidence];
  if (known !== undefined) return known;
  return { status: 'UNKNOWN', text: confidence, value: confidence, reason: detail ?? 'the sources name no writer' };
}

/** 7. Which policy classified it? */
export function answerPolicy(view: EntryView): AnswerBody {
  const { finding, told } = view;
  if (finding === undefined || told === undefined) return LOST;
  const { rule } = finding.classification;
  const { policies, instance } = told.predicate;
  const shipped = rule === 'none' ? 'no rule matched, so it stays UNCLASSIFIED' : `rule ${rule}`;
  return {
    status: 'ANSWERED',
    text: `${finding.driftClass}: ${shipped} (Kedge ${instance.version}); decision ${finding.decision.rule} → ${finding.decision.action}`,
    value: {
      driftClass: finding.driftClass,
      rule,
      decision: finding.decision as unknown as JsonValue,
      policies: policies as unknown as JsonValue,
      program: instance.version,
      trace: finding.classification.trace as unknown as JsonValue,
    },
  };
}
