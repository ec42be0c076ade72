import { open, readFile, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { exportFinding } from '../../app/evidence.ts';
import { listOption, textOption, type Invocation } from '../invocation.ts';
import { UsageError } from '../usage-error.ts';

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const beside = `${path}.${process.pid}.part`;
  const handle = await open(beside, 'w', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
    await handle.close();
    await rename(beside, path);
  } catch (cause) {
    await handle.close().catch(() => undefined);
    await rm(beside, { force: true });
    throw cause;
  }
}

/** Publishes what is recorded, then writes the archive. */
export async function run(invocation: Invocation): Promise<number> {
  const [findingId = ''] = invocation.arguments;
  const output = textOption(invocation, 'output');
  if (output === undefined || output === 'table')
    throw new UsageError('USAGE', 'cannot export without a file', 'write -o FILE, for example -o evidence.tar');
  const since = await Promise.all(
    listOption(invocation, 'since').map((file) => readFile(resolve(invocation.workingDirectory, file), 'utf8')),
  );
  const kedge = await invocation.open({ keepGoing: true });
  await kedge.context.publisher.publish(AbortSignal.any([invocation.signal, AbortSignal.timeout(60_000)]));
  const bytes = await exportFinding(kedge, findingId, since);
  await writeWhole(resolve(invocation.workingDirectory, output), bytes);
  invocation.console.say(`${output}: ${bytes.length} bytes; pin the key with \`kedge evidence keys\``);
  return 0;
}
