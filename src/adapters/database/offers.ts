import type { Offer } from '../../core/model/difference.ts';

/** What the actuator offers for a path: change it in place, make what is missing, or nothing. */
export const ALTER: Offer = { write: 'alter' };
export const CREATE: Offer = { write: 'create' };
export const NONE: Offer = { write: 'none' };
