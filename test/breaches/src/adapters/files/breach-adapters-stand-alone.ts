import { databaseAdapter } from '../database/adapter.ts';

export const adaptersStandAlone = databaseAdapter;
