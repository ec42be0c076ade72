import { z } from 'zod';
import { TestCases } from './test-case.ts';
import { epochMilliseconds } from '../../model/instant.ts';
import { EndField, StartField } from './fields.ts';
import { Match } from './match.ts';
import type { DocumentRemark, PolicyDocument, PolicyKind } from './policy-document.ts';
import { whenRemarks } from './when.ts';

const Actor = z.union([z.strictObject({ user: z.string().min(1) }), z.strictObject({ group: z.string().min(1) })]);

/** Who may change what by hand, from when to when, on whose record. Whatever is not listed stays unauthorized. */
export const ExceptionWindowSpec = z.strictObject({
  priority: z.int().default(100),
  kind: z.enum(['emergency', 'maintenance', 'migration', 'upgrade']),
  reason: z.string().optional(),
  incident: z.string().min(1).optional(),
  change: z.string().min(1).optional(),
  match: Match,
  when: z.string().optional(),
  actors: z.array(Actor).min(1),
  startsAt: StartField,
  endsAt: EndField,
  reconcileBy: EndField.optional(),
  approvals: z.array(z.json()).default([]),
  tests: TestCases,
});
export type ExceptionWindowSpec = z.infer<typeof ExceptionWindowSpec>;
export type ExceptionWindow = PolicyDocument<ExceptionWindowSpec>;

function refusal(pointer: string, message: string, next: string): DocumentRemark {
  return { code: 'EXCEPTION_INVALID', level: 'error', pointer, message, next };
}

function timeRemarks({ startsAt, endsAt, reconcileBy }: ExceptionWindowSpec): readonly DocumentRemark[] {
  const remarks: DocumentRemark[] = [];
  if (epochMilliseconds(endsAt) <= epochMilliseconds(startsAt))
    remarks.push(refusal('/spec/endsAt', 'the window ends before it begins', 'put the later time into endsAt'));
  if (reconcileBy !== undefined && epochMilliseconds(reconcileBy) < epochMilliseconds(endsAt))
    remarks.push(
      refusal('/spec/reconcileBy', 'it would be due before the window ends', 'set reconcileBy to endsAt or later'),
    );
  return remarks;
}

function recordRemarks({ kind, incident, change, match }: ExceptionWindowSpec): readonly DocumentRemark[] {
  const remarks: DocumentRemark[] = [];
  if (kind === 'emergency' && incident === undefined && change === undefined)
    remarks.push(
      refusal(
        '/spec',
        'an emergency without a record is an unauthorized change',
        'name the incident or the emergency change',
      ),
    );
  if (match.paths === undefined || match.paths.length === 0)
    remarks.push(refusal('/spec/match', 'the window names no paths', 'list the paths that may be changed by hand'));
  return remarks;
}

/** The kind, for the table of kinds. */
export const EXCEPTION_WINDOW: PolicyKind<ExceptionWindowSpec> = {
  kind: 'ExceptionWindow',
  summary: 'Who may change what by hand, from when to when, on whose record.',
  spec: ExceptionWindowSpec,
  examine: (spec) => [...timeRemarks(spec), ...recordRemarks(spec), ...whenRemarks(spec.when, '/spec/when')],
};
