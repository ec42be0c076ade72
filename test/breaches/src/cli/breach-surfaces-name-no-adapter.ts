import { databaseAdapter } from '../adapters/database/adapter.ts';

export const surfacesNameNoAdapter = databaseAdapter;
