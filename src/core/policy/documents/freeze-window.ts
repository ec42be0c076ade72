import { z } from 'zod';
import { TestCases } from './test-case.ts';
import { ACTIONS } from '../../model/vocabulary.ts';
import { Match } from './match.ts';
import type { PolicyDocument, PolicyKind } from './policy-document.ts';
import { TimeWindow, windowRemarks } from './time-window.ts';
import { whenRemarks } from './when.ts';

/** When which actions are forbidden, whoever asks. It never keeps anybody from looking, from evidence, pull requests or incidents. */
export const FreezeWindowSpec = z.strictObject({
  priority: z.int().default(100),
  reason: z.string().min(1),
  match: Match.default({}),
  when: z.string().optional(),
  deny: z
    .array(z.enum([...ACTIONS, '*']))
    .min(1)
    .default(['*']),
  windows: z.array(TimeWindow).min(1),
  overrunPolicy: z.enum(['finish', 'abort']).default('finish'),
  override: z.strictObject({ roles: z.array(z.string()).min(1) }).optional(),
  tests: TestCases,
});
export type FreezeWindowSpec = z.infer<typeof FreezeWindowSpec>;
export type FreezeWindow = PolicyDocument<FreezeWindowSpec>;

/** The kind, for the table of kinds. */
export const FREEZE_WINDOW: PolicyKind<FreezeWindowSpec> = {
  kind: 'FreezeWindow',
  summary: 'When which actions are forbidden, whoever asks.',
  spec: FreezeWindowSpec,
  examine: (spec) => [
    ...spec.windows.flatMap((window, index) => windowRemarks(window, `/spec/windows/${index}`)),
    ...whenRemarks(spec.when, '/spec/when'),
  ],
};
