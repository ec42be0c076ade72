import { healUnit } from './heal.ts';

export const checkBuildsNoWriter = healUnit;
