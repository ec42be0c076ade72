import { z } from 'zod';
import {
  actualValue,
  itemOf,
  pathNames,
  propose,
  referencePlane,
  refuse,
  seenFact,
  wantedValue,
  type PlannedWrite,
  type PlanSubject,
  type Proposal,
} from './plan-subject.ts';
import { jsonText } from '../../../core/model/json.ts';

export function planDatabaseOwner({ difference, resource }: PlanSubject): Proposal {
  const owner = wantedValue(difference);
  if (typeof owner !== 'string') return refuse('INADMISSIBLE', 'no owner is declared');
  const loses = [`ownership of ${resource.name} by ${jsonText(actualValue(difference) ?? 'its owner')}`];
  return propose(
    [{ write: { kind: 'database-owner', database: resource.name, owner }, phase: 'owner', loses }],
    [seenFact(['database', resource.name, 'owner'], actualValue(difference))],
  );
}

export function planDatabaseConnectionLimit({ difference, resource }: PlanSubject): Proposal {
  const value = wantedValue(difference);
  if (typeof value !== 'number') return refuse('INADMISSIBLE', 'the declared connection limit is no number');
  return propose(
    [{ write: { kind: 'database-connection-limit', database: resource.name, value }, phase: 'limit', loses: [] }],
    [seenFact(['database', resource.name, 'connectionLimit'], actualValue(difference))],
  );
}

export function planDatabaseFlag({ difference, resource }: PlanSubject): Proposal {
  const flag = z.enum(['isTemplate', 'allowConnections']).safeParse(pathNames(difference)[0]);
  const value = wantedValue(difference);
  if (!flag.success || typeof value !== 'boolean')
    return refuse('INADMISSIBLE', `${difference.path} is no switch of a database`);
  return propose(
    [{ write: { kind: 'database-flag', database: resource.name, flag: flag.data, value }, phase: 'limit', loses: [] }],
    [seenFact(['database', resource.name, flag.data], actualValue(difference))],
  );
}

const SchemaItem = z.object({ name: z.string(), owner: z.string().optional() });

function createSchema(database: string, item: z.infer<typeof SchemaItem>): Proposal {
  const owner = item.owner === undefined ? {} : { owner: item.owner };
  const write: PlannedWrite = {
    write: { kind: 'schema-create', database, schema: item.name, ...owner },
    phase: 'create',
    loses: [],
  };
  return propose([write], [seenFact(['schema', database, item.name, 'oid'], undefined)]);
}

/** A schema that is missing, or has another owner. What was never declared stays. */
export function planSchema(subject: PlanSubject): Proposal {
  const { difference, resource } = subject;
  const wanted = SchemaItem.safeParse(itemOf(subject, referencePlane(difference)));
  const actual = SchemaItem.safeParse(itemOf(subject, 'actual'));
  if (!wanted.success) return refuse('INADMISSIBLE', `${difference.path} is not declared, and nothing is ever dropped`);
  if (!actual.success) return createSchema(resource.name, wanted.data);
  if (wanted.data.owner === undefined) return refuse('INADMISSIBLE', 'no owner is declared');
  const { name, owner } = wanted.data;
  return propose(
    [
      {
        write: { kind: 'schema-owner', database: resource.name, schema: name, owner },
        phase: 'owner',
        loses: [`ownership of ${resource.name}.${name} by ${actual.data.owner ?? 'its owner'}`],
      },
    ],
    [seenFact(['schema', resource.name, name, 'owner'], actual.data.owner)],
  );
}

const ExtensionItem = z.object({ name: z.string(), version: z.string().optional(), schema: z.string().optional() });

/** An extension that is missing, or whose version is behind. A downgrade does not exist. */
export function planExtension(subject: PlanSubject): Proposal {
  const { difference, resource } = subject;
  const wanted = ExtensionItem.safeParse(itemOf(subject, referencePlane(difference)));
  const actual = ExtensionItem.safeParse(itemOf(subject, 'actual'));
  if (!wanted.success) return refuse('INADMISSIBLE', `${difference.path} is not declared, and nothing is ever dropped`);
  const { name, version, schema = 'public' } = wanted.data;
  if (!actual.success) {
    const pinned = version === undefined ? {} : { version };
    return propose(
      [
        {
          write: { kind: 'extension-create', database: resource.name, extension: name, schema, ...pinned },
          phase: 'create',
          loses: [],
        },
      ],
      [seenFact(['extension', resource.name, name, 'version'], undefined)],
    );
  }
  if (version === undefined) return refuse('INADMISSIBLE', 'no version is declared');
  return propose(
    [
      {
        write: { kind: 'extension-update', database: resource.name, extension: name, version },
        phase: 'limit',
        loses: [],
      },
    ],
    [seenFact(['extension', resource.name, name, 'version'], actual.data.version)],
  );
}
