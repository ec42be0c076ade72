import { createSystemClock } from '../adapters/clock/system-clock.ts';
import { createWorkingTreeSource } from '../adapters/files/working-tree.ts';
import type { Diagnostic } from '../core/model/diagnostic.ts';
import type { Instant } from '../core/model/instant.ts';
import { OperationError } from '../core/model/operation-error.ts';
import { parseDocumentSet, sortDiagnostics, type ParseContext } from '../core/policy/documents/parse-document-set.ts';
import type { PolicySettings } from '../core/policy/policy-set.ts';
import { ownershipTies } from '../core/policy/steps/ownership.ts';
import type { WorkingSet } from '../engine/context.ts';
import type { Clock } from '../ports/clock.ts';
import type { SourceDocument } from '../ports/document-source.ts';
import { ADAPTERS } from './adapters.ts';
import { readConfiguration, type Configuration, type ConfigurationInput } from './configuration.ts';

/** The documents of an installation as they stand now. */
export interface LoadedDocuments {
  readonly set: WorkingSet;
  readonly diagnostics: readonly Diagnostic[];
  readonly refusedUnits: readonly string[];
  readonly documents: readonly SourceDocument[];
}

/** The settings of the configuration that the evaluator reads. */
export function policySettings({ spec }: Configuration): PolicySettings {
  return {
    flapWindow: spec.policy.flapWindow,
    verifyWithin: spec.policy.verifyWithin,
    quarantine: spec.policy.quarantineHours * 3_600_000,
    pendingAtMost: spec.policy.pendingAtMost,
    aliases: spec.access.aliases,
    localApprovals: spec.access.localApprovals,
  };
}

function patternsOf(configuration: Configuration): readonly string[] {
  return configuration.spec.registries.flatMap((registry) => {
    if ('files' in registry) return registry.files;
    throw new OperationError(
      'REGISTRY_NOT_SUPPORTED',
      `cannot read the registry ${Object.keys(registry)[0] ?? ''}: this version reads files of the working tree`,
      {
        retry: 'no',
        next: 'name the documents under registries[].files',
      },
    );
  });
}

function parseContext(configuration: Configuration, now: Instant): ParseContext {
  return {
    now,
    unitTypes: ADAPTERS.flatMap((adapter) => adapter.unitTypes),
    foreignKinds: ADAPTERS.flatMap((adapter) => adapter.documents),
    settings: policySettings(configuration),
    conditions: new Set(ADAPTERS.flatMap((adapter) => Object.keys(adapter.conditions))),
    gatedKinds: new Set(ADAPTERS.flatMap((adapter) => adapter.gatedKinds)),
  };
}

function tieFaults(set: WorkingSet): readonly Diagnostic[] {
  return ownershipTies(set.policy.ownershipRules).map(({ left, right, path }): Diagnostic => ({
    code: 'KL120',
    level: 'error',
    message: `${left.name} and ${right.name} give ${path} different owners`,
    ...(right.declaredAt === undefined ? {} : { location: right.declaredAt }),
    next: 'let one rule own the path: until then it is ambiguous and never heals',
  }));
}

/** Reads every document of the working tree. A unit with a fault is left out; the others stand. */
export async function loadDocuments(
  configuration: Configuration,
  clock: Clock,
  signal: AbortSignal,
): Promise<LoadedDocuments> {
  const source = createWorkingTreeSource({ root: configuration.root, patterns: patternsOf(configuration), clock });
  const read = await source.read(signal);
  const parsed = parseDocumentSet(read.documents, parseContext(configuration, read.readAt));
  const set: WorkingSet = {
    units: parsed.units,
    policy: parsed.policy,
    foreign: parsed.foreign,
    revision: read.revision,
    readAt: read.readAt,
  };
  const system = parsed.units.flatMap((unit) =>
    ADAPTERS.filter((adapter) => adapter.unitTypes.some((type) => type.type === unit.type)).flatMap((adapter) =>
      adapter.lint(unit, parsed.foreign),
    ),
  );
  return {
    set,
    diagnostics: sortDiagnostics([...read.diagnostics, ...parsed.diagnostics, ...tieFaults(set), ...system]),
    refusedUnits: parsed.refusedUnits,
    documents: read.documents,
  };
}

/** Configuration and documents as they stand, without opening anything else. */
export async function readDocuments(
  input: ConfigurationInput,
  signal: AbortSignal,
): Promise<{ readonly configuration: Configuration; readonly loaded: LoadedDocuments }> {
  const configuration = await readConfiguration(input);
  return { configuration, loaded: await loadDocuments(configuration, createSystemClock(), signal) };
}

/** The set in force after a reading: a bad one leaves the last good one as it was. */
export function lastGood(before: LoadedDocuments, fresh: LoadedDocuments): LoadedDocuments {
  return fresh.diagnostics.some((each) => each.level === 'error') ? before : fresh;
}
