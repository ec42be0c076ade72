import { createPublicKey, sign } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { createSystemClock } from '../adapters/clock/system-clock.ts';
import { startEmbeddedPostgres, type EmbeddedServer } from '../adapters/embedded-postgres/embedded-server.ts';
import { holderName, probeHolder } from '../adapters/store/holder.ts';
import { createEvidenceDirectory } from '../adapters/evidence-directory/evidence-directory.ts';
import { openJobQueue } from '../adapters/jobs/job-queue.ts';
import { createLogNotifier } from '../adapters/notify/log-notifier.ts';
import { createCredentialSource } from '../adapters/secrets/credential-source.ts';
import { openKeyFolder, readKeyFiles, type KeyPairFiles } from '../adapters/secrets/key-files.ts';
import { createSecretGuard } from '../adapters/secrets/secret-guard.ts';
import { createSystemRandom } from '../adapters/secrets/system-random.ts';
import type { StoreConnection } from '../adapters/store/pool.ts';
import { openStore } from '../adapters/store/store.ts';
import { parseVkey, toVkey } from '../core/evidence/signed-note.ts';
import { digestValue } from '../core/evidence/value-digest.ts';
import type { Principal } from '../core/model/approval-record.ts';
import { isJsonObject } from '../core/model/json.ts';
import { OperationError } from '../core/model/operation-error.ts';
import type { EngineContext, WorkingSet } from '../engine/context.ts';
import { createPublisher } from '../engine/publish/publisher.ts';
import type { EvidenceStore } from '../ports/evidence-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { Logger } from '../ports/logger.ts';
import type { SecretGuard } from '../ports/secret-guard.ts';
import type { Signer } from '../ports/signer.ts';
import type { Store } from '../ports/store.ts';
import { adapterOf } from './adapters.ts';
import { readConfiguration, type Configuration, type ConfigurationInput } from './configuration.ts';
import { lastGood, loadDocuments, type LoadedDocuments } from './documents.ts';
import { createLogger } from './logger.ts';
import { VERSION } from './version.ts';

/** An installation, opened: everything a command or a server works with. */
export interface Kedge {
  readonly configuration: Configuration;
  readonly context: EngineContext;
  readonly store: Store;
  readonly evidence: EvidenceStore;
  readonly guard: SecretGuard;
  readonly logger: Logger;
  /** Opens the queue of due units, for a process that serves. */
  openJobs(): Promise<JobQueue>;
  /** The key to pin for verification. */
  readonly vkey: string;
  documents(): LoadedDocuments;
  /** Reads the documents again; a set with errors leaves the last good one in force. */
  reload(signal: AbortSignal): Promise<LoadedDocuments>;
  close(): Promise<void>;
}

/** How an installation is opened. */
export interface OpenOptions extends ConfigurationInput {
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error';
  readonly logFormat?: 'json' | 'text';
  /** Where log lines go. */
  readonly log: (line: string) => void;
  /** A store and evidence that end with the command. */
  readonly ephemeralFolder?: string;
  readonly evidenceDirectory?: string;
  /** Units with a fault are left out instead of ending the command. */
  readonly keepGoing?: boolean;
  /** False for a server: a document may name only the variables of `credentials.env`, none when there is no list. */
  readonly anyVariable?: boolean;
  readonly signal: AbortSignal;
}

/** The person at the keyboard: a claim of the operating system, not a sign-in. */
export function localPrincipal(environment: Readonly<Record<string, string | undefined>>): Principal {
  const { username } = userInfo();
  const name = process.getuid?.() === 0 ? (environment['SUDO_USER'] ?? username) : username;
  return { kind: 'LOCAL', id: `local:${name}@${hostname()}`, name };
}

/** A password of the store's URL as it is written and as it is meant. */
function registerStoreSecrets(guard: SecretGuard, url: string): void {
  const parsed = URL.parse(url);
  if (parsed === null)
    throw new OperationError('CONFIG_INVALID', 'cannot use the store: its URL is none', {
      retry: 'no',
      next: 'write postgresql://user:password@host:port/database in DATABASE_URL or store.url',
    });
  const { password, searchParams } = parsed;
  for (const secret of [password, decodeURIComponent(password), searchParams.get('password') ?? ''])
    if (secret !== '') guard.register(secret);
}

function toSigner(keys: KeyPairFiles, origin: string): Signer {
  const raw = createPublicKey(keys.signingKey).export({ type: 'spki', format: 'der' }).subarray(-32);
  const vkey = toVkey(origin, raw);
  return {
    vkey,
    keyId: parseVkey(vkey)?.keyId ?? '',
    sign: (bytes) => new Uint8Array(sign(null, bytes, keys.signingKey)),
  };
}

function secretPath(reference: unknown, root: string): string | undefined {
  const file = isJsonObject(reference) ? reference['file'] : undefined;
  return typeof file === 'string' ? join(root, file) : undefined;
}

async function openKeys(configuration: Configuration, folder: string): Promise<KeyPairFiles> {
  const { signingKey, redactionKey } = configuration.spec.evidence;
  const paths = {
    signingKey: secretPath(signingKey, configuration.root),
    redactionKey: secretPath(redactionKey, configuration.root),
  };
  if (paths.signingKey !== undefined && paths.redactionKey !== undefined)
    return await readKeyFiles({ signingKey: paths.signingKey, redactionKey: paths.redactionKey });
  if (configuration.storeUrl !== undefined && (signingKey !== undefined || redactionKey !== undefined)) {
    throw new OperationError(
      'KEY_UNUSABLE',
      'cannot start: evidence.signingKey and evidence.redactionKey must both be files',
      { retry: 'no', next: 'set both to {file: PATH}' },
    );
  }
  return await openKeyFolder(join(folder, 'keys'));
}

/** Faults that stop a command before anything is looked at. */
export class DocumentFaults extends Error {
  override readonly name = 'DocumentFaults';
  readonly loaded: LoadedDocuments['diagnostics'];

  constructor(diagnostics: LoadedDocuments['diagnostics']) {
    const errors = diagnostics.filter((each) => each.level === 'error');
    super(`${errors.length} errors in the documents, the first: ${errors[0]?.message ?? ''}`);
    this.loaded = diagnostics;
  }
}

function requireGood(loaded: LoadedDocuments, configuration: Configuration, keepGoing: boolean): void {
  const all = [...configuration.diagnostics, ...loaded.diagnostics];
  const fatal =
    configuration.diagnostics.some((each) => each.level === 'error') ||
    (!keepGoing && loaded.diagnostics.some((each) => each.level === 'error' && each.code !== 'CONFIG_INVALID'));
  if (fatal) throw new DocumentFaults(all);
}

/** A command in the wrong folder says so: it does not begin a store there. */
async function requireInstallation(
  configuration: Configuration,
  loaded: LoadedDocuments,
  folder: string,
): Promise<void> {
  const isOne = configuration.file !== undefined || configuration.storeUrl !== undefined || loaded.documents.length > 0;
  const before = isOne || (await stat(folder).catch(() => undefined)) !== undefined;
  if (before) return;
  throw new OperationError(
    'NO_INSTALLATION',
    `cannot start in ${configuration.root}: neither kedge.yaml nor a document nor .kedge/ stands here or above`,
    { retry: 'no', next: 'go to the folder of kedge.yaml or name it by --config; docs/quickstart.md begins a new one' },
  );
}

interface OpenedStore {
  readonly store: Store;
  readonly connection: StoreConnection;
  /** The server of Kedge's own, when the configuration names none. */
  readonly embedded: EmbeddedServer | undefined;
}

async function openStoreOf({ spec, storeUrl }: Configuration, folder: string): Promise<OpenedStore> {
  const embedded = storeUrl === undefined ? await startEmbeddedPostgres(folder) : undefined;
  const connection = embedded?.connection ?? { url: storeUrl ?? '' };
  const migrate = spec.store.migrate ?? (embedded === undefined ? 'manual' : 'auto');
  try {
    const store = await openStore({ connection, poolSize: spec.store.poolSize, migrate, probe: probeHolder });
    return { store, connection, embedded };
  } catch (cause) {
    await embedded?.close();
    throw cause;
  }
}

/** The variables that documents may name: a server hands out the listed ones alone. */
function allowedVariables(options: OpenOptions, { spec }: Configuration): readonly string[] | undefined {
  const { env } = spec.credentials;
  return options.anyVariable === false || env.length > 0 ? env : undefined;
}

/** Opens configuration, documents, store, keys and evidence, and wires the loop by hand. */
export async function openKedge(options: OpenOptions): Promise<Kedge> {
  const clock = createSystemClock();
  const random = createSystemRandom();
  const guard = createSecretGuard();
  const configuration = await readConfiguration(options);
  let loaded = await loadDocuments(configuration, clock, options.signal);
  requireGood(loaded, configuration, options.keepGoing ?? false);
  const logger = createLogger({
    level: options.logLevel ?? configuration.spec.log.level,
    format: options.logFormat ?? configuration.spec.log.format ?? 'json',
    guard,
    write: options.log,
  });
  const folder = options.ephemeralFolder ?? join(configuration.root, '.kedge');
  if (options.ephemeralFolder === undefined) await requireInstallation(configuration, loaded, folder);
  const keys = await openKeys(configuration, folder);
  if (configuration.storeUrl !== undefined) registerStoreSecrets(guard, configuration.storeUrl);
  const { store, embedded, connection } = await openStoreOf(configuration, folder);
  const origin = configuration.spec.evidence.origin ?? `kedge-${store.storeId}/evidence`;
  const evidenceRoot = options.evidenceDirectory ?? configuration.spec.evidence.dir ?? join(folder, 'evidence');
  const evidence = createEvidenceDirectory(resolve(configuration.root, evidenceRoot));
  const signer = toSigner(keys, origin);
  const holder = await holderName();
  const instance = { id: `kedge@${hostname()}`, version: VERSION };
  const context: EngineContext = {
    clock,
    random,
    store,
    logger,
    holder,
    instance,
    evidenceUri: evidence.uri,
    guard,
    notifiers: [createLogNotifier(logger)],
    auditSources: [],
    credentials: createCredentialSource({
      environment: options.environment,
      baseDirectory: configuration.root,
      guard,
      allowedVariables: allowedVariables(options, configuration),
    }),
    publisher: createPublisher({
      store,
      evidence,
      signer,
      clock,
      logger,
      holder,
      origin,
      maker: { clock, random, instance, guard },
    }),
    redactorOf: (unit) => ({
      digest: (value, redactionContext) =>
        digestValue(keys.redactionKey, unit.name, { value, context: redactionContext }),
    }),
    adapterOf,
    workingSet: (): WorkingSet => loaded.set,
  };
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await store.close();
    await embedded?.close();
  };
  return {
    configuration,
    context,
    store,
    evidence,
    guard,
    logger,
    vkey: signer.vkey,
    documents: () => loaded,
    async reload(signal) {
      const fresh = await loadDocuments(configuration, clock, signal);
      loaded = lastGood(loaded, fresh);
      return fresh;
    },
    openJobs: () =>
      openJobQueue({
        connection,
        onError: (error) => {
          logger.warn('the job queue reported a fault', { error: error.message });
        },
      }),
    close: () => (closing ??= close()),
  };
}
