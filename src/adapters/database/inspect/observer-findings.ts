import type { UnitInspection } from '../../../ports/adapter.ts';
import { connectGrant, readOnlyDefault, roleRowsGrant, settingsGrant } from '../grants/observer-grants.ts';
import { oneLine } from '../postgres/failure.ts';
import { quoteIdentifier } from '../postgres/statements/quote.ts';
import type { RightsRead, ServerRights } from './rights.ts';

export type InspectionFinding = UnitInspection['findings'][number];

const POWERS = [
  'superuser',
  'createdb',
  'createrole',
  'replication',
  'bypassrls',
] as const satisfies readonly (keyof ServerRights)[];

const DANGEROUS_GROUPS: ReadonlySet<string> = new Set([
  'pg_write_all_data',
  'pg_write_server_files',
  'pg_read_server_files',
  'pg_execute_server_program',
  'pg_read_all_data',
  'pg_database_owner',
  'pg_signal_backend',
  'pg_maintain',
  'pg_create_subscription',
  'pg_checkpoint',
]);
const EXPECTED_GROUPS: ReadonlySet<string> = new Set(['pg_read_all_settings']);

/** Every way in which the observer could do more than look. */
function excesses({ server, databases, owned, groups, writable }: RightsRead): readonly string[] {
  const powers = POWERS.filter((power) => server[power]).map((power) => `is ${power.toUpperCase()}`);
  if (server.superuser) return powers;
  const creating = databases
    .filter((each) => each.can_create)
    .map((each) => `may create schemas in ${oneLine(each.database)}`);
  const inside = [...writable].flatMap(([database, { schemas, tables }]) => [
    ...schemas.map((schema) => `may create in ${oneLine(database)}.${oneLine(schema)}`),
    ...(tables === 0 ? [] : [`may write ${tables} tables of ${oneLine(database)}`]),
  ]);
  return [
    ...powers,
    ...owned.map((each) => `owns ${each.things} things in ${oneLine(each.place)}`),
    ...groups.filter((group) => DANGEROUS_GROUPS.has(group)).map((group) => `is a member of ${group}`),
    ...(server.verifiers ? ['may read password verifiers (pg_authid)'] : []),
    ...creating,
    ...inside,
  ];
}

function overprivileged(rights: RightsRead): InspectionFinding {
  const found = excesses(rights);
  const check = 'OVERPRIVILEGED';
  const user = oneLine(rights.server.user);
  if (found.length === 0) return { check, status: 'pass', detail: `${user} can look and nothing more` };
  const detail = `${user} ${found.join('; ')}`;
  return {
    check,
    status: 'fail',
    detail,
    next: 'observe with the role that `kedge db grants UNIT --role observer` prints',
  };
}

function missingConnects({ server, databases, writable }: RightsRead): readonly InspectionFinding[] {
  return databases
    .filter((each) => each.open && !each.template && !each.can_connect && !writable.has(each.database))
    .map((each) => ({
      check: 'missing grant',
      status: 'fail',
      detail: `${oneLine(server.user)} may not connect to ${oneLine(each.database)}: nothing in it is checked (PERMISSION)`,
      next: connectGrant(each.database, server.user),
    }));
}

function missingSettings({ server }: RightsRead): readonly InspectionFinding[] {
  const check = 'missing grant';
  const wanted: readonly (InspectionFinding | undefined)[] = [
    server.all_settings
      ? undefined
      : {
          check,
          status: 'fail',
          detail: 'settings that only superusers see are not read: preloaded libraries, logging',
          next: settingsGrant(server.user),
        },
    server.read_only === 'on'
      ? undefined
      : {
          check,
          status: 'fail',
          detail: 'transactions of the observer are read-only only because Kedge says so each time',
          next: readOnlyDefault(server.user),
        },
    server.role_rows
      ? undefined
      : {
          check: 'optional grant',
          status: 'pass',
          detail: 'who wrote a role is not attributed exactly',
          next: roleRowsGrant(server.user),
        },
  ];
  return wanted.filter((each) => each !== undefined);
}

function superfluous({ server, groups }: RightsRead): readonly InspectionFinding[] {
  return groups
    .filter((group) => !EXPECTED_GROUPS.has(group))
    .map((group) => ({
      check: 'superfluous grant',
      status: 'fail',
      detail: `${oneLine(server.user)} is a member of ${oneLine(group)} and needs it for nothing`,
      next: `REVOKE ${quoteIdentifier(group)} FROM ${quoteIdentifier(server.user)};`,
    }));
}

/** What doctor says of the identity that looks. */
export function observerFindings(rights: RightsRead): readonly InspectionFinding[] {
  const own = [overprivileged(rights), ...missingConnects(rights)];
  return rights.server.superuser ? own : [...own, ...missingSettings(rights), ...superfluous(rights)];
}
