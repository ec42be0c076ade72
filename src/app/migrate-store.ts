import pg from 'pg';
import { migrate } from '../adapters/store/migrations/migrate.ts';

/** Brings a store's schema up to this program, because somebody asked for it. */
export async function migrateStore(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 15_000 });
  await client.connect();
  try {
    await migrate(client, 'auto');
  } finally {
    await client.end();
  }
}
