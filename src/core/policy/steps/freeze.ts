import type { JudgedDifference } from '../../model/evaluation.ts';
import type { Action } from '../../model/vocabulary.ts';
import type { FreezeWindow } from '../documents/freeze-window.ts';
import { windowState } from '../documents/time-window.ts';
import type { GroupContext } from '../group-context.ts';
import { concerns } from './concerns.ts';

/** A freeze that holds for a finding at this moment. */
export interface ActiveFreeze {
  readonly name: string;
  readonly reason: string;
  readonly deny: FreezeWindow['spec']['deny'];
  /** When it ends; undefined when nobody can tell. */
  readonly until: string | undefined;
}

/** What step 8 found: the freezes that hold, and the nearest one that does not. */
export interface FreezeOutcome {
  readonly active: readonly ActiveFreeze[];
  readonly nearest: { readonly rule: string; readonly failed: string } | undefined;
}

/** Actions that no freeze forbids. */
const NEVER_FROZEN: ReadonlySet<Action> = new Set([
  'NONE',
  'INCIDENT',
  'OPEN_RECONCILIATION_PR',
  'OPEN_MIGRATION_PR',
  'IGNORE',
]);

function holds(freeze: FreezeWindow, now: string): ActiveFreeze | undefined {
  const { reason, deny, windows } = freeze.spec;
  const open = windows.map((window) => windowState(window, now)).filter((state) => state.status !== 'closed');
  if (open.length === 0) return undefined;
  const ends = open.map((state) => (state.status === 'open' ? state.until : undefined));
  const until = ends.includes(undefined) ? undefined : [...ends].sort().at(-1);
  return { name: freeze.name, reason, deny, until };
}

/** Step 8. Restrictive: a freeze whose match, condition or time nobody can work out holds. */
export function freezesOf(context: GroupContext, visible: readonly JudgedDifference[]): FreezeOutcome {
  const active: ActiveFreeze[] = [];
  let nearest: FreezeOutcome['nearest'];
  for (const freeze of context.input.policy.freezeWindows) {
    const { answer, failed } = concerns(freeze.spec, context, visible, 'restrictive');
    const held = answer === 'false' ? undefined : holds(freeze, context.input.now);
    if (held !== undefined) active.push(held);
    else nearest ??= { rule: freeze.name, failed: answer === 'false' ? failed : 'no window is open' };
  }
  return { active, nearest };
}

/** Why an action is frozen; undefined when it is not. */
export function frozen({ active }: FreezeOutcome, action: Action): string | undefined {
  if (NEVER_FROZEN.has(action)) return undefined;
  const freeze = active.find(({ deny }) => deny.includes('*') || deny.includes(action));
  if (freeze === undefined) return undefined;
  return `${freeze.name} forbids ${action} ${freeze.until === undefined ? 'until somebody mends its times' : `until ${freeze.until}`}: ${freeze.reason}`;
}
