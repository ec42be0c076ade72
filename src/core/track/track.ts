import type { Comparison } from '../compare/compare.ts';
import { isWithin, WHOLE_RESOURCE } from '../compare/path.ts';
import type { Digest } from '../model/digest.ts';
import type { Evaluation } from '../model/evaluation.ts';
import type { FindingLife, FindingRecord } from '../model/finding-record.ts';
import type { AuditCorrelation, Finding } from '../model/finding.ts';
import { epochMilliseconds, type Instant } from '../model/instant.ts';
import type { Coverage } from '../model/observation.ts';
import type { Unit } from '../model/unit.ts';
import { isOpenState, type FindingState } from '../model/vocabulary.ts';
import { isFight } from './fight.ts';
import { toFinding, UNNUMBERED, type FindingClock } from './to-finding.ts';
import { transition, type FindingEvent } from './transitions.ts';

/** What one look means for the findings of its unit. */
export interface TrackInput {
  readonly unit: Unit;
  readonly block: string;
  readonly now: Instant;
  readonly scope: { readonly kind: 'full' } | { readonly kind: 'targeted'; readonly resources: readonly string[] };
  readonly coverage: Coverage;
  readonly comparison: Comparison;
  /** Resources whose desired plane speaks in this look. */
  readonly declared: ReadonlySet<string>;
  /** Identities whose difference is on its way and no finding yet. */
  readonly pending: ReadonlySet<string>;
  readonly evaluations: readonly Evaluation[];
  correlationOf(evaluation: Evaluation): AuditCorrelation;
  /** Whether the unit's document still lets a finding be judged. */
  isJudged(finding: Finding): boolean;
  /** Findings that are not closed, and those resolved within the flap window. */
  readonly previous: readonly FindingRecord[];
  readonly lastCleanAt: Instant | undefined;
  readonly flapWindow: number;
  readonly verifyWithin: number;
}

/** What happened to one finding. `entry` is the evidence that belongs to it; without one nothing changed but the clock. */
export interface TrackedChange {
  readonly record: FindingRecord;
  readonly isNew: boolean;
  readonly entry:
    | 'FINDING_OPENED'
    | 'FINDING_UPDATED'
    | 'FINDING_REOPENED'
    | 'FINDING_SUPPRESSED'
    | 'FINDING_RESOLVED'
    | 'FINDING_ARCHIVED'
    | undefined;
  readonly breaker: 'BREAKER_OPENED' | undefined;
  /** Whether the look shows the difference. */
  readonly shown: boolean;
  /** New content: whoever approved the old one approved something else. */
  readonly contentMoved: boolean;
}

const NEW_LIFE: FindingLife = { contents: [], attempts: [], breaker: { status: 'closed' }, confirmations: 0 };
const CONTENTS_KEPT = 32;

function move(state: FindingState, event: FindingEvent): FindingState {
  const next = transition(state, event);
  return next.status === 'moved' ? next.state : state;
}

function withContent(life: FindingLife, content: Digest, at: Instant): FindingLife {
  if (life.contents.at(-1)?.content === content) return life;
  return { ...life, contents: [...life.contents, { content, at }].slice(-CONTENTS_KEPT) };
}

/** Who writes in turn, as far as anybody can name them: Kedge if it healed this, and the writer of what is there now. */
function fighters(life: FindingLife, { actor }: AuditCorrelation): readonly string[] {
  const own = life.attempts.some((each) => each.outcome === 'converged') ? ['kedge'] : [];
  return [...own, actor ?? 'a writer nobody can name'];
}

function withFight(input: TrackInput, evaluation: Evaluation, life: FindingLife): FindingLife {
  if (life.breaker.status === 'open' || !isFight(life, evaluation.content, input.now)) return life;
  const writers = fighters(life, input.correlationOf(evaluation));
  return { ...life, breaker: { status: 'open', since: input.now, writers } };
}

function onsetOf(input: TrackInput, correlation: AuditCorrelation): Finding['onset'] {
  if (correlation.eventTime !== undefined)
    return { notBefore: correlation.eventTime, notAfter: input.now, estimate: correlation.eventTime, basis: 'AUDIT' };
  return input.lastCleanAt === undefined
    ? { notAfter: input.now, basis: 'UNBOUNDED' }
    : { notBefore: input.lastCleanAt, notAfter: input.now, basis: 'LAST_CLEAN_CHECK' };
}

interface Shown {
  readonly input: TrackInput;
  readonly evaluation: Evaluation;
  readonly life: FindingLife;
  readonly contentMoved: boolean;
}

interface LookRule {
  readonly event: FindingEvent;
  /** States it applies to; absent = every one. */
  readonly from?: readonly FindingState[];
  readonly when: (shown: Shown) => boolean;
}

/** What a look that shows a finding means for its state, one after the other. */
const LOOK_RULES: readonly LookRule[] = [
  { event: 'returned', from: ['RESOLVED'], when: () => true },
  {
    event: 'acceptance-ended',
    from: ['ACCEPTED'],
    when: ({ input, life }) => hasEnded(life.acceptedUntil, input.now),
  },
  {
    event: 'back-off-over',
    from: ['ACTION_FAILED'],
    when: ({ input, life }) => hasEnded(life.retryAt ?? input.now, input.now),
  },
  { event: 'verification-overdue', from: ['VERIFYING'], when: ({ input, life }) => isOverdue(input, life) },
  { event: 'content-moved', from: ['AWAITING_APPROVAL', 'ACCEPTED'], when: ({ contentMoved }) => contentMoved },
  { event: 'shown-again', from: ['SUPPRESSED'], when: ({ evaluation }) => !evaluation.suppressed },
  { event: 'suppressed', when: ({ evaluation }) => evaluation.suppressed },
  {
    event: 'classified',
    from: ['DETECTED'],
    when: ({ input, evaluation, life }) =>
      evaluation.provisional.status === 'final' && life.confirmations >= input.unit.policies.confirmations,
  },
];

/** The state of a finding that a look shows, given where it was. */
function stateAfterLook(shown: Shown, before: FindingState): FindingState {
  return LOOK_RULES.reduce(
    (state, { event, from, when }) => ((from?.includes(state) ?? true) && when(shown) ? move(state, event) : state),
    before,
  );
}

function hasEnded(until: Instant | undefined, now: Instant): boolean {
  return until !== undefined && epochMilliseconds(now) >= epochMilliseconds(until);
}

function isOverdue(input: TrackInput, life: FindingLife): boolean {
  return (
    life.verifyingSince !== undefined &&
    epochMilliseconds(input.now) - epochMilliseconds(life.verifyingSince) > input.verifyWithin
  );
}

function build(
  input: TrackInput,
  evaluation: Evaluation,
  clock: FindingClock,
  state: FindingState,
  life: FindingLife,
): FindingRecord {
  const correlation = input.correlationOf(evaluation);
  return {
    finding: toFinding({
      unit: input.unit,
      block: input.block,
      evaluation,
      correlation,
      clock,
      state,
      seenAt: input.now,
    }),
    life,
  };
}

function open(input: TrackInput, evaluation: Evaluation): TrackedChange {
  const life = { ...withContent(NEW_LIFE, evaluation.content, input.now), confirmations: 1 };
  const state = stateAfterLook({ input, evaluation, life, contentMoved: false }, 'DETECTED');
  const clock: FindingClock = {
    findingId: UNNUMBERED,
    detectedAt: input.now,
    firstSeenAt: input.now,
    occurrences: 1,
    onset: onsetOf(input, input.correlationOf(evaluation)),
    evidenceUri: '',
    links: {},
  };
  return {
    record: build(input, evaluation, clock, state, life),
    isNew: true,
    entry: 'FINDING_OPENED',
    breaker: undefined,
    shown: true,
    contentMoved: false,
  };
}

function entryAfter(before: Finding, after: Finding): TrackedChange['entry'] {
  if (before.state === 'RESOLVED') return 'FINDING_REOPENED';
  if (before.state === 'SUPPRESSED' && after.state !== 'SUPPRESSED') return 'FINDING_REOPENED';
  if (before.state !== 'SUPPRESSED' && after.state === 'SUPPRESSED') return 'FINDING_SUPPRESSED';
  const said = (finding: Finding): string =>
    JSON.stringify([
      finding.content,
      finding.state,
      finding.driftClass,
      finding.risk,
      finding.relation,
      finding.decision,
      finding.auditCorrelation,
      finding.autoHealAllowed,
    ]);
  return said(before) === said(after) ? undefined : 'FINDING_UPDATED';
}

function carryOn(input: TrackInput, evaluation: Evaluation, previous: FindingRecord): TrackedChange {
  const { finding } = previous;
  const contentMoved = finding.content !== evaluation.content;
  const returned = finding.state === 'RESOLVED';
  const seen = {
    ...withContent(previous.life, evaluation.content, input.now),
    confirmations: previous.life.confirmations + (input.scope.kind === 'full' ? 1 : 0),
  };
  const life = returned || contentMoved ? withFight(input, evaluation, seen) : seen;
  const state = stateAfterLook({ input, evaluation, life, contentMoved }, finding.state);
  const clock: FindingClock = {
    findingId: finding.findingId,
    detectedAt: finding.detectedAt,
    firstSeenAt: finding.firstSeenAt,
    occurrences: finding.occurrences + (returned ? 1 : 0),
    onset: finding.onset,
    evidenceUri: finding.evidenceUri,
    links: finding.links,
  };
  const record = build(input, evaluation, clock, state, life);
  const breaker =
    previous.life.breaker.status === 'closed' && life.breaker.status === 'open' ? 'BREAKER_OPENED' : undefined;
  return { record, isNew: false, entry: entryAfter(finding, record.finding), breaker, shown: true, contentMoved };
}

/** Whether this look saw every path of the finding, so that not seeing the difference means it is gone. */
function sawWhole(input: TrackInput, finding: Finding): boolean {
  if (!input.coverage.complete) return false;
  if (input.scope.kind === 'full' && input.comparison.unknowns.length > 0) return false;
  if (input.scope.kind === 'targeted' && !input.scope.resources.includes(finding.resourceRef)) return false;
  const paths = [finding.pathRoot, ...finding.differences.map((each) => each.path)];
  return !input.comparison.unknowns.some(
    (each) =>
      each.resource === finding.resourceRef &&
      (each.path === WHOLE_RESOURCE || paths.some((path) => isWithin(each.path, path) || isWithin(path, each.path))),
  );
}

function wasDeclared(finding: Finding): boolean {
  return finding.differences.some((each) => each.planes?.desired === 'present' || each.planes?.desired === 'absent');
}

function changed(
  previous: FindingRecord,
  state: FindingState,
  entry: TrackedChange['entry'],
  more: Partial<Finding> = {},
): TrackedChange {
  return {
    record: { finding: { ...previous.finding, ...more, state }, life: previous.life },
    isNew: false,
    entry,
    breaker: undefined,
    shown: false,
    contentMoved: false,
  };
}

function suppressByDocument(previous: FindingRecord, by: string): TrackedChange | undefined {
  if (previous.finding.state === 'SUPPRESSED') return undefined;
  const moved = transition(previous.finding.state, 'suppressed');
  if (moved.status === 'refused') return undefined;
  const made = changed(previous, moved.state, 'FINDING_SUPPRESSED');
  return { ...made, record: { ...made.record, life: { ...previous.life, suppressedBy: by } } };
}

/** An open or set-aside finding that the look does not show any more: closed only by a look that saw all of it. */
function notShown(input: TrackInput, previous: FindingRecord): TrackedChange | undefined {
  const { finding } = previous;
  const ignoredBy = input.comparison.ignored.get(finding.resourceRef);
  if (ignoredBy !== undefined) return suppressByDocument(previous, ignoredBy);
  if (input.comparison.skipped.has(finding.resourceRef) || input.pending.has(finding.identity)) return undefined;
  if (!sawWhole(input, finding)) return overdue(input, previous);
  const documentGone = wasDeclared(finding) && !input.declared.has(finding.resourceRef);
  if (documentGone || !input.isJudged(finding))
    return changed(previous, move(finding.state, 'archived'), 'FINDING_ARCHIVED', { resolvedAt: input.now });
  const made = changed(previous, move(finding.state, 'clean-look'), 'FINDING_RESOLVED', {
    resolvedAt: input.now,
    lastSeenAt: finding.lastSeenAt,
  });
  return { ...made, record: { ...made.record, life: { ...previous.life, confirmations: 0 } } };
}

function overdue(input: TrackInput, previous: FindingRecord): TrackedChange | undefined {
  if (previous.finding.state !== 'VERIFYING' || !isOverdue(input, previous.life)) return undefined;
  return changed(previous, move('VERIFYING', 'verification-overdue'), 'FINDING_UPDATED');
}

function canContinue(input: TrackInput, record: FindingRecord): boolean {
  const { state, resolvedAt } = record.finding;
  if (state === 'ARCHIVED') return false;
  if (state !== 'RESOLVED') return true;
  return resolvedAt !== undefined && epochMilliseconds(input.now) - epochMilliseconds(resolvedAt) <= input.flapWindow;
}

/**
 * Carries the findings of a unit through one look. One finding for one identity: it keeps its id and clock whatever its relation
 * or class becomes; it closes only by a look that saw every path of it.
 */
export function track(input: TrackInput): readonly TrackedChange[] {
  const byIdentity = new Map<string, FindingRecord>();
  for (const record of input.previous) {
    const other = byIdentity.get(record.finding.identity);
    const newer =
      other === undefined || isOpenState(record.finding.state) || record.finding.lastSeenAt > other.finding.lastSeenAt;
    if (canContinue(input, record) && newer) byIdentity.set(record.finding.identity, record);
  }
  const changes: TrackedChange[] = [];
  const shown = new Set<string>();
  for (const evaluation of input.evaluations) {
    shown.add(evaluation.identity);
    const previous = byIdentity.get(evaluation.identity);
    changes.push(previous === undefined ? open(input, evaluation) : carryOn(input, evaluation, previous));
  }
  for (const record of byIdentity.values()) {
    if (shown.has(record.finding.identity) || record.finding.state === 'RESOLVED') continue;
    const change = notShown(input, record);
    if (change !== undefined) changes.push(change);
  }
  return changes;
}
