import type { JsonObject } from '../../../core/model/json.ts';
import { foldSetting } from './settings.ts';
import type { TreeSource } from './tree-source.ts';

/** The instance: engine, declared settings, tablespaces. */
export function instanceTrees(
  source: TreeSource,
  declaredSettings: Readonly<Record<string, string>>,
): { readonly desired: JsonObject; readonly actual: JsonObject } {
  const { cluster } = source;
  const fold = (name: string, value: string): string => {
    const known = cluster.serverSettings.get(name);
    return foldSetting(value, known?.unit, known !== undefined && (known.value === 'on' || known.value === 'off'));
  };
  const watched = [...cluster.serverSettings.keys()].filter(
    (name) =>
      name.startsWith('log_') ||
      name.startsWith('pgaudit.') ||
      [
        'shared_preload_libraries',
        'session_preload_libraries',
        'local_preload_libraries',
        'row_security',
        'logging_collector',
        'password_encryption',
      ].includes(name),
  );
  const names = [...new Set([...Object.keys(declaredSettings), ...watched])]
    .filter((name) => cluster.serverSettings.has(name))
    .sort();
  return {
    desired: {
      engine: source.declarations.instance?.spec.engine ?? 'postgres',
      ...(Object.keys(declaredSettings).length === 0
        ? {}
        : {
            settings: Object.fromEntries(
              Object.entries(declaredSettings).map(([name, value]) => [name, fold(name, value)]),
            ),
          }),
    },
    actual: {
      engine: 'postgres',
      settings: Object.fromEntries(
        names.map((name) => [name, fold(name, cluster.serverSettings.get(name)?.value ?? '')]),
      ),
      tablespaces: cluster.tablespaces
        .filter((each) => !each.name.startsWith('pg_'))
        .map((each) => ({ name: each.name, owner: each.owner })),
    },
  };
}
