import type { Difference } from './difference.ts';
import type { Digest } from './digest.ts';
import type { GateResult } from './gate.ts';
import type { Instant } from './instant.ts';
import type { JsonObject } from './json.ts';
import type {
  Action,
  Approval,
  Category,
  Cause,
  Confidence,
  DriftClass,
  FieldOwner,
  Relation,
  Risk,
  Taxonomy,
} from './vocabulary.ts';

/** One line of the decision trace: what a step looked at and what it concluded. */
export interface TraceEntry {
  readonly step:
    | 'hold'
    | 'ownership'
    | 'ignore'
    | 'exception'
    | 'classify'
    | 'risk'
    | 'decide'
    | 'freeze'
    | 'budget'
    | 'auto-heal'
    | 'approval'
    | 'route';
  /** The rule or document that won, or undefined when none did. */
  readonly rule?: string;
  readonly outcome: string;
  /** The nearest rule that did not match and the sub-condition that failed. */
  readonly nearest?: { readonly rule: string; readonly failed: string };
  readonly facts?: readonly {
    readonly name: string;
    readonly value: string;
    readonly source?: string;
    readonly at?: Instant;
  }[];
}

/** A difference as policy sees it. */
export interface JudgedDifference {
  readonly difference: Difference;
  readonly fieldOwner: FieldOwner;
  readonly hiddenBy?: { readonly kind: string; readonly name: string };
  readonly driftClass: DriftClass;
  readonly cause: Cause;
  readonly causeInferred: boolean;
  readonly taxonomy: Taxonomy;
  readonly risk: Risk;
  /** The highest floor that holds, whatever the computed risk. */
  readonly floor?: Risk;
  readonly classRule: string;
}

/** What to do, whose consent it needs, and the row that says so. */
export interface Decision {
  readonly action: Action;
  readonly approval: Approval;
  readonly rule: string;
  readonly incident: boolean;
  /** Failed gates of the heal, the leading one first. */
  readonly reasons: readonly GateResult[];
}

/** Who must consent before the decision, or another requested action, runs. */
export interface ApprovalNeed {
  readonly approval: Approval;
  readonly approvers: number;
  /** Policies that joined, by name. */
  readonly policies: readonly string[];
  /** Groups or owners of whom approvers must come, each with its minimum; empty: anyone with the role. */
  readonly from: readonly { readonly from: readonly string[]; readonly min: number }[];
  readonly expiresAfter: number;
  readonly cooldown: number;
}

/** Whom to tell. */
export interface RouteVerdict {
  readonly rule: string;
  readonly notify: readonly string[];
  readonly createIncident: boolean;
  readonly createIssue: boolean;
}

/** What policy says of the differences that make one finding. A value without side effects. */
export interface Evaluation {
  readonly identity: Digest;
  readonly content: Digest;
  readonly resource: string;
  readonly resourceType: string;
  readonly category: Category;
  readonly pathRoot: string;
  readonly domain: string;
  readonly judged: readonly JudgedDifference[];
  readonly relation: Relation;
  readonly taxonomy: Taxonomy;
  readonly driftClass: DriftClass;
  readonly cause: Cause;
  readonly risk: Risk;
  readonly confidence: Confidence;
  /** All differences are hidden: the finding is SUPPRESSED. */
  readonly suppressed: boolean;
  /** A naming condition above the winner is unknown: nothing runs until it is known or `finalAt` has passed. */
  readonly provisional:
    | { readonly status: 'final' }
    | { readonly status: 'provisional'; readonly missing: readonly string[]; readonly finalAt?: Instant };
  readonly classification: {
    readonly rule: string;
    readonly trace: readonly TraceEntry[];
    readonly shadow?: JsonObject;
  };
  readonly decision: Decision;
  /** The conjunction of every gate; recomputed right before the first write. */
  readonly autoHealAllowed: boolean;
  /** Every gate, in registry order. */
  readonly gates: readonly GateResult[];
  /** The heal policy or switch that would act, if any. */
  readonly healedBy?: string;
  /** Whether a message must go out before the heal. */
  readonly alertFirst: boolean;
  readonly need: ApprovalNeed;
  readonly route: RouteVerdict;
  readonly policyDigest: Digest;
  readonly decisionDigest: Digest;
}
