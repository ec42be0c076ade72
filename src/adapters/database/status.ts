import { jsonText, isJsonArray, isJsonObject, type JsonValue } from '../../core/model/json.ts';
import type { Finding, FindingDifference } from '../../core/model/finding.ts';
import type { Unit } from '../../core/model/unit.ts';
import type { UnitInspection } from '../../ports/adapter.ts';
import type { SourceDocument } from '../../ports/document-source.ts';
import { readDeclarations, type Declared } from './documents/declarations.ts';
import { isOperatorDrift } from './metrics.ts';

const MOST_DIFFS = 100;

/** One difference in the words of the operator's documents. */
export interface StatusDiff {
  readonly field: string;
  readonly expected: string;
  readonly actual: string;
  readonly destructive: boolean;
  readonly immutable: boolean;
}

function itemText(value: JsonValue): string {
  if (isJsonObject(value)) {
    const { privileges, held, role, name } = value;
    if (isJsonArray(held))
      return held
        .map((each) => (isJsonObject(each) ? jsonText(each['privilege']) : jsonText(each)))
        .sort()
        .join(',');
    if (isJsonArray(privileges)) return [...privileges].map(String).sort().join(',');
    return jsonText(role ?? name ?? value);
  }
  return isJsonArray(value) ? [...value].map(String).sort().join(',') : String(value);
}

function planeText(difference: FindingDifference, plane: 'desired' | 'actual'): string {
  const state = difference.planes?.[plane];
  if (state === 'absent' || state === 'not-applicable') return plane === 'desired' ? '' : '<missing>';
  const value = difference[plane];
  if (difference.sensitive) return '(sensitive)';
  return value === undefined ? '<missing>' : itemText(value);
}

function diffsOf(finding: Finding, namingField: string, name: string): readonly StatusDiff[] {
  if (finding.relation === 'MISSING')
    return [{ field: namingField, expected: name, actual: '<missing>', destructive: false, immutable: false }];
  return finding.differences
    .filter((each) => each.field !== undefined && each.hiddenBy === undefined)
    .map((each) => ({
      field: each.field ?? '',
      expected: planeText(each, 'desired'),
      actual: planeText(each, 'actual'),
      destructive: each.destructive,
      immutable: each.immutable,
    }));
}

const NAMING: Readonly<Record<string, string>> = {
  database: 'name',
  user: 'username',
  role: 'roleName',
  grant: 'name',
  instance: 'engine',
};

/** Fields in the order of the documents' own tables: encoding before limits, as their status prints them. */
const ORDER = ['owner', 'encoding', 'collation', 'ctype', 'template', 'connectionLimit'];

function byField(left: StatusDiff, right: StatusDiff): number {
  const rank = (field: string): number => (ORDER.includes(field) ? ORDER.indexOf(field) : ORDER.length);
  return rank(left.field) - rank(right.field) || (left.field < right.field ? -1 : left.field > right.field ? 1 : 0);
}

/** The status of every declared resource as the operator of these documents prints it. */
export function operatorStatuses(
  unit: Unit,
  documents: readonly SourceDocument[],
  given: { readonly findings: readonly Finding[]; readonly lastCompleteAt: string | undefined },
): NonNullable<UnitInspection['statuses']> {
  const declarations = readDeclarations(unit, documents);
  const declared: readonly Declared<unknown>[] = [
    ...(declarations.instance === undefined ? [] : [declarations.instance]),
    ...declarations.databases,
    ...declarations.users,
    ...declarations.roles,
    ...declarations.grants,
  ];
  return declared.map((each) => {
    const findings = given.findings.filter(
      (finding) => finding.resourceRef === each.resource && isOperatorDrift(finding),
    );
    const type = each.resource.slice(0, each.resource.indexOf('/'));
    const diffs = findings
      .flatMap((finding) => diffsOf(finding, NAMING[type] ?? 'name', each.resource.slice(type.length + 1)))
      .sort(byField);
    const isMissing = findings.some((finding) => finding.relation === 'MISSING');
    const drift =
      each.policy.mode === 'ignore' || given.lastCompleteAt === undefined
        ? {}
        : {
            drift: {
              detected: diffs.length > 0,
              lastChecked: given.lastCompleteAt.replace(/\.\d+Z$/, 'Z'),
              ...(diffs.length === 0 ? {} : { diffs: diffs.slice(0, MOST_DIFFS) }),
              ...(diffs.length > MOST_DIFFS ? { more: diffs.length - MOST_DIFFS } : {}),
            },
          };
    return {
      kind: each.kind,
      name: each.name,
      namespace: each.namespace,
      status: { phase: isMissing ? 'Failed' : 'Ready', ...drift },
    };
  });
}
