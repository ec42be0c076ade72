import type { Cause, DriftClass, Risk } from '../model/vocabulary.ts';
import { CLASS_PACK, type ClassRule } from './class-pack.ts';

/** What a team's own document says of the class rules: one more rule, or a word on a shipped one. */
export type ClassRuleChange =
  | {
      readonly status: 'added';
      readonly name: string;
      readonly priority: number;
      readonly when: ClassRule['when'];
      readonly driftClass?: DriftClass | undefined;
      readonly cause?: Cause | undefined;
      readonly atLeast?: Risk | undefined;
      readonly atMost?: Risk | undefined;
    }
  | { readonly status: 'moved'; readonly name: string; readonly priority: number }
  | { readonly status: 'disabled'; readonly name: string };

function byAuthority(left: ClassRule, right: ClassRule): number {
  if (left.priority !== right.priority) return right.priority - left.priority;
  if (left.name === right.name) return 0;
  return left.name < right.name ? -1 : 1;
}

/** The shipped pack with a team's changes, in the order of authority: priority first, then name in code point order. */
export function orderRules(changes: readonly ClassRuleChange[] = []): readonly ClassRule[] {
  const disabled = new Set(changes.filter((each) => each.status === 'disabled').map((each) => each.name));
  const moved = new Map(changes.flatMap((each) => (each.status === 'moved' ? [[each.name, each.priority]] : [])));
  const shipped = CLASS_PACK.filter((rule) => !disabled.has(rule.name)).map((rule) => ({
    ...rule,
    priority: moved.get(rule.name) ?? rule.priority,
  }));
  const added = changes.flatMap((each): ClassRule[] => {
    if (each.status !== 'added') return [];
    const { status: _, ...rule } = each;
    return [rule];
  });
  return [...shipped, ...added].sort(byAuthority);
}
