import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { verifyLog } from '../../core/evidence/verify/verify-log.ts';
import { VERDICT_CODES } from '../../core/evidence/verify/verdict.ts';
import { flagOption, textOption, type Invocation } from '../invocation.ts';
import { readGiven, readTrust } from '../read-trust.ts';
import { printStructured } from '../structured.ts';
import { faultLine } from './evidence-verify.ts';

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}

async function readOptional(invocation: Invocation, name: string): Promise<string | undefined> {
  const file = textOption(invocation, name);
  return file === undefined ? undefined : (await readGiven(invocation, file)).toString('utf8');
}

/** Verifies a copy of a log's folder. */
export async function run(invocation: Invocation): Promise<number> {
  const folder = resolve(invocation.workingDirectory, invocation.arguments[0] ?? '');
  const copy = async (path: string): Promise<Uint8Array | undefined> => {
    try {
      return await readFile(join(folder, path));
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw cause;
    }
  };
  const { verdict, faults, size } = await verifyLog(copy, {
    keys: await readTrust(invocation),
    from: await readOptional(invocation, 'from'),
    to: await readOptional(invocation, 'to'),
    full: flagOption(invocation, 'full'),
  });
  if (!printStructured(invocation, { verdict, size, faults }))
    invocation.console.result(
      [`${verdict}  a log of ${size ?? 0} leaves`, ...faults.map((each) => `  ${faultLine(each)}`)].join('\n'),
    );
  return VERDICT_CODES[verdict];
}
