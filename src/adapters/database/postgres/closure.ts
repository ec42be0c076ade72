import type { ClusterCatalog, Membership } from './server-catalog.ts';

/** How far one role's powers reach over memberships. */
export interface Reach {
  /** Roles whose privileges a role holds without doing anything. */
  holds(role: string): ReadonlySet<string>;
  /** Roles it can become or give itself. */
  reaches(role: string): ReadonlySet<string>;
  /** Logins that hold or reach a role, itself included. */
  loginsOf(role: string): readonly string[];
  /** Why a role is as good as a superuser; undefined when it is not. */
  superuserBy(role: string): string | undefined;
}

/** Predefined roles with which a superuser can be made. */
const POWERFUL_ROLES: ReadonlySet<string> = new Set([
  'pg_execute_server_program',
  'pg_write_server_files',
  'pg_read_server_files',
]);

function closureOf(edges: ReadonlyMap<string, readonly string[]>): (role: string) => ReadonlySet<string> {
  const known = new Map<string, ReadonlySet<string>>();
  return (role) => {
    const found = known.get(role);
    if (found !== undefined) return found;
    const seen = new Set([role]);
    const waiting = [role];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      for (const to of edges.get(next) ?? []) {
        if (seen.has(to)) continue;
        seen.add(to);
        waiting.push(to);
      }
    }
    known.set(role, seen);
    return seen;
  };
}

function edgesBy(
  memberships: readonly Membership[],
  from: (each: Membership) => string,
  to: (each: Membership) => string,
): ReadonlyMap<string, readonly string[]> {
  const edges = new Map<string, string[]>();
  for (const each of memberships) {
    const list = edges.get(from(each));
    if (list === undefined) edges.set(from(each), [to(each)]);
    else list.push(to(each));
  }
  return edges;
}

/** The closure over memberships: an edge with inherit holds, with set can become, with admin can give itself. Computed here, never by a call per pair. */
export function reachOf(cluster: ClusterCatalog): Reach {
  const holds = closureOf(
    edgesBy(
      cluster.memberships.filter((each) => each.inherit),
      (each) => each.member,
      (each) => each.role,
    ),
  );
  const reaching = cluster.memberships.filter((each) => each.inherit || each.set || each.admin);
  const reaches = closureOf(
    edgesBy(
      reaching,
      (each) => each.member,
      (each) => each.role,
    ),
  );
  const reachedBy = closureOf(
    edgesBy(
      reaching,
      (each) => each.role,
      (each) => each.member,
    ),
  );

  function superuserBy(role: string): string | undefined {
    for (const reached of reaches(role)) {
      const attributes = cluster.roles.get(reached)?.attributes;
      const via = reached === role ? '' : ` through ${reached}`;
      if (attributes?.superuser === true) return `SUPERUSER${via}`;
      if (POWERFUL_ROLES.has(reached)) return reached === role ? reached : `${reached} by membership`;
      if (cluster.version < 16 && attributes?.createrole === true) return `CREATEROLE${via}`;
    }
    return undefined;
  }

  return {
    holds,
    reaches,
    superuserBy,
    loginsOf: (role) =>
      [...reachedBy(role)].filter((name) => cluster.roles.get(name)?.attributes.login === true).sort(),
  };
}
