import type { AdapterDescriptor } from '../../ports/adapter.ts';
import type { SourceDocument } from '../../ports/document-source.ts';
import type { Diagnostic } from '../../core/model/diagnostic.ts';
import type { Unit } from '../../core/model/unit.ts';
import { DATABASE_CATALOGUE } from './catalogue.ts';
import { COVERAGE } from './coverage.ts';
import { hasAnnotation, readDeclarations, type Declarations } from './documents/declarations.ts';
import { DBOPS_GROUP, DBOPS_KINDS } from './documents/schema.ts';
import { inspectServer } from './inspect/inspect-server.ts';
import { judges } from './judges.ts';
import { DATABASE_METRICS } from './metrics.ts';
import { createPostgresActuator } from './postgres/actuator.ts';
import { resolveEndpoint } from './postgres/connection.ts';
import { createPostgresObserver } from './postgres/observer.ts';
import { NORMALIZER_VERSION } from './postgres/assembly.ts';
import { operatorStatuses } from './status.ts';
import { DatabaseBlock } from './unit-block.ts';

const MINUTE = 60_000;

function allDeclared(
  declarations: Declarations,
): readonly (
  | Declarations['databases'][number]
  | Declarations['users'][number]
  | Declarations['roles'][number]
  | Declarations['grants'][number]
)[] {
  return [...declarations.databases, ...declarations.users, ...declarations.roles, ...declarations.grants];
}

/** A unit whose documents name no server is unknown at every check. A warning: a set is not refused for what a later edit mends. */
function withoutServer(unit: Unit, declarations: Declarations): readonly Diagnostic[] {
  const named = resolveEndpoint(unit.block as unknown as DatabaseBlock, declarations) !== undefined;
  if (named || declarations.refused.length > 0) return [];
  const { path } = unit.source;
  const where = typeof path === 'string' ? `below ${path}` : 'in the working set';
  return [
    {
      code: 'NO_SERVER',
      level: 'warning',
      message: `${unit.name} names no server: no DatabaseInstance stands ${where}, so every check of it is UNKNOWN`,
      ...(unit.declaredAt === undefined ? {} : { location: unit.declaredAt }),
      next: 'correct spec.source.path, add the DatabaseInstance document, or set spec.database.connection.host',
    },
  ];
}

function lint(unit: Unit, documents: readonly SourceDocument[]): readonly Diagnostic[] {
  const declarations = readDeclarations(unit, documents);
  const refused = declarations.refused.map((each): Diagnostic => ({
    code: 'CONFIG_INVALID',
    level: 'error',
    message: each.message,
    location: each.location,
    next: 'until it is mended this resource alone is unknown',
  }));
  const allowed = allDeclared(declarations)
    .filter((each) => hasAnnotation(each, 'allow-destructive-drift') && unit.environment === 'prod')
    .map((each): Diagnostic => ({
      code: 'DESTRUCTIVE_ALLOWED',
      level: 'warning',
      message: `${each.resource} allows destructive corrections in prod`,
      location: each.declaredAt,
      next: 'the annotation is for development, or after verified backups: remove it',
    }));
  const silent =
    unit.policies.undeclaredPaths !== 'ignore' || unit.declaredAt === undefined
      ? []
      : [
          {
            code: 'UNDECLARED_IGNORED',
            level: 'warning' as const,
            message: `${unit.name} compares nothing that no document declares: a privilege given by hand elsewhere stays unseen`,
            location: unit.declaredAt,
            next: 'set policies.undeclaredPaths to security',
          },
        ];
  return [...withoutServer(unit, declarations), ...refused, ...allowed, ...silent];
}

function interval(unit: Unit, documents: readonly SourceDocument[]): number | undefined {
  const declared = allDeclared(readDeclarations(unit, documents)).filter(
    (each) => each.policy.mode !== 'ignore' && !(unit.schedule.asked && each.policy.intervalOrigin === 'default'),
  );
  return declared.length === 0 ? undefined : Math.min(...declared.map((each) => each.policy.interval));
}

/** Database servers: PostgreSQL 14 to 18. */
export const databaseAdapter: AdapterDescriptor = {
  system: 'database',
  unitTypes: [
    {
      type: 'database-instance',
      block: 'database',
      schema: DatabaseBlock,
      sourceRequired: true,
      undeclaredPaths: 'security',
      convergeWithin: 15 * MINUTE,
      timeout: 10 * MINUTE,
      stateBackend: 'kedge-snapshot',
      observationMethod:
        'one read-only repeatable-read transaction a database over the system catalogs, with the observe identity alone',
      observationWeakness:
        'a change undone between two looks is not seen; without an audit source nobody can be named; passwords are not compared',
      diffMethod:
        'three planes by path: the documents, the last verified snapshot, the catalogs; ACLs by grantor, memberships by closure',
      actuatorDescription:
        'one transaction that writes, reads again and commits only when every healed path is as declared',
    },
  ],
  documents: Object.entries(DBOPS_KINDS).map(([kind, { schema, compared }]) => ({
    apiVersion: DBOPS_GROUP,
    kind,
    schema,
    compared,
  })),
  catalogue: DATABASE_CATALOGUE,
  conditions: {},
  hints: {
    NOT_CREATED: 'declared, and never there as far as Kedge knows',
    RECREATED: 'dropped and made again under its name: what it held is gone',
    POWER_LOST: 'a strong power was taken from a role',
    NEW_TABLE_NOT_COVERED: 'a table made later lacks a privilege that covers all tables',
    SET_ASIDE: 'an old database, kept closed beside its new one',
    COVERAGE_GAP: 'something here is not modelled',
    SECRET_NEWER: 'the declared secret changed and the server did not',
    AUDIT_GAP: 'a change without a line in the audit log',
  },
  gatedKinds: Object.keys(DBOPS_KINDS),
  gates: [
    {
      code: 'TLS_WEAK',
      group: 'scope',
      approvable: false,
      meaning: 'the connection is not verified, so nothing is written over it',
    },
    { code: 'NOT_PRIMARY', group: 'scope', approvable: false, meaning: 'the server is a standby' },
    { code: 'IN_USE', group: 'reversible', approvable: false, meaning: 'somebody uses what would be set aside' },
  ],
  normalizerVersion: NORMALIZER_VERSION,
  coverage: COVERAGE,
  metrics: DATABASE_METRICS,
  observer: (context) => createPostgresObserver(context),
  actuator: (context) => createPostgresActuator(context),
  lint,
  judges,
  interval,
  async inspect(context, given, signal) {
    const inspection = await inspectServer(context, given.documents, signal);
    return { ...inspection, statuses: operatorStatuses(context.unit, given.documents, given) };
  },
};
