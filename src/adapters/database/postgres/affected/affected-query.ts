import { aclQueries, defaultAclQueries } from './acl-query.ts';
import { databaseQueries, extensionQueries, roleQueries, schemaQueries } from './role-query.ts';
import type { Subject } from './subject.ts';

function only<K extends Subject['kind']>(
  kind: K,
  subjects: readonly Subject[],
): readonly Extract<Subject, { readonly kind: K }>[] {
  return subjects.filter((subject): subject is Extract<Subject, { readonly kind: K }> => subject.kind === kind);
}

/** Where and on which server the subjects are read. */
export interface QueryPlace {
  readonly major: number;
  readonly database: string;
}

/**
 * One statement, hence one snapshot, that reads every subject as rows of (key, value, row, xmin).
 * Names are matched and joined inside it; nothing answers from a newer catalog.
 */
export function affectedQuery(subjects: readonly Subject[], place: QueryPlace): string {
  const queries = [
    ...roleQueries(
      only('role', subjects).map(({ role }) => role),
      place.major,
    ),
    ...databaseQueries(only('database', subjects).map(({ database }) => database)),
    ...schemaQueries(
      only('schema', subjects).map(({ schema }) => schema),
      place.database,
    ),
    ...extensionQueries(
      only('extension', subjects).map(({ extension }) => extension),
      place.database,
    ),
    ...aclQueries(only('acl', subjects).map(({ target }) => target)),
    ...defaultAclQueries(only('default', subjects)),
  ];
  return `SELECT q.key, q.value, q.source, q.xmin FROM (\n${queries.join('\nUNION ALL\n')}\n) AS q(key, value, source, xmin)`;
}
