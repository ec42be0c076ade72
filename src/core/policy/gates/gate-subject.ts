import type { JudgedDifference } from '../../model/evaluation.ts';
import type { Action } from '../../model/vocabulary.ts';
import type { ExceptionWindow } from '../documents/exception-window.ts';
import type { FreezeOutcome } from '../steps/freeze.ts';
import type { Decided } from '../decisions/decide.ts';
import type { DecisionSubject } from '../decisions/decision-subject.ts';
import type { GroupContext } from '../group-context.ts';
import type { HealAuthority } from './heal-authority.ts';

/** How many resources of the unit drift, and whether the ceilings allow any heal. */
export interface Radius {
  readonly driftedResources: number;
  readonly ceiling: number;
  readonly mass: string | undefined;
}

/** Everything the gates of one finding look at. */
export interface GateSubject {
  readonly context: GroupContext;
  readonly decision: DecisionSubject;
  readonly decided: Decided;
  readonly visible: readonly JudgedDifference[];
  readonly authority: HealAuthority;
  readonly provisional: boolean;
  readonly notConverged: number;
  readonly radius: Radius;
  /** What would run: the heal, or what a person asks for. */
  readonly action: Action;
  readonly freeze: FreezeOutcome;
  /** Windows that excuse what is visible. */
  readonly exceptions: readonly ExceptionWindow[];
}

/** The settings of the policy that heals, or those that hold without one. */
export interface HealBounds {
  readonly minAge: number;
  readonly allowCreate: boolean;
  readonly allowRestart: boolean;
  readonly requireHealthy: boolean;
  readonly notifyBefore: boolean;
  /** Undefined under a switch: it has no limit of its own. */
  readonly maxHealsPerHour: number | undefined;
}

/** The bounds under which a finding would heal. */
export function healBounds(authority: HealAuthority): HealBounds {
  if (authority.kind === 'policy') {
    const { spec } = authority.policy;
    return {
      minAge: spec.minAge,
      allowCreate: spec.allowCreate,
      allowRestart: spec.allowRestart,
      requireHealthy: spec.requireHealthyBeforeHeal,
      notifyBefore: spec.notifyBeforeHeal,
      maxHealsPerHour: spec.maxHealsPerHour,
    };
  }
  const minAge = authority.kind === 'switch' ? authority.operatorSwitch.minimumAge : 0;
  return {
    minAge,
    allowCreate: false,
    allowRestart: false,
    requireHealthy: true,
    notifyBefore: false,
    maxHealsPerHour: undefined,
  };
}
