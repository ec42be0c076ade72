import {
  planDatabaseConnectionLimit,
  planDatabaseFlag,
  planDatabaseOwner,
  planExtension,
  planSchema,
} from './plan-database.ts';
import { planDefault } from './plan-default.ts';
import { planMembership } from './plan-membership.ts';
import { planGrants, planHeld } from './plan-privilege.ts';
import {
  planAttribute,
  planRename,
  planRoleConnectionLimit,
  planRoleCreate,
  planSetting,
  planValidUntil,
} from './plan-role.ts';
import { pathNames, refuse, type PlanSubject, type Proposal } from './plan-subject.ts';

type Planner = (subject: PlanSubject) => Proposal;

/** What is offered for a path, by its first segment. A path that is not here is never written. */
const ROLE_PLANNERS: Readonly<Record<string, Planner>> = {
  attributes: planAttribute,
  connectionLimit: planRoleConnectionLimit,
  validUntil: planValidUntil,
  settings: planSetting,
  memberOf: planMembership,
  extraMemberOf: planMembership,
  roles: planMembership,
  extraRoles: planMembership,
  grants: planGrants,
  extraGrants: planHeld,
  privileges: planHeld,
  defaults: planDefault,
  extraDefaults: planDefault,
  name: planRename,
};

const DATABASE_PLANNERS: Readonly<Record<string, Planner>> = {
  owner: planDatabaseOwner,
  connectionLimit: planDatabaseConnectionLimit,
  isTemplate: planDatabaseFlag,
  allowConnections: planDatabaseFlag,
  schemas: planSchema,
  extensions: planExtension,
  settings: planSetting,
  defaults: planDefault,
  extraDefaults: planDefault,
};

const PLANNERS: Readonly<Record<string, Readonly<Record<string, Planner>>>> = {
  database: DATABASE_PLANNERS,
  user: ROLE_PLANNERS,
  role: ROLE_PLANNERS,
  grant: ROLE_PLANNERS,
};

/** Where nothing is offered, the reason a person is told. */
const REASONS: Readonly<Record<string, string>> = {
  locale: 'encoding and collation change only with a new database, which this version does not make',
  password: 'passwords are not compared, so nothing is known that could be put back',
  template: 'a template cannot be changed after creation',
  engine: 'the engine of a server cannot be changed',
  tablespace: 'moving a database rewrites its files and is left to people',
  ownership: 'the ownership model is put right by its own migration command',
  settings: 'settings of the server are never written',
};

function planWhole(subject: PlanSubject): Proposal {
  const { difference, resource } = subject;
  const isRole = resource.type === 'user' || resource.type === 'role';
  if (difference.relation === 'MISSING' && isRole) return planRoleCreate(subject);
  if (difference.relation === 'MISSING' && resource.type === 'database') {
    return refuse('INADMISSIBLE', 'a database that is gone is not created again: an empty one would hide the loss');
  }
  return refuse('INADMISSIBLE', `nothing is offered for ${resource.resource} as a whole, and nothing is ever dropped`);
}

/** What the adapter can write to close one difference. */
export function proposeFor(subject: PlanSubject): Proposal {
  const { difference, resource } = subject;
  if (difference.immutable && !difference.path.startsWith('/name'))
    return refuse('IMMUTABLE', `${difference.path} cannot be changed after creation`);
  if (difference.path === '/') return planWhole(subject);
  const [root = ''] = pathNames(difference);
  if (difference.offer.write === 'none')
    return refuse('INADMISSIBLE', REASONS[root] ?? `nothing is offered for ${difference.path}`);
  const planners = PLANNERS[resource.type];
  const planner = planners !== undefined && Object.hasOwn(planners, root) ? planners[root] : undefined;
  if (planner !== undefined) return planner(subject);
  return refuse(
    'INADMISSIBLE',
    REASONS[root] ?? `no statement is offered for ${difference.path} of ${resource.resource}`,
  );
}
