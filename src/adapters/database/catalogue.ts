import type { Catalogue, CatalogueEntry, ListKey } from '../../core/model/catalogue.ts';
import { appraise } from './appraisal.ts';
import { ALTER, CREATE, NONE } from './offers.ts';

type Row = Omit<CatalogueEntry, 'type' | 'gated'>;

function of(type: string, rows: readonly Row[]): readonly CatalogueEntry[] {
  return rows.map((row) => ({ type, gated: true, ...row }));
}

const IDENTITY: Row = {
  path: '/$identity',
  category: 'identity',
  effect: 'unknown',
  floor: 'CRITICAL',
  hints: ['RECREATED'],
  offer: NONE,
};

/** Paths of users and roles alike. */
const PRINCIPAL: readonly Row[] = [
  { path: '/', category: 'identity', effect: 'presence', held: 'identity', offer: CREATE },
  IDENTITY,
  { path: '/attributes/superuser', category: 'privilege', effect: 'flag', field: 'superuser', offer: ALTER },
  { path: '/attributes/createdb', category: 'privilege', effect: 'flag', field: 'createdb', offer: ALTER },
  { path: '/attributes/createrole', category: 'privilege', effect: 'flag', field: 'createrole', offer: ALTER },
  { path: '/attributes/inherit', category: 'privilege', effect: 'flag', field: 'inherit', offer: ALTER },
  { path: '/attributes/login', category: 'privilege', effect: 'flag', field: 'login', offer: ALTER },
  { path: '/attributes/replication', category: 'privilege', effect: 'flag', field: 'replication', offer: ALTER },
  { path: '/attributes/bypassrls', category: 'privilege', effect: 'flag', field: 'bypassrls', offer: ALTER },
  { path: '/validUntil', category: 'other', effect: 'neutral', field: 'validUntil', offer: ALTER },
  {
    path: '/connectionLimit',
    category: 'capacity',
    effect: 'neutral',
    cap: 'LOW',
    field: 'connectionLimit',
    offer: ALTER,
  },
  { path: '/settings/*', category: 'other', effect: 'neutral', cap: 'LOW', field: 'configParameters.{}', offer: ALTER },
  {
    path: '/settings/role',
    category: 'privilege',
    effect: 'unknown',
    floor: 'HIGH',
    field: 'defaultRole',
    offer: ALTER,
  },
  {
    path: '/memberOf/*',
    category: 'privilege',
    effect: 'presence',
    atomic: true,
    field: 'inRoles.missing',
    offer: ALTER,
  },
  {
    path: '/extraMemberOf/*',
    category: 'privilege',
    effect: 'presence',
    atomic: true,
    floor: 'HIGH',
    field: 'inRoles.extra',
    offer: ALTER,
  },
  { path: '/grants/*', category: 'privilege', effect: 'set', atomic: true, field: 'grants.{}.missing', offer: ALTER },
  {
    path: '/extraGrants/*',
    category: 'privilege',
    effect: 'presence',
    atomic: true,
    field: 'grants.{}.extra',
    offer: ALTER,
  },
  { path: '/privileges/*', category: 'privilege', effect: 'presence', atomic: true, offer: ALTER },
  { path: '/defaults/*', category: 'privilege', effect: 'presence', atomic: true, floor: 'HIGH', offer: ALTER },
];

const USER: readonly Row[] = [
  {
    path: '/name',
    category: 'identity',
    effect: 'unknown',
    destructive: true,
    immutable: true,
    field: 'username',
    offer: NONE,
  },
  ...PRINCIPAL,
];
const ROLE: readonly Row[] = [
  {
    path: '/name',
    category: 'identity',
    effect: 'unknown',
    destructive: true,
    immutable: true,
    field: 'roleName',
    offer: NONE,
  },
  ...PRINCIPAL,
];

const GRANT: readonly Row[] = [
  { path: '/', category: 'privilege', effect: 'presence', held: 'nothing', offer: NONE },
  { path: '/grants/*', category: 'privilege', effect: 'set', atomic: true, field: 'grants.{}.missing', offer: ALTER },
  {
    path: '/extraGrants/*',
    category: 'privilege',
    effect: 'presence',
    atomic: true,
    destructive: true,
    field: 'grants.{}.extra',
    offer: ALTER,
  },
  { path: '/roles/*', category: 'privilege', effect: 'presence', atomic: true, field: 'roles.missing', offer: ALTER },
  {
    path: '/extraRoles/*',
    category: 'privilege',
    effect: 'presence',
    atomic: true,
    destructive: true,
    floor: 'HIGH',
    field: 'roles.extra',
    offer: ALTER,
  },
  {
    path: '/defaults/*',
    category: 'privilege',
    effect: 'set',
    atomic: true,
    field: 'defaultPrivileges.missing',
    offer: ALTER,
  },
  {
    path: '/extraDefaults/*',
    category: 'privilege',
    effect: 'presence',
    atomic: true,
    destructive: true,
    floor: 'HIGH',
    field: 'defaultPrivileges.extra',
    offer: ALTER,
  },
];

const DATABASE: readonly Row[] = [
  { path: '/', category: 'data', effect: 'presence', held: 'data', floor: 'CRITICAL', offer: NONE },
  { path: '/$identity', category: 'data', effect: 'unknown', floor: 'CRITICAL', hints: ['RECREATED'], offer: NONE },
  { path: '/owner', category: 'privilege', effect: 'unknown', floor: 'HIGH', field: 'owner', offer: ALTER },
  {
    path: '/connectionLimit',
    category: 'capacity',
    effect: 'neutral',
    cap: 'LOW',
    field: 'connectionLimit',
    offer: ALTER,
  },
  {
    path: '/locale/encoding',
    category: 'data',
    effect: 'neutral',
    destructive: true,
    floor: 'HIGH',
    field: 'encoding',
    offer: NONE,
  },
  {
    path: '/locale/collation',
    category: 'data',
    effect: 'neutral',
    destructive: true,
    floor: 'HIGH',
    field: 'collation',
    offer: NONE,
  },
  {
    path: '/locale/ctype',
    category: 'data',
    effect: 'neutral',
    destructive: true,
    floor: 'HIGH',
    field: 'ctype',
    offer: NONE,
  },
  {
    path: '/template',
    category: 'other',
    effect: 'neutral',
    destructive: true,
    immutable: true,
    field: 'template',
    offer: NONE,
  },
  { path: '/isTemplate', category: 'other', effect: 'neutral', field: 'isTemplate', offer: ALTER },
  { path: '/allowConnections', category: 'other', effect: 'neutral', field: 'allowConnections', offer: ALTER },
  { path: '/tablespace', category: 'other', effect: 'neutral', field: 'tablespace', offer: NONE },
  { path: '/extensions/*', category: 'schema', effect: 'neutral', field: 'extensions.missing', offer: CREATE },
  {
    path: '/extensions/*/version',
    category: 'schema',
    effect: 'neutral',
    field: 'extensions.{}.version',
    offer: { write: 'alter', care: ['upgrades'] },
  },
  { path: '/schemas/*', category: 'schema', effect: 'neutral', field: 'schemas.missing', offer: CREATE },
  {
    path: '/schemas/*/owner',
    category: 'privilege',
    effect: 'unknown',
    floor: 'HIGH',
    field: 'schemas.{}.owner',
    offer: ALTER,
  },
  {
    path: '/defaults/*',
    category: 'privilege',
    effect: 'set',
    atomic: true,
    field: 'defaultPrivileges.missing',
    offer: ALTER,
  },
  {
    path: '/extraDefaults/*',
    category: 'privilege',
    effect: 'presence',
    atomic: true,
    floor: 'HIGH',
    field: 'defaultPrivileges.extra',
    offer: ALTER,
  },
  { path: '/owners/*', category: 'privilege', effect: 'unknown', atomic: true, floor: 'HIGH', offer: NONE },
  { path: '/definers/*', category: 'privilege', effect: 'presence', atomic: true, floor: 'HIGH', offer: NONE },
  { path: '/rowSecurity/*', category: 'privilege', effect: 'absence', atomic: true, floor: 'CRITICAL', offer: NONE },
  { path: '/triggers/*', category: 'privilege', effect: 'absence', atomic: true, floor: 'CRITICAL', offer: NONE },
  { path: '/languages/*', category: 'privilege', effect: 'presence', atomic: true, floor: 'HIGH', offer: NONE },
  { path: '/servers/*', category: 'privilege', effect: 'presence', atomic: true, floor: 'HIGH', offer: NONE },
  { path: '/settings/*', category: 'other', effect: 'neutral', cap: 'LOW', offer: NONE },
];

const INSTANCE: readonly Row[] = [
  { path: '/', category: 'data', effect: 'unknown', held: 'data', floor: 'CRITICAL', offer: NONE },
  IDENTITY,
  { path: '/engine', category: 'other', effect: 'neutral', immutable: true, field: 'engine', offer: NONE },
  { path: '/settings/*', category: 'other', effect: 'neutral', cap: 'LOW', offer: NONE },
  { path: '/tablespaces/*', category: 'privilege', effect: 'unknown', atomic: true, floor: 'HIGH', offer: NONE },
];

const LISTS: readonly ListKey[] = [
  ...[
    '/grants',
    '/extraGrants',
    '/privileges',
    '/defaults',
    '/extraDefaults',
    '/owners',
    '/definers',
    '/rowSecurity',
  ].map((path): ListKey => ({ type: '*', path, key: 'on' })),
  ...['/memberOf', '/extraMemberOf', '/roles', '/extraRoles'].map((path): ListKey => ({
    type: '*',
    path,
    key: 'role',
  })),
  ...['/extensions', '/schemas', '/triggers', '/languages', '/servers', '/tablespaces'].map((path): ListKey => ({
    type: '*',
    path,
    key: 'name',
  })),
];

/** The paths of database servers: the only map between the documents' words and the findings' paths. */
export const DATABASE_CATALOGUE: Catalogue = {
  domain: 'database',
  recordedBy: 'snapshot',
  entries: [
    ...of('user', USER),
    ...of('role', ROLE),
    ...of('grant', GRANT),
    ...of('database', DATABASE),
    ...of('instance', INSTANCE),
  ],
  lists: LISTS,
  appraise,
};
