import type { DriftOwnershipRule } from './documents/drift-ownership-rule.ts';

/**
 * Ownership rules that hold without any user document. Those of a watched system come with its adapter's issue of rules;
 * what is true of every system stands here.
 */
export const SHIPPED_OWNERSHIP: readonly DriftOwnershipRule[] = [];
