import type { z } from 'zod';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { JsonObject } from '../../model/json.ts';
import { nearest } from '../../model/nearest.ts';
import { schemaFaults, type PointedFault } from './schema-faults.ts';

/** One document as its source gave it. Structurally the port's `SourceDocument`. */
export interface DocumentInput {
  readonly file: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly value: JsonObject;
  locate(pointer: string): NonNullable<Diagnostic['location']>;
  locateKey(pointer: string): NonNullable<Diagnostic['location']>;
}

/** A fault at its place in the document. */
export function locate(document: DocumentInput, fault: PointedFault): Diagnostic {
  const { onKey, ...rest } = fault;
  return { ...rest, location: onKey ? document.locateKey(fault.pointer) : document.locate(fault.pointer) };
}

/** An error of a document that its schema does not know of. */
export function refusal(
  document: DocumentInput,
  code: string,
  fault: { readonly pointer: string; readonly message: string; readonly next: string; readonly suggestion?: string },
): Diagnostic {
  return { code, level: 'error', ...fault, location: document.locate(fault.pointer) };
}

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/;

/** A name becomes a word of a command, a label of a metric and a folder of the evidence. */
function nameFaults(document: DocumentInput): readonly Diagnostic[] {
  if (NAME.test(document.name)) return [];
  return [
    refusal(document, 'NAME_INVALID', {
      pointer: '/metadata/name',
      message: `the name of this ${document.kind} is not one that commands, metrics and evidence can bear`,
      next: 'use letters, digits, ".", "_" and "-", at most 253, with a letter or digit at both ends',
    }),
  ];
}

function topLevelFaults(document: DocumentInput): readonly Diagnostic[] {
  const allowed = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];
  return Object.keys(document.value)
    .filter((key) => !allowed.includes(key))
    .map((key) => {
      const suggestion = nearest(key, allowed);
      return {
        code: 'CONFIG_UNKNOWN_KEY',
        level: 'error',
        pointer: `/${key}`,
        location: document.locateKey(`/${key}`),
        message: `unknown key "${key}" in ${document.kind}`,
        ...(suggestion === undefined ? {} : { suggestion }),
        next: 'a document has apiVersion, kind, metadata and spec',
      };
    });
}

function headFaults(document: DocumentInput): readonly Diagnostic[] {
  return [...nameFaults(document), ...topLevelFaults(document)];
}

/** The spec of a document by its schema, or every fault of it. */
export function parseSpec<T>(
  document: DocumentInput,
  schema: z.ZodType<T>,
): { readonly spec: T | undefined; readonly faults: readonly Diagnostic[] } {
  const given = document.value['spec'] ?? {};
  const parsed = schema.safeParse(given);
  if (parsed.success) return { spec: parsed.data, faults: headFaults(document) };
  const faults = schemaFaults(parsed.error, given, {
    kind: document.kind,
    schema,
    prefix: '/spec',
    unknownKeys: 'error',
  });
  return {
    spec: undefined,
    faults: [...headFaults(document), ...faults.map((fault) => locate(document, fault))],
  };
}
