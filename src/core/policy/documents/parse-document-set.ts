import type { z } from 'zod';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { digestJson } from '../../model/digest.ts';
import type { Instant } from '../../model/instant.ts';
import { nearest } from '../../model/nearest.ts';
import type { Unit } from '../../model/unit.ts';
import type { PolicySet, PolicySettings } from '../policy-set.ts';
import { overlongRemark } from './document-life.ts';
import { KEDGE_GROUPS, KIND_SCHEMAS, POLICY_KINDS, RESERVED_KINDS } from './kinds.ts';
import { locate, parseSpec, refusal, type DocumentInput } from './parse-spec.ts';
import { parseUnit, type UnitTypeInput } from './parse-unit.ts';
import type { ExamineContext, PolicyDocument, PolicyKind } from './policy-document.ts';
import { schemaFaults } from './schema-faults.ts';
import { toPolicySet } from './to-policy-set.ts';

/** A kind of a watched system. */
export interface ForeignKindInput {
  readonly apiVersion: string;
  readonly kind: string;
  readonly schema: z.ZodType;
}

/** What the documents are read against. */
export interface ParseContext extends ExamineContext {
  readonly unitTypes: readonly UnitTypeInput[];
  readonly foreignKinds: readonly ForeignKindInput[];
  readonly settings: PolicySettings;
  /** When the documents are read: a rule that would live too long from now is refused. */
  readonly now: Instant;
}

/** Everything that read well, and every fault of what did not. */
export interface ParsedDocumentSet<Document extends DocumentInput> {
  readonly units: readonly Unit[];
  readonly policy: PolicySet;
  /** Documents of watched systems, for their adapters. */
  readonly foreign: readonly Document[];
  readonly diagnostics: readonly Diagnostic[];
  /** Names of units whose document was refused. */
  readonly refusedUnits: readonly string[];
}

function parsePolicy(
  document: DocumentInput,
  kind: PolicyKind<unknown>,
  context: ParseContext,
): { readonly parsed: PolicyDocument<unknown> | undefined; readonly faults: readonly Diagnostic[] } {
  const { spec, faults } = parseSpec(document, kind.spec);
  if (spec === undefined) return { parsed: undefined, faults };
  const remarks = kind
    .examine(spec, context)
    .map((remark): Diagnostic => ({ ...remark, location: document.locate(remark.pointer) }));
  const all = [...faults, ...remarks];
  if (all.some((fault) => fault.level === 'error')) return { parsed: undefined, faults: all };
  return {
    parsed: {
      kind: kind.kind,
      name: document.name,
      digest: digestJson(document.value),
      text: document.value,
      declaredAt: document.locate(''),
      spec,
    },
    faults: all,
  };
}

function parseForeign(document: DocumentInput, kind: ForeignKindInput): readonly Diagnostic[] {
  const given = document.value['spec'] ?? {};
  const parsed = kind.schema.safeParse(given);
  if (parsed.success) return [];
  return schemaFaults(parsed.error, given, {
    kind: kind.kind,
    schema: kind.schema,
    prefix: '/spec',
    unknownKeys: 'warning',
  })
    .filter((fault) => fault.level === 'warning')
    .map((fault) => locate(document, fault));
}

function policyKindOf(kind: string): PolicyKind<unknown> | undefined {
  return Object.hasOwn(POLICY_KINDS, kind)
    ? (POLICY_KINDS as Readonly<Record<string, PolicyKind<unknown>>>)[kind]
    : undefined;
}

function unknownKindFault(document: DocumentInput, context: ParseContext): Diagnostic {
  if (KEDGE_GROUPS.has(document.apiVersion) && RESERVED_KINDS.has(document.kind)) {
    return refusal(document, 'KIND_NOT_SUPPORTED', {
      pointer: '/kind',
      message: `${document.kind} is a kind this version of Kedge does not read`,
      next: 'remove the document: nothing it says is in force',
    });
  }
  const kinds = [...Object.keys(KIND_SCHEMAS), ...context.foreignKinds.map((each) => each.kind)];
  const known = kinds.includes(document.kind);
  const suggestion = known ? undefined : nearest(document.kind, kinds);
  return refusal(document, 'KIND_UNKNOWN', {
    pointer: known ? '/apiVersion' : '/kind',
    message: known
      ? `${document.kind} is not a kind of ${document.apiVersion}`
      : `unknown kind "${document.kind}" in ${document.apiVersion}`,
    ...(suggestion === undefined ? {} : { suggestion }),
    next: '`kedge schema` lists the kinds',
  });
}

/** Two documents of one kind and name are both refused: nobody can say which one counts. */
function doubles(documents: readonly DocumentInput[]): ReadonlyMap<DocumentInput, DocumentInput> {
  const first = new Map<string, DocumentInput>();
  const doubled = new Map<DocumentInput, DocumentInput>();
  for (const document of documents) {
    const key = JSON.stringify([
      KEDGE_GROUPS.has(document.apiVersion) ? 'kedge' : document.apiVersion,
      document.kind,
      document.namespace ?? '',
      document.name,
    ]);
    const other = first.get(key);
    if (other === undefined) first.set(key, document);
    else {
      doubled.set(document, other);
      doubled.set(other, document);
    }
  }
  return doubled;
}

function doubleFault(document: DocumentInput, other: DocumentInput): Diagnostic {
  const place = other.locate('');
  return refusal(document, 'DOCUMENT_DOUBLE', {
    pointer: '/metadata/name',
    message: `${document.kind} ${document.name} stands twice, also at ${place.file}:${place.line}`,
    next: 'remove one; until then both are refused',
  });
}

interface PolicySource<Document extends DocumentInput> {
  readonly document: Document;
  readonly parsed: PolicyDocument<unknown>;
}

function overlongFault<Document extends DocumentInput>(
  source: PolicySource<Document>,
  units: readonly Unit[],
  now: Instant,
): readonly { readonly source: PolicySource<Document>; readonly fault: Diagnostic }[] {
  const remark = overlongRemark(source.parsed, units, now);
  if (remark === undefined) return [];
  return [{ source, fault: { ...remark, location: source.document.locate(remark.pointer ?? '') } }];
}

/**
 * Reads every document against its kind. Each that has an error is left out, with all its faults at once; the others stand.
 * The order of documents never matters.
 */
export function parseDocumentSet<Document extends DocumentInput>(
  documents: readonly Document[],
  context: ParseContext,
): ParsedDocumentSet<Document> {
  const diagnostics: Diagnostic[] = [];
  const units: Unit[] = [];
  const policies: PolicySource<Document>[] = [];
  const foreign: Document[] = [];
  const refusedUnits: string[] = [];
  const doubled = doubles(documents);

  function take(document: Document): void {
    const other = doubled.get(document);
    if (other !== undefined) diagnostics.push(doubleFault(document, other));
    const own = KEDGE_GROUPS.has(document.apiVersion);
    const policyKind = own ? policyKindOf(document.kind) : undefined;
    const foreignKind = context.foreignKinds.find(
      (each) => each.apiVersion === document.apiVersion && each.kind === document.kind,
    );
    if (own && document.kind === 'DriftManagedUnit') takeUnit(document, other !== undefined);
    else if (policyKind !== undefined) {
      const { parsed, faults } = parsePolicy(document, policyKind, context);
      diagnostics.push(...faults);
      if (parsed !== undefined && other === undefined) policies.push({ document, parsed });
    } else if (foreignKind !== undefined) {
      diagnostics.push(...parseForeign(document, foreignKind));
      foreign.push(document);
    } else if (!(own && document.kind === 'KedgeConfig')) diagnostics.push(unknownKindFault(document, context));
  }

  function takeUnit(document: Document, twice: boolean): void {
    const { unit, faults } = parseUnit(document, context.unitTypes);
    diagnostics.push(...faults);
    if (unit === undefined || twice) refusedUnits.push(document.name);
    else units.push(unit);
  }

  for (const document of documents) take(document);
  const overlong = policies.flatMap((each) => overlongFault(each, units, context.now));
  const inForce = policies.filter((each) => overlong.every((fault) => fault.source !== each));
  diagnostics.push(...overlong.map((each) => each.fault));
  return {
    units: units.sort((left, right) => (left.name < right.name ? -1 : 1)),
    policy: toPolicySet(
      inForce.map((each) => each.parsed),
      context.settings,
    ),
    foreign,
    diagnostics: sortDiagnostics(diagnostics),
    refusedUnits: [...new Set(refusedUnits)].sort(),
  };
}

/** Faults in the order a person reads files. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const place = (each: Diagnostic): string =>
    `${each.location?.file ?? ''}\0${String(each.location?.line ?? 0).padStart(9, '0')}\0${String(each.location?.column ?? 0).padStart(9, '0')}\0${each.code}`;
  return [...diagnostics].sort((left, right) => (place(left) < place(right) ? -1 : 1));
}
