import type { ActionRecord } from '../core/model/action-record.ts';
import { digestJson } from '../core/model/digest.ts';
import type { FindingRecord } from '../core/model/finding-record.ts';
import { epochMilliseconds, toInstant } from '../core/model/instant.ts';
import type { JsonValue } from '../core/model/json.ts';
import type { Unit } from '../core/model/unit.ts';
import type { Verification } from '../core/model/verification.ts';
import type { EntryDraft } from '../ports/entry-draft.ts';
import type { StoreTransaction } from '../ports/store.ts';
import { attemptEnded, BACK_OFF } from './action/attempt.ts';
import type { EngineContext } from './context.ts';
import { makeEntry } from './entry.ts';
import { moveFinding } from './move-finding.ts';
import type { LookVerifier, SeenAgain } from './record/record-request.ts';

/** An action that was written and still has to be proved, with its finding as it stood before this look. */
export interface Unproved {
  readonly action: ActionRecord;
  readonly finding: FindingRecord | undefined;
}

/**
 * What a look says of an action: it worked only if the look closed its finding, it did not if the look still shows the difference.
 * A look that could not see the finding whole says neither.
 */
function verdictOf(context: EngineContext, seen: SeenAgain, before: FindingRecord | undefined): Verification {
  const at = context.clock.now();
  const { checkId, coverage, changes } = seen;
  const findingId = before?.finding.findingId ?? '';
  const change = changes.find((each) => each.record.finding.findingId === findingId);
  const state = change?.record.finding.state ?? before?.finding.state;
  if (state === 'RESOLVED') return { verdict: 'converged', checkId, at };
  if (change?.shown === true || state === 'ARCHIVED')
    return {
      verdict: 'not-converged',
      checkId,
      at,
      remaining: (change?.record ?? before)?.finding.differences.map((each) => each.path) ?? [],
    };
  const silent = { what: findingId, reason: 'PARTIAL', detail: 'this look said nothing of the finding' } as const;
  return { verdict: 'unknown', checkId, at, reasons: coverage.complete ? [silent] : coverage.unchecked };
}

function toEntry(
  context: EngineContext,
  action: ActionRecord,
  seen: SeenAgain,
  verification: Verification,
): EntryDraft {
  const planes = seen.resources
    .filter((each) => action.plan?.blastRadius.resources.includes(each.resource) === true)
    .map((each) => ({
      resource: each.resource,
      planes: digestJson(JSON.parse(JSON.stringify(each.planes)) as JsonValue),
    }));
  const { verdict, checkId, at: _, ...more } = verification;
  const shown = { verification, coverage: seen.coverage, planes };
  return makeEntry(context, {
    type: 'VERIFICATION_FINISHED',
    unit: action.unit,
    about: { kind: 'FINDING', id: action.findingId },
    body: { actionId: action.actionId, verdict, checkId, planes, ...more },
    artifacts: [
      { role: 'VERIFICATION', name: 'verification.json', value: JSON.parse(JSON.stringify(shown)) as JsonValue },
    ],
  });
}

const AFTER_VERIFICATION: Readonly<Record<Verification['verdict'], ActionRecord['status']>> = {
  converged: 'CONVERGED',
  'not-converged': 'NOT_CONVERGED',
  unknown: 'VERIFYING',
};

async function saveVerified(
  context: EngineContext,
  unit: Unit,
  transaction: StoreTransaction,
  verified: ActionRecord & { readonly verification: Verification },
): Promise<void> {
  const { verdict } = verified.verification;
  await transaction.saveAction(verified);
  const labels = { action: verified.action, result: verdict };
  await transaction.increment({ metric: 'kedge_verifications_total', labels, by: 1 });
  if (verdict === 'unknown') return;
  await attemptEnded({ context, unit }, transaction, verified, verdict);
  if (verdict !== 'not-converged') return;
  const retryAt = toInstant(epochMilliseconds(context.clock.now()) + BACK_OFF);
  await moveFinding(context, transaction, verified.findingId, 'not-converged', (record) => ({
    ...record,
    life: { ...record.life, retryAt },
  }));
}

/** A verifier, and what it said of each action once the look was recorded. */
export interface ActionVerifier extends LookVerifier {
  readonly verified: readonly ActionRecord[];
}

/**
 * Proves actions by a look. `mustAnswer`: every action gets its verdict; otherwise only what this look shows to be gone is
 * said to have converged, and the rest waits for the look that is made for it.
 */
export function verifyActions(
  parts: { readonly context: EngineContext; readonly unit: Unit },
  unproved: readonly Unproved[],
  mode: 'every-action' | 'closed-ones',
): ActionVerifier {
  const { context, unit } = parts;
  const verified: (ActionRecord & { readonly verification: Verification })[] = [];
  return {
    verified,
    before: async (transaction, seen) => {
      for (const { action, finding } of unproved) {
        const verification = verdictOf(context, seen, finding);
        if (mode === 'closed-ones' && verification.verdict !== 'converged') continue;
        await transaction.appendEntry(toEntry(context, action, seen, verification));
        verified.push({
          ...action,
          status: AFTER_VERIFICATION[verification.verdict],
          verification,
          outcome: verification.verdict,
          finishedAt: verification.verdict === 'unknown' ? undefined : context.clock.now(),
        });
      }
    },
    after: async (transaction) => {
      for (const each of verified) await saveVerified(context, unit, transaction, each);
    },
  };
}
