import { z } from 'zod';
import { parseYamlDocuments } from '../../src/adapters/files/yaml-document.ts';
import {
  parseDocumentSet,
  type ParseContext,
  type ParsedDocumentSet,
} from '../../src/core/policy/documents/parse-document-set.ts';
import type { SourceDocument } from '../../src/ports/document-source.ts';
import { NOW, SETTINGS } from './builders.ts';

const MINUTE = 60_000;

/** Unit types of two made-up systems, one of which needs a source and one of which does not. */
const CONTEXT: ParseContext = {
  unitTypes: [
    {
      type: 'opentofu-stack',
      block: 'stack',
      schema: z.strictObject({ workspace: z.string().optional() }),
      sourceRequired: true,
      undeclaredPaths: 'report',
      convergeWithin: 30 * MINUTE,
      timeout: 60 * MINUTE,
      stateBackend: 'none',
    },
    {
      type: 'database-instance',
      block: 'database',
      schema: z.strictObject({ passwords: z.enum(['off', 'verify']).optional() }),
      sourceRequired: false,
      undeclaredPaths: 'security',
      convergeWithin: 15 * MINUTE,
      timeout: 10 * MINUTE,
      stateBackend: 'kedge-snapshot',
    },
  ],
  foreignKinds: [
    {
      apiVersion: 'dbops.dbprovision.io/v1alpha1',
      kind: 'DatabaseUser',
      schema: z.strictObject({ username: z.string() }),
    },
  ],
  settings: SETTINGS,
  conditions: new Set(['hpa-enabled']),
  gatedKinds: new Set(['DatabaseUser', 'DatabaseGrant']),
  now: NOW,
};

/** Documents of one file, read as Kedge reads them, against two made-up unit types. */
export function aDocumentSet(content: string, more: Partial<ParseContext> = {}): ParsedDocumentSet<SourceDocument> {
  const read = parseYamlDocuments('kedge/test.yaml', content);
  const parsed = parseDocumentSet(read.documents, { ...CONTEXT, ...more });
  return { ...parsed, diagnostics: [...read.diagnostics, ...parsed.diagnostics] };
}
