import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { isJsonObject, type JsonValue } from '../../core/model/json.ts';
import { OperationError } from '../../core/model/operation-error.ts';
import type { CredentialSource } from '../../ports/credential-source.ts';
import type { SecretGuard } from '../../ports/secret-guard.ts';

const MAXIMUM_BYTES = 64 * 1024;

/** What a credential source may reach. */
export interface CredentialBounds {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Relative paths in documents start here. */
  readonly baseDirectory: string;
  /** Variables a document may name, never Kedge's own; undefined = any other (the local command line acts with its user's rights). */
  readonly allowedVariables: readonly string[] | undefined;
  readonly guard: SecretGuard;
}

function credentialError(detail: string, message: string, next: string, cause?: unknown): OperationError {
  return new OperationError('CREDENTIALS', `${message} (${detail})`, { retry: 'later', next, cause });
}

function readVariable(name: string, bounds: CredentialBounds): string {
  const allowed =
    !name.startsWith('KEDGE_') && (bounds.allowedVariables === undefined || bounds.allowedVariables.includes(name));
  if (!allowed)
    throw credentialError(
      'BOUND_MISSING',
      `cannot read variable ${name}: no document may name it`,
      'list it under credentials.env',
    );
  const value = bounds.environment[name];
  if (value === undefined)
    throw credentialError(
      'NOT_FOUND',
      `cannot read variable ${name}: it is not set`,
      'set it in the environment of Kedge',
    );
  return value;
}

async function readSecretFile(path: string, bounds: CredentialBounds): Promise<string> {
  const absolute = isAbsolute(path) ? path : resolve(bounds.baseDirectory, path);
  const file = await open(absolute, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
    const missing = isJsonObject(cause) && cause['code'] === 'ENOENT';
    throw credentialError(
      missing ? 'NOT_FOUND' : 'SOURCE_DENIED',
      `cannot read secret file ${path}`,
      'check that the file exists and that Kedge may read it',
      cause,
    );
  });
  try {
    const status = await file.stat();
    if (!status.isFile())
      throw credentialError(
        'NOT_FOUND',
        `cannot read secret file ${path}: it is not a regular file`,
        'name a regular file',
      );
    if (status.size > MAXIMUM_BYTES)
      throw credentialError(
        'TOO_LARGE',
        `cannot read secret file ${path}: over 64 KiB`,
        'name the file that holds the secret alone',
      );
    return (await file.readFile('utf8')).replace(/\r?\n$/, '');
  } finally {
    await file.close();
  }
}

async function resolveField(name: string, value: JsonValue, bounds: CredentialBounds): Promise<string> {
  if (typeof value === 'string') return value;
  if (!isJsonObject(value))
    throw credentialError(
      'NOT_FOUND',
      `cannot resolve credential field ${name}: neither text nor a reference`,
      'write {env: NAME} or {file: PATH}',
    );
  const secret = await readReference(name, value, bounds);
  if (secret === '')
    throw credentialError('EMPTY', `credential field ${name} is empty`, 'an empty secret is never used as a password');
  bounds.guard.register(secret);
  return secret;
}

async function readReference(
  name: string,
  reference: Readonly<Record<string, JsonValue>>,
  bounds: CredentialBounds,
): Promise<string> {
  const { env, file } = reference;
  if (typeof env === 'string') return readVariable(env, bounds);
  if (typeof file === 'string') return await readSecretFile(file, bounds);
  throw credentialError(
    'SOURCE_UNREACHABLE',
    `cannot resolve credential field ${name}: source ${Object.keys(reference).join(', ')} is not one of env, file`,
    'write {env: NAME} or {file: PATH}',
  );
}

/** Credentials from the environment and from files, read anew at each step and kept by nobody. */
export function createCredentialSource(bounds: CredentialBounds): CredentialSource {
  return {
    async resolve(reference) {
      const fields = await Promise.all(
        Object.entries(reference).map(
          async ([name, value]) => [name, await resolveField(name, value, bounds)] as const,
        ),
      );
      return Object.fromEntries(fields);
    },
  };
}
