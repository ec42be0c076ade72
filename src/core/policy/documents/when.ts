import { compileCondition } from '../condition.ts';
import type { DocumentRemark } from './policy-document.ts';

/** Faults of a CEL expression, so that a document with one never loads. */
export function whenRemarks(expression: string | undefined, pointer: string): readonly DocumentRemark[] {
  if (expression === undefined) return [];
  const compiled = compileCondition(expression);
  if (compiled.status === 'compiled') return [];
  return [
    {
      code: 'CONDITION_INVALID',
      level: 'error',
      pointer,
      message: `the condition is refused: ${compiled.because}`,
      next: 'simplify the expression; see the reference of facts',
    },
  ];
}
