import type { Kedge } from '../../src/app/kedge.ts';
import {
  check,
  installation,
  KEDGE_ROLES,
  writeDatabaseUnit,
  type DatabaseDocuments,
  type Installation,
} from './installation.ts';
import type { TestServer } from './postgres.ts';

/** One unit on one real server, with its product opened and its first check done. */
export interface Scene {
  readonly place: Installation;
  readonly kedge: Kedge;
  /** Every log line of the product so far. */
  readonly log: readonly string[];
  /** Writes other documents and reads them again. */
  readonly declare: (documents: Partial<DatabaseDocuments>) => Promise<void>;
}

/** Makes the roles Kedge signs in with, once for a server. */
export async function prepareServer(server: TestServer): Promise<void> {
  await server.sql(KEDGE_ROLES);
}

/** Writes the documents, opens the product and, unless told otherwise, takes the baseline. */
export async function scene(
  documents: DatabaseDocuments,
  options: { readonly baseline?: boolean; readonly environment?: Readonly<Record<string, string>> } = {},
): Promise<Scene> {
  const place = await installation();
  await writeDatabaseUnit(place, documents);
  const log: string[] = [];
  const kedge = await place.open({
    log: (line) => {
      log.push(line);
    },
    ...(options.environment === undefined ? {} : { environment: options.environment }),
  });
  if (options.baseline !== false) await check(kedge);
  return {
    place,
    kedge,
    log,
    declare: async (more) => {
      await writeDatabaseUnit(place, { ...documents, ...more });
      await kedge.reload(new AbortController().signal);
    },
  };
}
