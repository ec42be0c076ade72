import { two } from './breach-circle-two.ts';

export const one = (): unknown => two;
