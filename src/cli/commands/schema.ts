import { ADAPTERS } from '../../app/adapters.ts';
import { nearest } from '../../core/model/nearest.ts';
import { KIND_SCHEMAS } from '../../core/policy/documents/kinds.ts';
import { inputSchema } from '../../core/policy/documents/schema-faults.ts';
import type { Invocation } from '../invocation.ts';
import { columns, printStructured } from '../structured.ts';
import { UsageError } from '../usage-error.ts';

function foreignKinds(): readonly {
  readonly kind: string;
  readonly apiVersion: string;
  readonly schema: Parameters<typeof inputSchema>[0];
}[] {
  return ADAPTERS.flatMap((adapter) => adapter.documents);
}

/** Lists the kinds, or prints the JSON Schema of what one's spec may hold. */
export function run(invocation: Invocation): Promise<number> {
  const [kind] = invocation.arguments;
  if (kind === undefined) {
    const rows = [
      ...Object.entries(KIND_SCHEMAS).map(([name, { summary }]) => [name, 'kedge.dev/v1alpha1', summary]),
      ...foreignKinds().map((each) => [each.kind, each.apiVersion, 'read as desired state']),
    ];
    if (
      !printStructured(
        invocation,
        rows.map(([name, apiVersion, summary]) => ({ kind: name, apiVersion, summary })),
      )
    )
      invocation.console.result(columns(rows));
    return Promise.resolve(0);
  }
  const schema =
    (Object.hasOwn(KIND_SCHEMAS, kind) ? KIND_SCHEMAS[kind]?.spec : undefined) ??
    foreignKinds().find((each) => each.kind === kind)?.schema;
  if (schema === undefined) {
    const near = nearest(kind, [...Object.keys(KIND_SCHEMAS), ...foreignKinds().map((each) => each.kind)]);
    throw new UsageError(
      'KIND_UNKNOWN',
      `there is no kind "${kind}"${near === undefined ? '' : `   did you mean "${near}"?`}`,
      '`kedge schema` lists the kinds',
    );
  }
  invocation.console.result(JSON.stringify({ title: kind, ...inputSchema(schema) }, null, 2));
  return Promise.resolve(0);
}
