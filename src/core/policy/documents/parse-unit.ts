import type { z } from 'zod';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { isJsonObject, type JsonValue } from '../../model/json.ts';
import { nearest } from '../../model/nearest.ts';
import type { Unit } from '../../model/unit.ts';
import { DriftManagedUnitSpec, toUnit, unitRemarks, type UnitTypeDefaults } from './drift-managed-unit.ts';
import { locate, parseSpec, refusal, type DocumentInput } from './parse-spec.ts';
import { schemaFaults } from './schema-faults.ts';

/** A unit type as far as a unit document needs it. */
export interface UnitTypeInput extends UnitTypeDefaults {
  readonly schema: z.ZodType;
}

interface ParsedBlock {
  readonly block: JsonValue | undefined;
  readonly faults: readonly Diagnostic[];
}

/** The block named for the unit's type. Read from the document itself, so that its faults are told beside those of the rest. */
function parseBlock(document: DocumentInput, type: UnitTypeInput): ParsedBlock {
  const spec = document.value['spec'];
  const given = (isJsonObject(spec) ? spec[type.block] : undefined) ?? {};
  const parsed = type.schema.safeParse(given);
  if (parsed.success) return { block: parsed.data as JsonValue, faults: [] };
  const faults = schemaFaults(parsed.error, given, {
    kind: 'DriftManagedUnit',
    schema: type.schema,
    prefix: `/spec/${type.block}`,
    unknownKeys: 'error',
  });
  return { block: undefined, faults: faults.map((fault) => locate(document, fault)) };
}

function unknownTypeFault(document: DocumentInput, type: string, types: readonly UnitTypeInput[]): Diagnostic {
  const names = types.map((each) => each.type);
  const suggestion = nearest(type, names);
  return refusal(document, 'UNIT_TYPE_UNKNOWN', {
    pointer: '/spec/type',
    message: `no adapter observes units of type "${type}"`,
    ...(suggestion === undefined ? {} : { suggestion }),
    next: `use one of ${names.join(', ')}`,
  });
}

function foreignBlockFaults(document: DocumentInput, type: UnitTypeInput): readonly Diagnostic[] {
  const spec = document.value['spec'];
  const blocks = [
    'stack',
    'references',
    'database',
    'keycloak',
    'kubernetes',
    'secretDelivery',
    'policyReport',
    'exec',
  ];
  return blocks
    .filter((block) => block !== type.block && isJsonObject(spec) && Object.hasOwn(spec, block))
    .map((block) =>
      refusal(document, 'CONFIG_UNKNOWN_KEY', {
        pointer: `/spec/${block}`,
        message: `the block "${block}" does not belong to a ${type.type} unit`,
        next: `settings of this type stand in "${type.block}"`,
      }),
    );
}

/** A unit with every default filled in, or every fault of its document at once. */
export function parseUnit(
  document: DocumentInput,
  types: readonly UnitTypeInput[],
): { readonly unit: Unit | undefined; readonly faults: readonly Diagnostic[] } {
  const { spec, faults } = parseSpec(document, DriftManagedUnitSpec);
  const given = document.value['spec'];
  const name = isJsonObject(given) ? given['type'] : undefined;
  if (typeof name !== 'string') return { unit: undefined, faults };
  const type = types.find((each) => each.type === name);
  if (type === undefined) return { unit: undefined, faults: [...faults, unknownTypeFault(document, name, types)] };
  const block = parseBlock(document, type);
  const remarks = (spec === undefined ? [] : unitRemarks(spec, type)).map((remark): Diagnostic => ({
    ...remark,
    location: document.locate(remark.pointer ?? ''),
  }));
  const all = [...faults, ...block.faults, ...foreignBlockFaults(document, type), ...remarks];
  if (spec === undefined || block.block === undefined || all.some((fault) => fault.level === 'error'))
    return { unit: undefined, faults: all };
  const declared = { name: document.name, value: document.value, declaredAt: document.locate('') };
  return { unit: toUnit(declared, spec, { defaults: type, block: block.block }), faults: all };
}
