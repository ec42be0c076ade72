/** What a verification says of a bundle, closed. */
export const VERDICTS = ['VERIFIED', 'TAMPERED', 'UNTRUSTED', 'INCOMPLETE', 'RULE_BROKEN', 'ERROR'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** The exit code of each verdict. */
export const VERDICT_CODES: Readonly<Record<Verdict, number>> = {
  VERIFIED: 0,
  ERROR: 1,
  TAMPERED: 2,
  INCOMPLETE: 3,
  UNTRUSTED: 4,
  RULE_BROKEN: 5,
};

/** One thing that is wrong: which step found it, what it makes of the bundle, where, and why. */
export interface Fault {
  readonly step: 'archive' | 'files' | 'signatures' | 'log' | 'consistency' | 'chain' | 'rules';
  readonly verdict: Exclude<Verdict, 'VERIFIED'>;
  /** Literal word of this fault. */
  readonly code: string;
  readonly file?: string;
  readonly entry?: string;
  readonly message: string;
}

/** A remark that changes the verdict only under `--strict`. */
export interface VerificationWarning {
  readonly code: 'TAIL_UNPROVEN' | 'NO_CHECKPOINT';
  readonly message: string;
}

const PRECEDENCE = ['ERROR', 'TAMPERED', 'UNTRUSTED', 'INCOMPLETE', 'RULE_BROKEN'] as const;

/** The verdict of several faults: the gravest of them. */
export function verdictOf(faults: readonly Fault[]): Verdict {
  return PRECEDENCE.find((verdict) => faults.some((fault) => fault.verdict === verdict)) ?? 'VERIFIED';
}
