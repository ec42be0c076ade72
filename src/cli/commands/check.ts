import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Kedge } from '../../app/kedge.ts';
import { VERSION } from '../../app/version.ts';
import type { Check } from '../../core/model/check.ts';
import { parseDuration } from '../../core/model/duration.ts';
import type { Finding } from '../../core/model/finding.ts';
import { nearest } from '../../core/model/nearest.ts';
import type { Unit } from '../../core/model/unit.ts';
import { RISKS, type CheckReason, type Risk } from '../../core/model/vocabulary.ts';
import { driftResult, unknownVerdict } from '../../core/track/check-result.ts';
import { checkUnit } from '../../engine/check.ts';
import { isFresh } from '../../engine/schedule.ts';
import { readBaseline, writeBaseline, type KnownDrift } from '../baseline.ts';
import { checkExitCode } from '../exit-code.ts';
import { flagOption, listOption, textOption, type Invocation } from '../invocation.ts';
import { createProgress } from '../progress.ts';
import { isReportFormat, renderReport, REPORT_FORMATS, type ReportFormat } from '../render/render-report.ts';
import { sortReport, toUnitResult, type CheckReport, type ReportedFinding, type UnitResult } from '../render/report.ts';
import { openReportFiles, writeReportFile } from '../report-files.ts';
import { selectUnits } from '../select-units.ts';
import { UsageError } from '../usage-error.ts';

/** What a timer can wait for. */
const LONGEST = 24 * 86_400_000;

function durationOption(invocation: Invocation, name: string, flag: string): number | undefined {
  const text = textOption(invocation, name);
  if (text === undefined) return undefined;
  const parsed = parseDuration(text);
  if (parsed === undefined || parsed > LONGEST)
    throw new UsageError(
      'USAGE',
      `cannot read ${flag} ${text}: ${parsed === undefined ? 'not a duration' : 'longer than 24d'}`,
      'write for example 30s or 5m',
    );
  return parsed;
}

function failOnOption(invocation: Invocation): Risk {
  const text = textOption(invocation, 'failOn') ?? 'LOW';
  if ((RISKS as readonly string[]).includes(text)) return text as Risk;
  const near = nearest(text, RISKS);
  throw new UsageError(
    'USAGE',
    `cannot read --fail-on ${text}${near === undefined ? '' : `   did you mean "${near}"?`}`,
    `write one of ${RISKS.join(', ')}`,
  );
}

function formatOption(invocation: Invocation): ReportFormat {
  const word = textOption(invocation, 'output') ?? 'table';
  if (isReportFormat(word)) return word;
  const near = nearest(word, REPORT_FORMATS);
  throw new UsageError(
    'USAGE',
    `there is no format "${word}"${near === undefined ? '' : `   did you mean "${near}"?`}`,
    `write one of ${REPORT_FORMATS.join(', ')}`,
  );
}

interface UnitOutcome {
  readonly result: UnitResult;
  readonly findings: readonly ReportedFinding[];
}

function place(unit: Unit): { readonly file: string; readonly line: number } | undefined {
  return unit.declaredAt === undefined ? undefined : { file: unit.declaredAt.file, line: unit.declaredAt.line };
}

/** A unit that was not looked at: it does not know, and says why. */
function notLooked(kedge: Kedge, unit: Unit, reason: CheckReason, detail: string): UnitOutcome {
  const now = kedge.context.clock.now();
  const verdict = unknownVerdict([{ what: unit.name, reason, detail }]);
  const check: Check = {
    checkId: '',
    unit: unit.name,
    unitType: unit.type,
    startedAt: now,
    finishedAt: now,
    scope: { kind: 'full' },
    ...verdict,
    detail,
    resourcesCompared: 0,
    pendingConvergence: 0,
    revisions: {},
    observerIdentity: undefined,
    warnings: [],
    driftResult: driftResult(unit, verdict, [], kedge.context.evidenceUri),
    findingIds: [],
    stepDurations: {},
  };
  return { result: toUnitResult(check, [], { fresh: false, declaredAt: place(unit) }), findings: [] };
}

interface CheckSettings {
  readonly resources: readonly string[];
  readonly lockTimeout: number;
  readonly timeout: number | undefined;
  readonly known: KnownDrift | undefined;
  readonly show: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

function isShown(finding: Finding, show: ReadonlySet<string>): boolean {
  if (finding.state === 'RESOLVED' || finding.state === 'ARCHIVED') return false;
  if (finding.state === 'SUPPRESSED') return show.has('suppressed');
  if (finding.state === 'ACCEPTED') return show.has('accepted');
  return true;
}

/** A look at what does not exist is no look: nobody may take it for good news. */
async function requireResources(kedge: Kedge, unit: Unit, asked: readonly string[]): Promise<void> {
  if (asked.length === 0) return;
  const snapshots = await kedge.store.loadSnapshots(unit.name);
  const findings = await kedge.store.listFindings({ units: [unit.name] });
  const known = new Set([...snapshots.keys(), ...findings.map(({ finding }) => finding.resourceRef)]);
  const missing = asked.find((resource) => !known.has(resource));
  if (missing === undefined) return;
  const near = nearest(missing, [...known]);
  throw new UsageError(
    'NOTHING_SELECTED',
    `there is no resource "${missing}" in ${unit.name}${near === undefined ? '' : `; did you mean "${near}"?`}`,
    `\`kedge units show ${unit.name} -o yaml\` lists what was compared`,
  );
}

async function checkOne(kedge: Kedge, unit: Unit, settings: CheckSettings): Promise<UnitOutcome> {
  const request = {
    unit,
    lockTimeout: settings.lockTimeout,
    ...(settings.timeout === undefined ? {} : { timeout: settings.timeout }),
    ...(settings.resources.length === 0 ? {} : { resources: settings.resources }),
  };
  const outcome = await checkUnit(kedge.context, request, settings.signal).catch((cause: unknown) => {
    if (settings.signal.aborted) return undefined;
    throw cause;
  });
  if (outcome === undefined)
    return notLooked(kedge, unit, 'TIMEOUT', 'the command was ended before the check was complete');
  if (outcome.status === 'locked')
    return notLooked(kedge, unit, 'LOCKED', `the unit is being checked by ${outcome.holder}`);
  if (outcome.status === 'suspended')
    return notLooked(kedge, unit, 'NOT_READY', `the unit is suspended: ${outcome.reason}`);
  if (outcome.check.result !== 'UNKNOWN') await requireResources(kedge, unit, settings.resources);
  const now = kedge.context.clock.now();
  const record = await kedge.store.findUnit(unit.name);
  const shown = outcome.findings.map((each) => each.finding).filter((finding) => isShown(finding, settings.show));
  return {
    result: toUnitResult(outcome.check, shown, { fresh: isFresh(unit, record, now), declaredAt: place(unit) }),
    findings: shown.map((finding) => {
      const knownUntil = settings.known?.knownUntil(finding, now);
      const declaredAt = place(unit);
      return {
        finding,
        ...(knownUntil === undefined ? {} : { knownUntil }),
        ...(declaredAt === undefined ? {} : { declaredAt }),
      };
    }),
  };
}

async function checkAll(
  kedge: Kedge,
  units: readonly Unit[],
  invocation: Invocation,
  settings: CheckSettings,
): Promise<readonly UnitOutcome[]> {
  const progress = createProgress(invocation.console, units.length);
  const queue = [...units];
  const outcomes: UnitOutcome[] = [];
  const width = Math.max(1, Math.min(64, Number(textOption(invocation, 'concurrency') ?? 4) || 4));
  await Promise.all(
    Array.from({ length: Math.min(width, queue.length) }, async () => {
      for (let unit = queue.shift(); unit !== undefined; unit = queue.shift()) {
        const outcome = settings.signal.aborted
          ? notLooked(kedge, unit, 'TIMEOUT', 'the command was ended before the unit was reached')
          : await checkOne(kedge, unit, settings);
        outcomes.push(outcome);
        progress.finished(unit.name, outcome.result.result);
      }
    }),
  );
  progress.end();
  return outcomes;
}

function refusedUnits(kedge: Kedge): readonly UnitOutcome[] {
  const loaded = kedge.documents();
  return loaded.refusedUnits.map((name) => {
    const file = loaded.documents.find((each) => each.kind === 'DriftManagedUnit' && each.name === name)?.file;
    const fault = loaded.diagnostics.find((each) => each.level === 'error' && each.location?.file === file);
    const detail =
      fault === undefined
        ? 'its document was refused'
        : `${fault.location === undefined ? '' : `${fault.location.file}:${fault.location.line} `}${fault.message}`;
    const unit = { name, type: 'unknown', owner: 'unknown', source: {}, environment: 'prod' } as unknown as Unit;
    return notLooked(kedge, unit, 'CONFIG_INVALID', detail);
  });
}

async function publish(kedge: Kedge, invocation: Invocation): Promise<boolean> {
  try {
    await kedge.context.publisher.publish(AbortSignal.timeout(60_000));
    return true;
  } catch (cause) {
    invocation.console.fault(
      `error EVIDENCE_UNAVAILABLE  cannot publish the evidence of this check: ${cause instanceof Error ? cause.message : String(cause)}\n  next: it is recorded and will be published by the next command that can`,
    );
    return false;
  }
}

function writeOut(invocation: Invocation, report: CheckReport, format: ReportFormat): void {
  for (const part of renderReport(report, format, invocation.console)) invocation.console.part(part);
}

/** The installation, or one that is gone after the command, with evidence where the command wants it. */
async function openForCheck(invocation: Invocation): Promise<Kedge> {
  const ephemeral = flagOption(invocation, 'ephemeral') ? await mkdtemp(join(tmpdir(), 'kedge-')) : undefined;
  if (ephemeral !== undefined) {
    await chmod(ephemeral, 0o755);
    invocation.afterwards(() => rm(ephemeral, { recursive: true, force: true }));
  }
  const evidenceDirectory = textOption(invocation, 'evidenceDir');
  return await invocation.open({
    keepGoing: flagOption(invocation, 'keepGoing'),
    ...(ephemeral === undefined ? {} : { ephemeralFolder: ephemeral }),
    ...(evidenceDirectory === undefined
      ? {}
      : { evidenceDirectory: resolve(invocation.workingDirectory, evidenceDirectory) }),
  });
}

/** Looks for drift in every selected unit and reports it. It holds no writer. */
export async function run(invocation: Invocation): Promise<number> {
  const format = formatOption(invocation);
  const failOn = failOnOption(invocation);
  const deadline = durationOption(invocation, 'deadline', '--deadline');
  const timeout = durationOption(invocation, 'timeout', '--timeout');
  const files = await openReportFiles(listOption(invocation, 'report'), invocation.workingDirectory);
  const baselineFile = textOption(invocation, 'baseline');
  const known =
    baselineFile === undefined ? undefined : await readBaseline(resolve(invocation.workingDirectory, baselineFile));
  const kedge = await openForCheck(invocation);
  const units = selectUnits(
    kedge.documents().set.units,
    invocation.arguments,
    listOption(invocation, 'selector'),
    flagOption(invocation, 'allowEmpty'),
  );
  const startedAt = kedge.context.clock.now();
  const signal =
    deadline === undefined ? invocation.signal : AbortSignal.any([invocation.signal, AbortSignal.timeout(deadline)]);
  const outcomes = [
    ...(await checkAll(kedge, units, invocation, {
      resources: listOption(invocation, 'resource'),
      lockTimeout: durationOption(invocation, 'lockTimeout', '--lock-timeout') ?? 30_000,
      timeout,
      known,
      show: new Set(listOption(invocation, 'show')),
      signal,
    })),
    ...(flagOption(invocation, 'keepGoing') ? refusedUnits(kedge) : []),
  ];
  const published = await publish(kedge, invocation);
  const draft = { results: outcomes.map((each) => each.result), findings: outcomes.flatMap((each) => each.findings) };
  const code = published ? checkExitCode(draft, failOn) : 1;
  const shown = flagOption(invocation, 'exitZero') && (code === 2 || code === 3) ? 0 : code;
  if (shown !== code) invocation.console.say(`exit code 0 as asked; it would be ${code}`);
  const report = sortReport({
    kedgeVersion: VERSION,
    mode: 'check',
    startedAt,
    finishedAt: kedge.context.clock.now(),
    exitCode: shown,
    ...draft,
    diagnostics: [...kedge.configuration.diagnostics, ...kedge.documents().diagnostics],
  });
  writeOut(invocation, report, format);
  for (const file of files) await writeReportFile(report, file, invocation.console);
  const baselineOut = textOption(invocation, 'writeBaseline');
  if (baselineOut !== undefined)
    await writeBaseline(
      resolve(invocation.workingDirectory, baselineOut),
      draft.findings.map((each) => each.finding),
      kedge.context.clock.now(),
    );
  return shown;
}
