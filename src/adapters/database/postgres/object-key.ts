const SERVER_WIDE: ReadonlySet<string> = new Set(['tablespace', 'parameter']);

function part(name: string): string {
  return /[."()*]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}

/**
 * The key of a thing in a database: `shop.app.table.orders`. A name that holds a dot, a quote, a parenthesis or a star is quoted, so
 * that no two things share a key whatever they are called.
 */
export function databaseKey(database: string, ...names: readonly string[]): string {
  const first = SERVER_WIDE.has(database) ? `"${database}"` : part(database);
  return [first, ...names.map(part)].join('.');
}

/** The key of a type among the arguments of a function: what is no plain name is quoted, so that the list can be taken apart. */
export function typeKey(...names: readonly string[]): string {
  return names.map((name) => (/^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`)).join('.');
}

/** The database that a path of a privilege, an owner or a default speaks of: the first part of its key. */
export function databaseOfPath(path: string): string | undefined {
  const item = path.split('/').find((step) => step.startsWith('[on='));
  if (item === undefined) return undefined;
  const key = item.slice('[on='.length, -1).replaceAll('~1', '/').replaceAll('~0', '~');
  const [, quoted, plain = ''] = /^(?:"((?:[^"]|"")*)"|([^.]*))/.exec(key) ?? [];
  if (quoted !== undefined) return quoted.replaceAll('""', '"');
  return SERVER_WIDE.has(plain) ? undefined : plain;
}

/** The key of a rule about every table (sequence, function) of a schema: `shop.app.table.*`. */
export function everyKey(database: string, schema: string, kind: string): string {
  return `${databaseKey(database, schema, kind)}.*`;
}

/** The key of a thing that no database holds: `tablespace.fast`. */
export function serverKey(kind: 'tablespace' | 'parameter', name: string): string {
  return `${kind}.${part(name)}`;
}
