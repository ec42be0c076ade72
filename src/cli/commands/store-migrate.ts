import { readConfiguration } from '../../app/configuration.ts';
import { migrateStore } from '../../app/migrate-store.ts';
import type { Invocation } from '../invocation.ts';

/** Brings the schema up to this version. */
export async function run(invocation: Invocation): Promise<number> {
  const configuration = await readConfiguration({
    workingDirectory: invocation.workingDirectory,
    environment: invocation.environment,
  });
  if (configuration.storeUrl === undefined) {
    await invocation.open({ keepGoing: true });
    invocation.console.result('the embedded store migrates itself when it is opened: it is up to date');
    return 0;
  }
  await migrateStore(configuration.storeUrl);
  invocation.console.result('the store is up to date');
  return 0;
}
