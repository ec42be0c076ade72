import { digestJson, type Digest } from '../../model/digest.ts';
import type { ApprovalRecord } from '../../model/approval-record.ts';
import { epochMilliseconds, type Instant } from '../../model/instant.ts';

/** Everything an approval is bound to. When any part moves, the consent is for something else. */
export interface BoundParts {
  readonly identity: Digest;
  readonly content: Digest;
  readonly action: string;
  readonly plan: Digest;
  readonly desiredRevision: string;
  readonly policyDigest: Digest;
  readonly risk: string;
  readonly budget: string;
}

/** The digest that approvers sign off, and each part by name. */
export function bindApproval(parts: BoundParts): {
  readonly digest: Digest;
  readonly bound: Readonly<Record<string, string>>;
} {
  return { digest: digestJson({ ...parts }), bound: { ...parts } };
}

/** Which bound part moved, or undefined when all stand. */
export function movedPart(record: ApprovalRecord, parts: BoundParts): string | undefined {
  const now: Readonly<Record<string, string>> = { ...parts };
  return Object.keys(record.bound)
    .sort()
    .find((name) => record.bound[name] !== now[name]);
}

/** Whether the time of an approval is over; the end itself is outside. */
export function hasExpired(record: ApprovalRecord, now: Instant): boolean {
  return epochMilliseconds(now) >= epochMilliseconds(record.expiresAt);
}
