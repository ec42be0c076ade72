import type { ReaderContext, UnitInspection } from '../../../ports/adapter.ts';
import type { SourceDocument } from '../../../ports/document-source.ts';
import { OperationError } from '../../../core/model/operation-error.ts';
import { hasAnnotation, readDeclarations, type Declarations } from '../documents/declarations.ts';
import { declaredOwners, managedRoles } from '../grants/print-grants.ts';
import { resolveEndpoint, tlsWord, toConnectionFault, type Endpoint } from '../postgres/connection.ts';
import { oneLine } from '../postgres/failure.ts';
import { DatabaseBlock, includesDatabase } from '../unit-block.ts';
import { actuatorFindings, actuatorName } from './actuator-findings.ts';
import { observerFindings, type InspectionFinding } from './observer-findings.ts';
import { readRights } from './read-rights.ts';
import type { RightsRead } from './rights.ts';

type Resources = UnitInspection['resources'];
type NotCompared = UnitInspection['notCompared'];

function declared(
  declarations: Declarations,
): readonly (
  | Declarations['databases'][number]
  | Declarations['users'][number]
  | Declarations['roles'][number]
  | Declarations['grants'][number]
)[] {
  return [...declarations.databases, ...declarations.users, ...declarations.roles, ...declarations.grants];
}

function settingsOf(declarations: Declarations): Resources {
  return declared(declarations).flatMap(({ resource, policy }): Resources => [
    { resource, setting: 'driftPolicy.mode', value: policy.mode, origin: policy.modeOrigin },
    { resource, setting: 'driftPolicy.interval', value: policy.intervalText, origin: policy.intervalOrigin },
  ]);
}

function notComparedOf(declarations: Declarations, block: DatabaseBlock): NotCompared {
  const silent = declared(declarations).flatMap((each): NotCompared => {
    if (hasAnnotation(each, 'skip-reconcile'))
      return [
        { what: each.resource, why: 'its document has the annotation skip-reconcile', how: 'remove the annotation' },
      ];
    return each.policy.mode === 'ignore'
      ? [
          {
            what: each.resource,
            why: `driftPolicy.mode is ignore (${each.policy.modeOrigin})`,
            how: 'set the mode to detect or correct',
          },
        ]
      : [];
  });
  const excluded = [
    ...block.databases.exclude.map((glob) => `databases ${glob}`),
    ...block.roles.exclude.map((glob) => `roles ${glob}`),
  ];
  return [
    {
      what: 'password',
      why: 'password: not compared',
      how: 'this version compares no passwords: check them with the service that uses them',
    },
    ...excluded.map((what) => ({ what, why: 'excluded by the unit', how: 'remove it from spec.database' })),
    ...declarations.notCompared.map((document) => ({
      what: `${document.kind} ${document.name}`,
      why: 'not checked (backup kind)',
      how: 'its own operator reports on it',
    })),
    ...silent,
  ];
}

function connectionFinding(endpoint: Endpoint, rights: RightsRead): readonly InspectionFinding[] {
  const { server } = rights;
  const place = `${endpoint.host}:${endpoint.port}`;
  const tls = tlsWord(endpoint);
  const weak = tls === 'none' || tls === 'unverified';
  const version = `PostgreSQL ${Math.floor(server.version / 10_000)}`;
  return [
    {
      check: 'identity',
      status: 'pass',
      detail: `${oneLine(server.user)} on ${place}, ${version}, ${server.in_recovery ? 'a standby: acting needs the primary (NOT_PRIMARY)' : 'the primary'}`,
    },
    weak
      ? {
          check: 'TLS_WEAK',
          status: 'fail',
          detail: `the connection is ${endpoint.tlsMode}: Kedge reads and never writes over it`,
          next: 'set spec.database.connection.tls.mode to verify-full',
        }
      : {
          check: 'TLS',
          status: 'pass',
          detail: tls === 'local' ? 'the connection does not leave this machine' : 'the certificate is verified',
        },
  ];
}

function failure(detail: string, next: string): InspectionFinding {
  return { check: 'connection', status: 'fail', detail, next };
}

async function rightsFindings(
  context: ReaderContext,
  declarations: Declarations,
  signal: AbortSignal,
): Promise<readonly InspectionFinding[]> {
  const { unit } = context;
  const block = DatabaseBlock.parse(unit.block);
  const endpoint = resolveEndpoint(block, declarations);
  if (endpoint === undefined)
    return [failure('nothing says where the server is', 'declare a DatabaseInstance or database.connection.host')];
  if (unit.credentials === undefined)
    return [failure('the unit names no credentials', 'name the observer under credentials')];
  const { username, password } = await context.credentials.resolve(unit.credentials, signal);
  if (username === undefined) return [failure('credentials hold no username', 'name it under credentials.username')];
  const rights = await readRights(
    {
      endpoint,
      identity: { username, password },
      actuator: actuatorName(unit),
      owners: declaredOwners(declarations),
      managed: managedRoles(declarations),
      includes: (name) => includesDatabase(block, name),
    },
    signal,
  );
  return [...connectionFinding(endpoint, rights), ...observerFindings(rights), ...actuatorFindings(rights, unit)];
}

async function findingsOf(
  context: ReaderContext,
  declarations: Declarations,
  signal: AbortSignal,
): Promise<readonly InspectionFinding[]> {
  try {
    return await rightsFindings(context, declarations, signal);
  } catch (cause) {
    if (cause instanceof OperationError) return [failure(cause.message, cause.next ?? 'mend the credential')];
    const fault = toConnectionFault(cause);
    return [
      {
        check: 'connection',
        status: 'fail',
        detail: `${fault.reason}: ${oneLine(fault.detail)}`,
        next: 'nothing is known of rights until the server answers',
      },
    ];
  }
}

/** What doctor and the contract say of one database unit. Reads only. */
export async function inspectServer(
  context: ReaderContext,
  documents: readonly SourceDocument[],
  signal: AbortSignal,
): Promise<UnitInspection> {
  const declarations = readDeclarations(context.unit, documents);
  const refused = declarations.refused.map((each): InspectionFinding => ({
    check: 'document',
    status: 'fail',
    detail: `${each.location.file}:${each.location.line}:${each.location.column} ${each.message}`,
    next: 'until it is mended this resource alone is unknown',
  }));
  return {
    notCompared: notComparedOf(declarations, DatabaseBlock.parse(context.unit.block)),
    findings: [...(await findingsOf(context, declarations, signal)), ...refused],
    resources: settingsOf(declarations),
  };
}
