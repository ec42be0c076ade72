import {
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
  createPublicKey,
  type KeyObject,
} from 'node:crypto';
import { chmod, lstat, mkdir, open, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { OperationError } from '../../core/model/operation-error.ts';

/** The two keys of an installation. Neither ever enters the store, a backup or an output. */
export interface KeyPairFiles {
  /** Ed25519 private key of the evidence log; only the publisher holds it. */
  readonly signingKey: KeyObject;
  /** 32 bytes for value digests. */
  readonly redactionKey: Uint8Array;
}

const SIGNING_FILE = 'signing.pem';
const REDACTION_FILE = 'redaction.key';
const REDACTION_BYTES = 32;

const RESTORE = 'restore the key from your own copy, or see `kedge evidence keys`; Kedge does not start without it';

function refuse(path: string, why: string, cause?: unknown, next: string = RESTORE): OperationError {
  return new OperationError('KEY_UNUSABLE', `cannot use key file ${path}: ${why}`, { retry: 'no', next, cause });
}

/** A failed step on a key file, told apart: what another user's folder keeps from this one is not missing. */
function refuseStep(path: string, why: string, cause: unknown): OperationError {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  if (code !== 'EACCES' && code !== 'EPERM') return refuse(path, code === 'ENOENT' ? why : `${why} (${code})`, cause);
  const next =
    'run it as the user who owns the installation, as with sudo: an approval then bears the name of who used sudo';
  return refuse(path, `${userInfo().username} may not read it`, cause, next);
}

/** Writes a new private file that only its owner can read; an existing one is left alone. */
async function createOnce(path: string, bytes: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw refuseStep(path, 'its folder cannot be made', cause);
  });
  const file = await open(path, 'wx', 0o600).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw refuseStep(path, 'it cannot be created', cause);
  });
  if (file === undefined) return;
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(path, 0o600);
}

async function readPrivate(path: string): Promise<Buffer> {
  const status = await lstat(path).catch((cause: unknown) => {
    throw refuseStep(path, 'it is not there', cause);
  });
  if (!status.isFile()) throw refuse(path, 'it is not a regular file');
  if ((status.mode & 0o077) !== 0) throw refuse(path, 'others can read it (its mode must be 0600)');
  return await readFile(path).catch((cause: unknown) => {
    throw refuseStep(path, 'it cannot be read', cause);
  });
}

async function readSigningKey(path: string): Promise<KeyObject> {
  const text = await readPrivate(path);
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch (cause) {
    throw refuse(path, 'it holds no private key', cause);
  }
  if (key.asymmetricKeyType !== 'ed25519') throw refuse(path, 'it is not an Ed25519 key');
  const probe = Buffer.from('kedge self-test');
  if (!verify(null, probe, createPublicKey(key), sign(null, probe, key))) throw refuse(path, 'its self-test failed');
  return key;
}

async function readRedactionKey(path: string): Promise<Uint8Array> {
  const bytes = Buffer.from((await readPrivate(path)).toString('utf8').trim(), 'base64');
  if (bytes.length !== REDACTION_BYTES) throw refuse(path, `it does not hold ${REDACTION_BYTES} bytes in base64`);
  return new Uint8Array(bytes);
}

/** Reads an installation's keys without making any. */
export async function readKeyFiles(paths: {
  readonly signingKey: string;
  readonly redactionKey: string;
}): Promise<KeyPairFiles> {
  return {
    signingKey: await readSigningKey(paths.signingKey),
    redactionKey: await readRedactionKey(paths.redactionKey),
  };
}

/** Reads the keys of a folder, making them at the first start. */
export async function openKeyFolder(folder: string): Promise<KeyPairFiles> {
  const paths = { signingKey: join(folder, SIGNING_FILE), redactionKey: join(folder, REDACTION_FILE) };
  const { privateKey } = generateKeyPairSync('ed25519');
  await createOnce(paths.signingKey, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await createOnce(paths.redactionKey, `${randomBytes(REDACTION_BYTES).toString('base64')}\n`);
  return await readKeyFiles(paths);
}
