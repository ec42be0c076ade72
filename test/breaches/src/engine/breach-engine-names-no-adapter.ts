import { databaseAdapter } from '../adapters/database/adapter.ts';

export const engineNamesNoAdapter = databaseAdapter;
