import type { JsonValue } from '../../../core/model/json.ts';
import type { Declarations } from '../documents/declarations.ts';
import type { PrivilegeIndex } from './privilege-index.ts';
import type { ClusterCatalog, DatabaseCatalog } from './server-catalog.ts';

/** Everything of one look that trees are made from. */
export interface TreeSource {
  readonly declarations: Declarations;
  readonly cluster: ClusterCatalog;
  readonly databases: ReadonlyMap<string, DatabaseCatalog>;
  readonly index: PrivilegeIndex;
  readonly version: number;
}

export type UserDeclaration = Declarations['users'][number];
export type RoleDeclaration = Declarations['roles'][number];
export type GrantDeclaration = Declarations['grants'][number];
export type DatabaseDeclaration = Declarations['databases'][number];

/** A tree as JSON: what is undefined is not there. */
export function json(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}
