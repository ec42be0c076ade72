import { one } from './breach-circle-one.ts';

export const two = (): unknown => one;
