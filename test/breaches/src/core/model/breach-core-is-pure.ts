import type { Store } from '../../ports/store.ts';

export type CoreIsPure = Store;
