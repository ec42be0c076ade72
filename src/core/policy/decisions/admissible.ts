import type { Action } from '../../model/vocabulary.ts';
import { hasHint, isMissing, isValueDrift, type DecisionSubject } from './decision-subject.ts';

/** Whether an action would restore the right control relationship, or the sentence that says why not. */
export type Admissibility = { readonly admissible: true } | { readonly admissible: false; readonly because: string };

const YES: Admissibility = { admissible: true };

function no(because: string): Admissibility {
  return { admissible: false, because };
}

function writable(subject: DecisionSubject): Admissibility {
  const refused = subject.visible.find(({ difference }) => difference.offer.write === 'none');
  return refused === undefined ? YES : no(`the adapter offers no write for ${refused.difference.path}`);
}

function revert(subject: DecisionSubject): Admissibility {
  const { relation } = subject.leading.difference;
  if (relation === 'UNMANAGED' || relation === 'FOREIGN')
    return no(`a ${relation.toLowerCase()} resource is never removed`);
  if (subject.leading.difference.pathRoot === '/$identity')
    return no('what was there is gone; only an accepted refresh of the record is true');
  if (relation === 'RECORDED_STALE') return no('the runtime already is as declared; only the record is wrong');
  const stranger = subject.visible.find(
    ({ fieldOwner }) => fieldOwner !== 'git' && fieldOwner !== 'policy' && fieldOwner !== 'ambiguous',
  );
  if (stranger !== undefined) return no(`${stranger.difference.path} is owned by ${stranger.fieldOwner}`);
  if (subject.leading.driftClass === 'EMERGENCY_DRIFT' && subject.fact('context.exception.open') === 'true')
    return no('an emergency is open');
  return writable(subject);
}

function refresh(subject: DecisionSubject): Admissibility {
  const met = subject.visible.every(({ difference }) => difference.relation === 'RECORDED_STALE');
  const unspoken = subject.visible.every(
    ({ difference }) => !difference.declared || difference.pathRoot === '/$identity',
  );
  if (met || unspoken) return YES;
  return no('the runtime is wrong: a refresh would record it as accepted (never refresh to silence)');
}

function ignore(subject: DecisionSubject): Admissibility {
  if (subject.leading.driftClass === 'PROVIDER_READ_NOISE') return YES;
  const owned = subject.visible.some(({ fieldOwner }) => fieldOwner === 'git' || fieldOwner === 'policy');
  return owned ? no('Git or policy owns the path: hiding it would not make it right') : YES;
}

function pullRequest(subject: DecisionSubject): Admissibility {
  const accepts: readonly string[] = [
    'EMERGENCY_DRIFT',
    'STALE_DESIRED_STATE',
    'DEPENDENCY_DRIFT',
    'CONTROLLER_OWNED_DRIFT',
    'POLICY_DRIFT',
  ];
  if (accepts.includes(subject.leading.driftClass) || subject.fact('context.acceptedForGood') === 'true') return YES;
  return no('neither the class nor a person accepts the runtime as right');
}

function destroy(subject: DecisionSubject): Admissibility {
  if (subject.unit.environment === 'prod') return no('in prod only by override');
  return subject.unit.labels['recreatable'] === 'true' ? writable(subject) : no('the unit is not labelled recreatable');
}

function adopt(subject: DecisionSubject): Admissibility {
  const { relation } = subject.leading.difference;
  if (relation === 'UNMANAGED' || hasHint(subject, 'LOST_FROM_STATE', 'IMPORT_MISMATCH')) return YES;
  return no('there is nothing to import');
}

/** The key rule, one row an action: it must restore the control relationship, not merely remove the alert. */
const RULES: Readonly<Record<Action, (subject: DecisionSubject) => Admissibility>> = {
  RUNTIME_REVERT: revert,
  INCIDENT_AND_REVERT: revert,
  OPEN_RECONCILIATION_PR: pullRequest,
  OPEN_MIGRATION_PR: (subject) =>
    subject.leading.driftClass === 'POLICY_DRIFT' ||
    subject.leading.difference.category === 'schema' ||
    subject.leading.difference.category === 'data'
      ? YES
      : pullRequest(subject),
  STATE_REFRESH: refresh,
  IMPORT: adopt,
  STATE_MOVE: (subject) =>
    hasHint(subject, 'RENAMED_WITHOUT_MOVED', 'MOVE_PENDING') ? YES : no('nothing was renamed'),
  IGNORE: ignore,
  INCIDENT: () => YES,
  DESTROY_RECREATE: destroy,
  RESTART_CONSUMERS_AFTER_SECRET_SYNC: (subject) =>
    subject.leading.driftClass === 'SECRET_DELIVERY_DRIFT' ? YES : no('no secret waits for delivery'),
  NONE: () => YES,
};

/** Whether an action is admissible for a finding. */
export function admissible(action: Action, subject: DecisionSubject): Admissibility {
  return RULES[action](subject);
}

/** Whether a revert has a target at all: something to put back, by what the adapter offers. */
export function isRevertible(subject: DecisionSubject): boolean {
  return (
    (isValueDrift(subject) || isMissing(subject) || subject.leading.difference.relation === 'ORPHANED') &&
    revert(subject).admissible
  );
}
