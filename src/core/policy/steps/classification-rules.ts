import type { ClassRule } from '../../classify/class-pack.ts';
import { orderRules, type ClassRuleChange } from '../../classify/class-rules.ts';
import { document } from '../../classify/class-subject.ts';
import type { ClassificationRule } from '../documents/classification-rule.ts';

const ordered = new WeakMap<readonly ClassificationRule[], readonly ClassRule[]>();

/** The shipped class rules with what a team's documents change, made once for a policy set. */
export function rulesOf(documents: readonly ClassificationRule[]): readonly ClassRule[] {
  const known = ordered.get(documents);
  if (known !== undefined) return known;
  const made = orderRules(documents.map(toChange));
  ordered.set(documents, made);
  return made;
}

function toChange({ name, spec }: ClassificationRule): ClassRuleChange {
  const { shipped, disabled, priority, set } = spec;
  if (shipped !== undefined)
    return disabled ? { status: 'disabled', name: shipped } : { status: 'moved', name: shipped, priority };
  return {
    status: 'added',
    name,
    priority,
    when: document(name),
    driftClass: set?.driftClass,
    cause: set?.cause,
    atLeast: set?.riskAtLeast,
    atMost: set?.riskAtMost,
  };
}
