import { configurationKeys, readConfiguration, SECRET_KEYS } from '../../app/configuration.ts';
import { isJsonObject, type JsonValue } from '../../core/model/json.ts';
import { flagOption, textOption, type Invocation } from '../invocation.ts';
import { renderDiagnostics } from '../render/diagnostics.ts';
import { columns, printStructured } from '../structured.ts';

function valueAt(tree: JsonValue, key: string): JsonValue | undefined {
  let node: JsonValue | undefined = tree;
  for (const name of key.split('.')) node = isJsonObject(node) ? node[name] : undefined;
  return node;
}

/** Prints every key with its value, secrets masked, or only says whether the configuration is good. */
export async function run(invocation: Invocation): Promise<number> {
  const config = textOption(invocation, 'config');
  const configuration = await readConfiguration({
    workingDirectory: invocation.workingDirectory,
    environment: invocation.environment,
    ...(config === undefined ? {} : { configFile: config }),
  });
  if (configuration.diagnostics.length > 0)
    invocation.console.fault(renderDiagnostics(configuration.diagnostics, configuration.root));
  const bad = configuration.diagnostics.some((each) => each.level === 'error');
  if (invocation.path.at(-1) === 'validate') {
    if (!bad) invocation.console.result(`${configuration.file ?? 'no kedge.yaml: every default'} is good`);
    return bad ? 1 : 0;
  }
  const tree = JSON.parse(JSON.stringify(configuration.spec)) as JsonValue;
  const rows = [...configurationKeys().keys()].map((key) => ({
    key,
    value: SECRET_KEYS.has(key) && valueAt(tree, key) !== undefined ? '(secret)' : (valueAt(tree, key) ?? null),
    origin: configuration.origins.get(key) ?? 'default',
  }));
  const withOrigin = flagOption(invocation, 'origin');
  if (
    !printStructured(
      invocation,
      rows.map((row) => (withOrigin ? row : { key: row.key, value: row.value })),
    )
  ) {
    invocation.console.result(
      columns(
        rows.map((row) => [
          row.key,
          row.value === null ? '-' : JSON.stringify(row.value),
          ...(withOrigin ? [row.origin] : []),
        ]),
      ),
    );
  }
  return bad ? 1 : 0;
}
