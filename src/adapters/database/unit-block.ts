import { z } from 'zod';
import { parseGoDuration } from '../../core/model/duration.ts';
import { globMatches } from './glob.ts';

const duration = z.string().refine((text) => parseGoDuration(text) !== undefined, 'write a duration such as 30s');

/** How a connection is protected. */
export const TlsBlock = z.strictObject({
  mode: z.enum(['disable', 'require', 'verify-ca', 'verify-full']).optional(),
  caFile: z.string().optional(),
});

/** The block `database` of a unit: everything special to database units. */
export const DatabaseBlock = z.strictObject({
  connection: z
    .strictObject({
      host: z.string().optional(),
      port: z.int().positive().max(65_535).optional(),
      database: z.string().optional(),
      tls: TlsBlock.optional(),
    })
    .default({}),
  databases: z
    .strictObject({ include: z.array(z.string()).default(['*']), exclude: z.array(z.string()).default([]) })
    .default({ include: ['*'], exclude: [] }),
  roles: z.strictObject({ exclude: z.array(z.string()).default([]) }).default({ exclude: [] }),
  passwords: z.enum(['off']).default('off'),
  settings: z.record(z.string(), z.string()).default({}),
  observe: z
    .strictObject({
      fullReadInterval: duration.default('1h'),
      fingerprint: z.boolean().default(true),
      concurrency: z.int().min(1).max(32).default(4),
      statementTimeout: duration.default('30s'),
      lockTimeout: duration.default('2s'),
      replica: z.enum(['allow', 'deny']).default('allow'),
    })
    .prefault({}),
  remediation: z.strictObject({ terminateSessions: z.boolean().default(false) }).prefault({}),
});
export type DatabaseBlock = z.infer<typeof DatabaseBlock>;

/** Whether a database is read and judged: what the unit's document excludes is neither. */
export function includesDatabase({ databases }: DatabaseBlock, name: string): boolean {
  return (
    databases.include.some((glob) => globMatches(glob, name)) &&
    !databases.exclude.some((glob) => globMatches(glob, name))
  );
}

/** Whether a role that no document declares is judged. */
export function includesRole({ roles }: DatabaseBlock, name: string): boolean {
  return !roles.exclude.some((glob) => globMatches(glob, name));
}
