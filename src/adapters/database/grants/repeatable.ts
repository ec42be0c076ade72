import { OperationError } from '../../../core/model/operation-error.ts';
import { quoteIdentifier, quoteLiteral } from '../postgres/statements/quote.ts';

const TAG = '$kedge$';

function renderDo(body: string): string {
  if (body.includes(TAG))
    throw new OperationError('NAME_REFUSED', `cannot print ${body}: it holds ${TAG}`, { retry: 'no' });
  return `DO ${TAG} BEGIN ${body} END ${TAG};`;
}

/** Makes a role, or gives the attributes to the one that is there. */
export function makeRole(name: string, attributes: string): readonly string[] {
  const role = quoteIdentifier(name);
  return [
    renderDo(`CREATE ROLE ${role}; EXCEPTION WHEN duplicate_object THEN NULL;`),
    `ALTER ROLE ${role} ${attributes};`,
  ];
}

/** A statement about a role that may not be there yet. */
export function whereRoleIs(name: string, statement: string): string {
  return renderDo(`IF EXISTS (SELECT FROM pg_roles WHERE rolname = ${quoteLiteral(name)}) THEN ${statement} END IF;`);
}

/** A statement about a database that may not be there yet. */
export function whereDatabaseIs(name: string, statement: string): string {
  return renderDo(
    `IF EXISTS (SELECT FROM pg_database WHERE datname = ${quoteLiteral(name)}) THEN ${statement} END IF;`,
  );
}

/** One of two statements about a role that may not be there yet, by the version of the server: each is parsed only where it runs. */
export function byVersion(
  name: string,
  statements: { readonly since: number; readonly newer: string; readonly older: string },
): string {
  const { since, newer, older } = statements;
  const execute = (statement: string): string => `EXECUTE ${quoteLiteral(statement.replace(/;$/, ''))};`;
  return whereRoleIs(
    name,
    `IF current_setting('server_version_num')::int >= ${since * 10_000} THEN ${execute(newer)} ELSE ${execute(older)} END IF;`,
  );
}
