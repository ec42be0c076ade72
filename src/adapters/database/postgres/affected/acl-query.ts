import { ACL_FACTS, DEFAULT_ACL_FACTS, type AclKind } from '../statements/privilege.ts';
import { quoteLiteral } from '../statements/quote.ts';
import { targetKey, type AclTarget } from '../statements/target.ts';
import type { Subject } from './subject.ts';

type DefaultSubject = Extract<Subject, { readonly kind: 'default' }>;

/** Where the row of a target is: its table, the names of its columns, how it is found from `wanted`. */
interface AclSource {
  readonly catalog: string;
  readonly oid: string;
  readonly owner: string;
  readonly acl: string;
  readonly joins: string;
  /** The key of the target a row stands for, where one wanted row covers many. */
  readonly target?: string;
}

const inSchema = (catalog: string, columns: { readonly schema: string; readonly name: string }): string =>
  `JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema
JOIN pg_catalog.${catalog} c ON c.${columns.schema} = n.oid AND c.${columns.name} = wanted.name`;

const ARGUMENTS = `coalesce((SELECT jsonb_agg(jsonb_build_array(tn.nspname, t.typname) ORDER BY a.position)
  FROM unnest(c.proargtypes) WITH ORDINALITY AS a(type, position)
  JOIN pg_catalog.pg_type t ON t.oid = a.type JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace), '[]'::jsonb)`;

/** The same as the members of a target's arguments, in the order of its key. */
const ARGUMENT_OBJECTS = `coalesce((SELECT json_agg(json_build_object('schema', e.item -> 0, 'name', e.item -> 1))
  FROM jsonb_array_elements(${ARGUMENTS}) AS e(item)), '[]'::json)`;

const relation = (kinds: string): AclSource => ({
  catalog: 'pg_class',
  oid: 'c.oid',
  owner: 'c.relowner',
  acl: 'c.relacl',
  joins: `${inSchema('pg_class', { schema: 'relnamespace', name: 'relname' })} AND c.relkind IN (${kinds})`,
});

const allRelations = (kind: 'table' | 'sequence', kinds: string): AclSource => ({
  ...relation(kinds),
  joins: `JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relkind IN (${kinds})`,
  target: `json_build_array(pg_catalog.current_database(), '${kind}', c.relname, n.nspname)::text`,
});

const TABLE_KINDS = `'r', 'v', 'm', 'f', 'p'`;

const SOURCES: Readonly<Record<AclKind, AclSource>> = {
  'all-tables': allRelations('table', TABLE_KINDS),
  'all-sequences': allRelations('sequence', `'S'`),
  'all-functions': {
    catalog: 'pg_proc',
    oid: 'c.oid',
    owner: 'c.proowner',
    acl: 'c.proacl',
    joins: `JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema JOIN pg_catalog.pg_proc c ON c.pronamespace = n.oid`,
    target: `json_build_array(${ARGUMENT_OBJECTS}, pg_catalog.current_database(), 'function', c.proname, n.nspname)::text`,
  },
  table: relation(TABLE_KINDS),
  sequence: relation(`'S'`),
  database: {
    catalog: 'pg_database',
    oid: 'c.oid',
    owner: 'c.datdba',
    acl: 'c.datacl',
    joins: 'JOIN pg_catalog.pg_database c ON c.datname = wanted.name',
  },
  schema: {
    catalog: 'pg_namespace',
    oid: 'c.oid',
    owner: 'c.nspowner',
    acl: 'c.nspacl',
    joins: 'JOIN pg_catalog.pg_namespace c ON c.nspname = wanted.schema',
  },
  function: {
    catalog: 'pg_proc',
    oid: 'c.oid',
    owner: 'c.proowner',
    acl: 'c.proacl',
    joins: `${inSchema('pg_proc', { schema: 'pronamespace', name: 'proname' })} AND ${ARGUMENTS} = wanted.arguments::jsonb`,
  },
  type: {
    catalog: 'pg_type',
    oid: 'c.oid',
    owner: 'c.typowner',
    acl: 'c.typacl',
    joins: inSchema('pg_type', { schema: 'typnamespace', name: 'typname' }),
  },
  tablespace: {
    catalog: 'pg_tablespace',
    oid: 'c.oid',
    owner: 'c.spcowner',
    acl: 'c.spcacl',
    joins: 'JOIN pg_catalog.pg_tablespace c ON c.spcname = wanted.name',
  },
  'large-object': {
    catalog: 'pg_largeobject_metadata',
    oid: 'c.oid',
    owner: 'c.lomowner',
    acl: 'c.lomacl',
    joins: 'JOIN pg_catalog.pg_largeobject_metadata c ON c.oid = wanted.name::oid',
  },
  parameter: {
    catalog: 'pg_parameter_acl',
    oid: 'c.oid',
    owner: '10::oid',
    acl: 'c.paracl',
    joins: 'JOIN pg_catalog.pg_parameter_acl c ON c.parname = lower(wanted.name)',
  },
};

function nameOf(target: AclTarget): string {
  if (target.kind === 'database') return target.database;
  if (target.kind === 'large-object') return target.oid;
  return 'name' in target ? target.name : '';
}

function wantedRow(target: AclTarget): string {
  const schema = 'schema' in target ? target.schema : '';
  const argumentTypes =
    target.kind === 'function' ? JSON.stringify(target.arguments.map((type) => [type.schema, type.name])) : '[]';
  const texts = [targetKey(target), schema, nameOf(target), argumentTypes];
  return `(${texts.map((text) => `${quoteLiteral(text)}::text`).join(', ')})`;
}

const ENTRY_JOINS = `LEFT JOIN pg_catalog.pg_roles ge ON ge.oid = a.grantee LEFT JOIN pg_catalog.pg_roles gr ON gr.oid = a.grantor`;
const GRANTEE = `CASE WHEN a.grantee = 0 THEN '' ELSE coalesce(ge.rolname, '#' || a.grantee) END`;
const GRANTOR = `coalesce(gr.rolname, '#' || a.grantor)`;

function entryQuery(kind: AclKind, wanted: string): string {
  const source = SOURCES[kind];
  const target = source.target ?? 'wanted.target';
  const stamp = `'${source.catalog} ' || ${source.oid}, c.xmin::text`;
  const owner = `SELECT json_build_array('owner', ${target})::text, to_json(coalesce(o.rolname, '#' || ${source.owner}))::text, ${stamp}
FROM ${wanted} ${source.joins} LEFT JOIN pg_catalog.pg_roles o ON o.oid = ${source.owner}`;
  const entries = `SELECT json_build_array('acl', ${target}, '', ${GRANTEE}, ${GRANTOR}, a.privilege_type)::text, to_json(a.is_grantable)::text, ${stamp}
FROM ${wanted} ${source.joins}
CROSS JOIN LATERAL aclexplode(coalesce(${source.acl}, acldefault('${ACL_FACTS[kind].letter}', ${source.owner}))) AS a ${ENTRY_JOINS}`;
  if (kind !== 'table' && kind !== 'all-tables') return `${owner}\nUNION ALL\n${entries}`;
  const columns = `SELECT json_build_array('acl', ${target}, t.attname, ${GRANTEE}, ${GRANTOR}, a.privilege_type)::text, to_json(a.is_grantable)::text,
  'pg_attribute ' || c.oid || ' ' || t.attnum, t.xmin::text
FROM ${wanted} ${source.joins} JOIN pg_catalog.pg_attribute t ON t.attrelid = c.oid AND NOT t.attisdropped
CROSS JOIN LATERAL aclexplode(t.attacl) AS a ${ENTRY_JOINS}`;
  return `${owner}\nUNION ALL\n${entries}\nUNION ALL\n${columns}`;
}

/** Owner and every ACL entry, of columns too, of some targets; a target that is not there gives no row. */
export function aclQueries(targets: readonly AclTarget[]): readonly string[] {
  const kinds = [...new Set(targets.map((target) => target.kind))];
  return kinds.map((kind) => {
    const rows = targets.filter((target) => target.kind === kind).map(wantedRow);
    return entryQuery(kind, `(VALUES ${rows.join(', ')}) AS wanted(target, schema, name, arguments)`);
  });
}

/** The entries of default ACLs; one that is for all schemas starts from the server's own defaults. */
export function defaultAclQueries(subjects: readonly DefaultSubject[]): readonly string[] {
  return subjects.map((subject) => {
    const { letter, catalogLetter } = DEFAULT_ACL_FACTS[subject.objects];
    const schema = subject.schema ?? '';
    const texts = ['default', subject.database, subject.owner, schema, subject.objects].map(quoteLiteral).join(', ');
    const namespace =
      subject.schema === undefined
        ? '0::oid'
        : `(SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = ${quoteLiteral(schema)})`;
    const fallback = subject.schema === undefined ? `acldefault('${letter}', r.oid)` : `'{}'::aclitem[]`;
    return `SELECT json_build_array(${texts}, ${GRANTEE}, a.privilege_type)::text, to_json(a.is_grantable)::text, 'pg_default_acl ' || d.oid, d.xmin::text
FROM pg_catalog.pg_roles r
LEFT JOIN pg_catalog.pg_default_acl d ON d.defaclrole = r.oid AND d.defaclnamespace = ${namespace} AND d.defaclobjtype = '${catalogLetter}'
CROSS JOIN LATERAL aclexplode(coalesce(d.defaclacl, ${fallback})) AS a ${ENTRY_JOINS}
WHERE r.rolname = ${quoteLiteral(subject.owner)}`;
  });
}
