import { z } from 'zod';

const ServerBoolean = z.enum(['t', 'f']).transform((word) => word === 't');

export const ServerRights = z.object({
  user: z.string(),
  version: z.coerce.number(),
  in_recovery: ServerBoolean,
  superuser: ServerBoolean,
  createdb: ServerBoolean,
  createrole: ServerBoolean,
  replication: ServerBoolean,
  bypassrls: ServerBoolean,
  read_only: z.string(),
  all_settings: ServerBoolean,
  role_rows: ServerBoolean,
  verifiers: ServerBoolean,
});
export type ServerRights = z.infer<typeof ServerRights>;

export const DatabaseRights = z.object({
  database: z.string(),
  can_connect: ServerBoolean,
  can_create: ServerBoolean,
  open: ServerBoolean,
  template: ServerBoolean,
});
export type DatabaseRights = z.infer<typeof DatabaseRights>;

export const Owned = z.object({ place: z.string(), things: z.coerce.number() });
export const Group = z.object({ group: z.string() });
export const Writable = z.object({
  schemas: z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text))),
  tables: z.coerce.number(),
});
export const ActuatorRight = z.object({
  kind: z.enum(['self', 'superuser', 'owner', 'managed']),
  role: z.string(),
  holds: ServerBoolean.nullable(),
});
export type ActuatorRight = z.infer<typeof ActuatorRight>;

/** Everything read of the rights of one unit's identities. */
export interface RightsRead {
  readonly server: ServerRights;
  readonly databases: readonly DatabaseRights[];
  readonly owned: readonly z.infer<typeof Owned>[];
  readonly groups: readonly string[];
  readonly writable: ReadonlyMap<string, z.infer<typeof Writable>>;
  readonly actuator: readonly ActuatorRight[];
}
